"""The documentation is true: pages are done as they are read, links lead somewhere, and nothing is undocumented."""

from __future__ import annotations

import gc
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

import servestatic
from docs.generate import errors as errors_reference
from docs.generate import request_modules
from servestatic import errors
from servestatic.migration.predecessors import ARCHMONGER_SETTINGS
from servestatic.serving.compression.coders import codings
from servestatic.settings.model import Settings
from tests.support.console import Session, commands, environment
from tests.support.files import write
from tests.support.framework_sites import Site
from tests.support.pages import DOCS, PAGES, ROOT, anchors, blocks, links, place, prose
from tests.test_exported_names import NAMES, PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOW_TO = DOCS / "how-to"
FILES = {
    "static/css/app.css": "own {}\n",
    "public/css/app.css": "body { color: navy }\n",
    "public/index.html": '<!doctype html>\n<link rel="stylesheet" href="/css/app.css">\n',
}
Names = dict[str, Any]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        pytest.skip("needs curl and bash")
    write(tmp_path, FILES)
    monkeypatch.chdir(tmp_path)
    session = Session(tmp_path)
    yield session
    session.close()


# ------------------------------------------------------------------------------------------ pages that are done


def serves(*, is_asgi: bool) -> Callable[[Names], None]:
    """The application that a snippet makes serves a file."""

    def check(names: Names) -> None:
        answer = Site(names["app"], is_asgi=is_asgi).ask("/static/css/app.css")
        assert (answer.status, answer.fields["cache-control"]) == (200, "max-age=60")

    return check


def check_django(names: Names) -> None:
    """Django finds nothing wrong with settings that are these; the three dots of the front page are no app."""
    kept = ("INSTALLED_APPS", "MIDDLEWARE", "STORAGES", "STATIC_URL")
    lines = [f"{name} = {without_dots(names[name])!r}\n" for name in kept if name in names]
    text = "SECRET_KEY = 'x' * 50 + 'yz1_'\nSTATIC_URL = 'static/'\n" + "".join(lines)
    if "django.contrib.staticfiles" not in text:
        text += "INSTALLED_APPS = [*INSTALLED_APPS, 'django.contrib.staticfiles']\n"
    write(Path(), {"as_written.py": text})
    line = [sys.executable, "-m", "django", "check", "--settings", "as_written", "--tag", "servestatic"]
    done = subprocess.run(
        line, env={**environment(), "PYTHONPATH": f"{ROOT}:."}, capture_output=True, text=True, check=False
    )
    assert "no issues (0 silenced)" in done.stdout, done.stdout + done.stderr


def without_dots(value: Any) -> Any:
    return [each for each in value if each is not ...] if isinstance(value, list) else value


def check_nothing(_: Names) -> None:
    """What the snippet prints is compared with the block that follows it."""


def check_page_and_api(names: Names) -> None:
    site = Site(names["app"], is_asgi=True)
    assert site.ask("/api/users").text == '["Ada","Grace"]'
    assert "<title>Users" in site.ask("/users/3").text
    assert site.ask("/assets/main-4f0c2a1b.js").fields["cache-control"] == "max-age=31536000, immutable"


def check_gunicorn_settings(names: Names) -> None:
    """gunicorn knows them, and calls them so."""
    from gunicorn.config import Config  # type: ignore[import-untyped] # it has no types

    config = Config()
    for name in ("preload_app", "pre_fork"):
        config.set(name, names[name])
    try:
        config.pre_fork(None, None)
        assert gc.get_freeze_count()
    finally:
        gc.unfreeze()


def check_source(names: Names) -> None:
    index = names["index"]
    assert len(index)
    for name in index:
        assert index.get(index.url(name)) is not None


def check_around(names: Names) -> None:
    """The index that the application serves has the files."""
    check_source({"index": names["app"].index})


def check_migrated(names: Names) -> None:
    """The application of the page stands in front of another one."""
    assert names["app"].index.get("/static/css/app.css") is not None


