"""`migrate --verify` on projects with WhiteNoise itself: what it says is so, and nothing of the project changes."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from servestatic.migration.source import MigrationError
from servestatic.migration.verify.project import Django, locate
from tests.support.command import Done, command
from tests.support.files import write

MANAGE = 'import os\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.production")\n'
BASE = """
from pathlib import Path
BASE_DIR = Path(__file__).parents[1]
SECRET_KEY = "x"
INSTALLED_APPS = ["whitenoise.runserver_nostatic", "django.contrib.staticfiles"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
]
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "collected"
STATICFILES_DIRS = [BASE_DIR / "assets"]
WHITENOISE_ROOT = BASE_DIR / "root"
"""
STORAGES = 'STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}\n'
FILES: dict[str, str | bytes] = {
    "manage.py": MANAGE,
    "config/__init__.py": "",
    "config/base.py": BASE,
    "config/production.py": f"from config.base import *\n{STORAGES}",
    "assets/shop/app.css": '@import "base.css";\na { background: url(img/rose.svg) }\n' + "b{}" * 99,
    "assets/shop/base.css": "b { color: red }",
    "assets/shop/app.js": 'import { f } from "./lib.js";\nf(new URL("img/rose.svg", import.meta.url));\n',
    "assets/shop/lib.js": "export function f(x) { console.log(x) }",
    "assets/shop/img/rose.svg": "<svg/>",
    "assets/shop/page.html": "<link rel=stylesheet href=app.css>",
    "assets/shop/app.webmanifest": "{}",
    "root/robots.txt": "User-agent: *",
}
OWN_HEADERS = "def own(headers, path, url): headers['X-Own'] = '1'\nWHITENOISE_ADD_HEADERS_FUNCTION = own\n"
OTHER_SERVESTATIC = "# We had whitenoise.\n" + BASE.replace("whitenoise", "servestatic").replace(
    "WhiteNoise", "ServeStatic"
)


def make(folder: Path, **files: str) -> Path:
    """Write a project; `base` and `production` replace these modules."""
    return write(folder, FILES | {f"config/{name}.py": text for name, text in files.items()})


def read_tree(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def verify(project: Path, *arguments: str) -> tuple[Done, Any]:
    done = command(project, "migrate", ".", "--verify", "--json", *arguments)
    return done, json.loads(done.out)["verified"] if done.out else None


def git(project: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    subprocess.run(["git", *identity, *arguments], cwd=project, check=True, capture_output=True)


def test_a_usual_project_is_explained_and_unchanged(tmp_path: Path) -> None:
    before = read_tree(make(tmp_path))
    done, verified = verify(tmp_path)
    assert (done.code, verified["explained"]) == (0, True), done.out + done.err
    assert read_tree(tmp_path) == before
    assert verified["old"]["storage"] == "whitenoise.storage.CompressedManifestStaticFilesStorage"
    assert verified["new"]["middleware"] == "servestatic.django.middleware.ServeStaticMiddleware"
    by_kind = {
        what: names for what, names in _names_by_kind(verified).items() if what in ("URL", "bytes", "Content-Type")
    }
    shop = {name.removeprefix("assets/") for name in FILES if name.startswith("assets/")}
    assert by_kind == {
        "URL": shop,
        "bytes": {"shop/app.css", "shop/app.js", "shop/page.html"},
        "Content-Type": {"shop/app.webmanifest"},
    }
    assert verified["old"]["files"].keys() == verified["new"]["files"].keys() == {*shop, "/robots.txt"}
    assert all(answer["status"] == 200 for answer in verified["new"]["files"].values())


def _names_by_kind(verified: Any) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for reason in verified["reasons"]:
        found.setdefault(reason["what"], set()).update(each["name"] for each in reason["differences"])
    return found


def test_what_is_lost_is_not_explained(tmp_path: Path) -> None:
    make(tmp_path, base=BASE + OWN_HEADERS)
    done = command(tmp_path, "migrate", ".", "--verify")
    assert done.code == 1
    first, second, third, *others = done.out.splitlines()
    assert first == "Not explained:"
    assert second == "     8  X-Own: Only the old settings send it, or send this value. Move it to SERVESTATIC_HEADERS."
    assert third == "        /robots.txt: 1 → –"
    assert "Explained:" in others
    assert others[-1] == f"8 files compared, 8 differences not explained ({len(others) // 2} reasons)."


def test_plain_names_of_an_old_storage(tmp_path: Path) -> None:
    """Without Manifest storage or middleware, as where nginx serves: URLs and bytes are compared, fields are not."""
    base = BASE.replace('    "whitenoise.middleware.WhiteNoiseMiddleware",\n', "").replace("whitenoise.r", "no.r")
    base = base.replace('"no.runserver_nostatic", ', "").replace("WHITENOISE_ROOT", "UNUSED")
    make(tmp_path, base=base, production="from config.base import *\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "old")
    ours = base.replace("MIDDLEWARE = [", 'MIDDLEWARE = ["servestatic.django.ServeStaticMiddleware",')
    ours += 'STORAGES = {"staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"}}\n'
    make(tmp_path, base=ours, production="from config.base import *\n")
    done, verified = verify(tmp_path)
    assert done.code == 0, done.out + done.err
    assert verified["old"]["middleware"] == ""
    assert {reason["what"] for reason in verified["reasons"]} == {"URL", "bytes"}


def test_after_the_edits_the_old_settings_are_those_of_git(tmp_path: Path) -> None:
    make(tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "old")
    assert command(tmp_path, "migrate", ".", "--write").code == 0
    done, verified = verify(tmp_path)
    assert (done.code, verified["old"]["middleware"]) == (0, "whitenoise.middleware.WhiteNoiseMiddleware")
    git(tmp_path, "commit", "-qam", "new")
    done, _ = verify(tmp_path)
    assert (done.code, "--since COMMIT" in done.err) == (2, True)
    assert verify(tmp_path, "--since", "HEAD~1")[0].code == 0


def test_written_and_compared_at_once(tmp_path: Path) -> None:
    done = command(make(tmp_path), "migrate", "config.production", "--write", "--verify")
    assert done.code == 0, done.err
    assert "config/base.py: 3 changes written" in done.out
    assert done.out.splitlines()[-1].startswith("8 files compared, every difference is explained (")
    assert "servestatic.django" in (tmp_path / "config/base.py").read_text()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"base": OTHER_SERVESTATIC, "production": "from config.base import *"},
            ("The old settings need servestatic.", "--old-python old/bin/python"),
        ),
        ({"base": BASE + "import flowers\n"}, ("The old settings need flowers", "in the environment of the project")),
        ({"base": BASE + "raise OSError('no rain')\n"}, ("does not run with the old settings: OSError: no rain",)),
        ({"base": BASE + "raise SystemExit('sunset')\n"}, ("ended early with the old settings: sunset",)),
        (
            {"production": "from config.base import *\n" + STORAGES.replace("whitenoise", "config")},
            ("the old settings have the storage", "config.storage"),
        ),
    ],
)
def test_what_cannot_be_compared(files: dict[str, str], said: tuple[str, ...], tmp_path: Path) -> None:
    make(tmp_path, **files)
    write(tmp_path, {"config/storage.py": REMOTE})
    done, _ = verify(tmp_path)
    assert (done.code, done.out) == (2, "")
    assert all(part.lower() in done.err.lower() for part in said), done.err


REMOTE = """
from django.core.files.storage import Storage
class CompressedManifestStaticFilesStorage(Storage):
    def _save(self, name, content):
        raise AssertionError("nothing may be uploaded")
"""


def test_an_interpreter_that_does_not_exist(tmp_path: Path) -> None:
    done, _ = verify(make(tmp_path), "--old-python", "old/bin/python")
    assert (done.code, "old/bin/python is not an interpreter." in done.err) == (2, True)


# ------------------------------------------------------------------------------------------------------- the project


@pytest.mark.parametrize("target", [".", "config", "config.production", "config/production.py"])
def test_the_project_is_found(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(make(tmp_path))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    assert locate(target, [Path()]) == Django(tmp_path, "config.production")


def test_the_environment_names_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.base")
    assert locate(str(make(tmp_path)), []) == Django(tmp_path, "config.base")


def test_a_folder_without_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE", raising=False)
    with pytest.raises(MigrationError, match="Name the settings module in place of the folder"):
        locate(str(tmp_path), [])