WSGI, ASGI = serves(is_asgi=False), serves(is_asgi=True)
# Pages, with a check for each Python block that is run.
CHECKS: dict[str, tuple[Callable[[Names], None], ...]] = {
    "README.md": (WSGI, ASGI, check_django, check_around),
    "docs/index.md": (WSGI, ASGI, check_django, ASGI),
    "docs/tutorial/index.md": (),
    "docs/how-to/codings.md": (check_nothing,),
    "docs/how-to/from-django-storages.md": (check_django, check_django),
    "docs/how-to/from-whitenoise.md": (check_migrated,),
    "docs/how-to/header-rules.md": (check_source, check_nothing),
    "docs/how-to/heroku.md": (check_gunicorn_settings,),
    "docs/how-to/own-source.md": (check_source, check_source),
    "docs/how-to/plain-folder.md": (),
    "docs/how-to/report.md": (),
    "docs/how-to/single-page.md": (check_page_and_api,),
    "docs/how-to/site-root.md": (check_source,),
}
# Pages whose snippets other tests take.
ELSEWHERE = {
    "cdn": "tests/acceptance/caches",
    "nginx": "tests/acceptance/caches",
    "flask": "tests/frameworks/test_how_to.py",
    "jinja": "tests/frameworks/test_how_to.py",
    "litestar": "tests/frameworks/test_how_to.py",
    "quart": "tests/frameworks/test_how_to.py",
    "starlette": "tests/frameworks/test_how_to.py",
}
# Pages whose commands want a project of Django's, or Heroku; `migrate` and the dynos have tests of their own.
WITHOUT_COMMANDS = {f"docs/how-to/{name}.md" for name in ("from-django-storages", "from-whitenoise", "heroku")}
# What a page takes for granted.
GIVEN: dict[str, Names] = {"docs/how-to/from-whitenoise.md": {"app": print}}


@pytest.mark.parametrize("page", CHECKS)
def test_a_page_as_it_is_read(page: str, session: Session) -> None:
    checked: list[int] = []

    def check(number: int, names: Names) -> None:
        CHECKS[page][number](names)
        checked.append(number)

    session.names.update(GIVEN.get(page, {}))
    assert session.follow(ROOT / page, check, with_commands=page not in WITHOUT_COMMANDS)
    assert len(checked) == len(CHECKS[page])


def test_every_how_to_with_python_is_done_somewhere() -> None:
    done = {place(HOW_TO / f"{name}.md") for name in ELSEWHERE} | set(CHECKS)
    for page in HOW_TO.glob("*.md"):
        if any(block.language == "python" for block in blocks(page)):
            assert place(page) in done or is_done_in_another_test(page), f"no test runs the snippets of {place(page)}"


def is_done_in_another_test(page: Path) -> bool:
    """Tell whether a test other than this one names a page."""
    others = (test for test in (ROOT / "tests").rglob("test_*.py") if test.name != "test_docs.py")
    name = re.compile(rf"""["'/]{re.escape(page.stem)}(?:\.md)?["']""")
    return any("how-to" in (text := test.read_text("utf-8")) and name.search(text) for test in others)


@pytest.mark.parametrize("name", ELSEWHERE)
def test_the_other_test_names_the_page(name: str) -> None:
    there = ROOT / ELSEWHERE[name]
    texts = [test.read_text("utf-8") for test in (there.rglob("*.py") if there.is_dir() else [there])]
    assert any("how-to" in text and re.search(rf"\b{name}\b", text) for text in texts)


# ------------------------------------------------------------------------------------------------------- links


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_links(page: Path) -> None:
    """Every link of a page leads to a file that is there, and to a heading of it."""
    for target in links(page):
        name, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            assert target.startswith("https://"), target
            continue
        linked = (page.parent / unquote(name)).resolve() if name else page
        assert linked.is_file(), f"{place(page)}: {target} is no file"
        assert not anchor or anchor in anchors(linked), f"{place(page)}: {target} is no heading"


def test_every_page_is_in_the_contents() -> None:
    """A page is in one table of contents of its folder, or is one of the examples."""
    for page in DOCS.rglob("*.md"):
        if "examples" in page.relative_to(DOCS).parts or "_build" in page.parts or page.stem == "index":
            continue
        listed = [
            line.strip().rstrip("?")
            for other in page.parent.glob("*.md")
            for block in blocks(other)
            if block.language == "{toctree}"
            for line in block.text.splitlines()
        ]
        assert listed.count(page.stem) == 1, f"{place(page)} is in {listed.count(page.stem)} tables of contents"


# -------------------------------------------------------------------------------------- nothing is undocumented

API = (DOCS / "reference/api.md").read_text("utf-8")


@pytest.mark.parametrize("name", [f"{module}.{name}" for module, names in NAMES.items() for name in names])
def test_every_public_name_is_documented(name: str) -> None:
    last = name.rpartition(".")[2]
    if hasattr(errors, last):
        assert f"\n## {last}\n" in errors_reference.PAGE.read_text("utf-8")
    elif last in ("app", "wsgi_app", "rsgi_app"):
        assert f"`{name}`" in API
    else:
        assert re.search(rf"^\.\. auto\w+:: {re.escape(name)}(\(\))?$", API, re.MULTILINE), name


@pytest.mark.parametrize("name", [name for name in PARAMETERS if name.startswith("servestatic.Index.")])
def test_every_method_of_the_index_is_documented(name: str) -> None:
    members = re.search(r"autoclass:: servestatic\.Index\(\)\n +:members: (.*)", API)
    assert members
    assert name.rpartition(".")[2] in members[1].split(", ")


def test_the_level_of_zstd_is_what_the_coder_has() -> None:
    """In every page, and in what `migrate` says of the setting that is gone."""
    coder = next(each.coder for each in codings() if each.name == "zstd")
    level = re.search(r"level (\d+)", coder)
    assert level
    texts = [page.read_text("utf-8") for page in PAGES if page.name != "codings.md" or page.parent.name == "how-to"]
    texts += [each.why for each in ARCHMONGER_SETTINGS if each.name == "ZSTD_LEVEL"]
    said = {number for text in texts for number in re.findall(r"zstd,? (?:level )?(\d+)", text)}
    assert said == {level[1]}


def test_errors_are_current() -> None:
    expected = errors_reference.render()
    assert errors_reference.PAGE.read_text("utf-8") == expected, "run: python -m docs.generate.errors"


@pytest.mark.parametrize("setting", Settings._fields)
def test_every_setting_that_a_page_names_exists(setting: str) -> None:
    """And the other way round: no page names a variable that is no setting of ours."""
    variable = f"SERVESTATIC_{setting.upper()}"
    assert variable in (DOCS / "reference/settings.md").read_text("utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if "from-" not in page.name], ids=place)
def test_variables_are_settings(page: Path) -> None:
    known = {f"SERVESTATIC_{name.upper()}" for name in Settings._fields}
    named = set(re.findall(r"SERVESTATIC_[A-Z_]*[A-Z]", page.read_text("utf-8")))
    assert named <= known


@pytest.mark.parametrize("page", PAGES, ids=place)
def test_commands_exist(page: Path) -> None:
    """What stands behind `servestatic` in a console is a command."""
    import click

    from servestatic.cli.application import servestatic as program

    assert isinstance(program, click.Group)
    for block in blocks(page):
        if block.language == "console":
            for command, _ in commands(block.text):
                if found := re.match(r"(?:[A-Z_]+=\S+ )*servestatic ([a-z]\w*)", command):
                    assert found[1] in program.commands, f"{place(page)}:{block.line}: {command}"


# ------------------------------------------------------------------------------------------- the architecture


def test_the_architecture_names_every_module() -> None:
    """Its table of folders has each module at the top of the package, and nothing that is not there."""
    text = (DOCS / "explanation/architecture.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \|", text.partition("## The folders")[2].partition("\n## ")[0], re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    package = next(iter(servestatic.__path__))
    there = {f"{each.name}/" if each.is_dir() else each.name for each in Path(package).iterdir()}
    there = {name for name in there if name.endswith((".py", "/")) and name not in ("__pycache__/", "__init__.py")}
    assert {name for name in named if name.count("/") < 2} == there
    for name in named - there:
        assert (Path(package) / name).is_dir(), name


def test_modules_that_the_architecture_names_exist() -> None:
    text = (DOCS / "explanation/architecture.md").read_text("utf-8")
    package = next(iter(servestatic.__path__))
    names = {each.relative_to(package).as_posix() for each in Path(package).rglob("*.py")}
    for written in re.findall(r"`([\w/]+\.py)`", text):
        assert written.startswith("tests/") or any(f"/{name}".endswith(f"/{written}") for name in names), written


def test_prose_names_no_machine() -> None:
    for page in PAGES:
        assert not re.search(r"/(?:work|root|home/\w+|tmp)/", prose(page)), place(page)


def test_the_modules_of_a_request_are_current() -> None:
    """`python -m docs.generate.request_modules` writes them; in a process of its own, where nothing has run before."""
    render = "import sys; from docs.generate import request_modules as page; sys.stdout.write(page.render(sys.argv[1]))"
    text = request_modules.PAGE.read_text("utf-8")
    command = [sys.executable, "-X", "utf8", "-c", render, text]
    assert subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout == text
