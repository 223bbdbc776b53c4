"""`migrate`: settings as people write them are converted, run, and say the same as before; nothing is lost unsaid."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple

import pytest

from servestatic.migration import convert
from servestatic.migration.predecessors import ARCHMONGER, ARCHMONGER_SETTINGS, BY_NAME, WHITENOISE, WHITENOISE_SETTINGS
from servestatic.migration.source import SourceFile, TextEdit, apply
from servestatic.settings.origins import django_settings, resolve
from tests.support.command import call
from tests.support.files import write

SECURITY = "django.middleware.security.SecurityMiddleware"
COMMON = "django.middleware.common.CommonMiddleware"
FILES = "django.core.files.storage.FileSystemStorage"
APP, MIDDLEWARE, STORAGE = (
    f"servestatic.django{name}" for name in ("", ".ServeStaticMiddleware", ".ServeStaticStorage")
)
STORAGES = {"default": {"BACKEND": FILES}, "staticfiles": {"BACKEND": STORAGE}}
PLAIN = f"""
    from pathlib import Path
    BASE_DIR = Path("/srv/app")
    DEBUG = False
    INSTALLED_APPS = [
        "django.contrib.admin",
        "django.contrib.staticfiles",
        "shop",
    ]
    MIDDLEWARE = [
        "{SECURITY}",
        "{COMMON}",
    ]
    STATIC_URL = "/static/"
"""


class Project(NamedTuple):
    """Files before; what the settings of the last are after; and what each decision speaks of."""

    files: dict[str, str]
    expected: dict[str, Any]
    decisions: tuple[str, ...] = ()


PROJECTS = {
    "the documentation's": Project(
        {
            "settings.py": f"""
                from pathlib import Path
                BASE_DIR = Path("/srv/app")
                INSTALLED_APPS = [
                    "django.contrib.admin",
                    "whitenoise.runserver_nostatic",
                    "django.contrib.staticfiles",
                ]
                MIDDLEWARE = [
                    # ...
                    "{SECURITY}",
                    "whitenoise.middleware.WhiteNoiseMiddleware",  # serves
                    "{COMMON}",
                ]
                STATIC_URL = "static/"
                STATIC_ROOT = BASE_DIR / "staticfiles"
                STORAGES = {{
                    # ...
                    "staticfiles": {{
                        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
                    }},
                }}
            """
        },
        {
            "INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "STORAGES": STORAGES,
        },
    ),
    "production over base, Django 3": Project(
        {
            "base.py": PLAIN,
            "production.py": """
                from base import *
                INSTALLED_APPS.extend(["whitenoise.runserver_nostatic"])
                # Must insert after SecurityMiddleware
                MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
                DEFAULT_FILE_STORAGE = 'storages.backends.s3boto3.S3Boto3Storage'
                STATICFILES_STORAGE = "whitenoise.storage.CompressedManifestStaticFilesStorage"
                WHITENOISE_ROOT = BASE_DIR / "frontend" / "root"
            """,
        },
        {
            "INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles", "shop"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "STORAGES": {**STORAGES, "default": {"BACKEND": "storages.backends.s3boto3.S3Boto3Storage"}},
            "DEFAULT_FILE_STORAGE": None,
            "STATICFILES_STORAGE": None,
            "WHITENOISE_ROOT": None,
            "SERVESTATIC_ROOT": Path("/srv/app/frontend/root"),
        },
    ),
    "everything under a condition": Project(
        {
            "settings.py": PLAIN
            + """
    if not DEBUG:
        MIDDLEWARE = [MIDDLEWARE[0], 'whitenoise.middleware.WhiteNoiseMiddleware', *MIDDLEWARE[1:]]
        STATICFILES_STORAGE = 'whitenoise.storage.CompressedStaticFilesStorage'
    if not DEBUG:
        WHITENOISE_USE_FINDERS = True; WHITENOISE_AUTOREFRESH = DEBUG
        WHITENOISE_MANIFEST_STRICT = False  # no crash
    else:
        WHITENOISE_MAX_AGE = 0
    """
        },
        {"MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON], "STORAGES": STORAGES, "WHITENOISE_USE_FINDERS": None},
    ),
    "every setting": Project(
        {
            "settings.py": PLAIN
            + """
    import os
    MIDDLEWARE += ["whitenoise.middleware.WhiteNoiseMiddleware"]
    STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}}
    WHITENOISE_MAX_AGE: int = int(os.environ.get('WHITENOISE_MAX_AGE', str(60*60)))
    WHITENOISE_INDEX_FILE = True
    WHITENOISE_ALLOW_ALL_ORIGINS = False
    WHITENOISE_STATIC_PREFIX = "/assets"
    WHITENOISE_CHARSET = 'utf-8'
    WHITENOISE_AUTOREFRESH = os.environ.get("RELOAD") == "1"
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_KEEP_ONLY_HASHED_FILES = True
    WHITENOISE_MANIFEST_STRICT = False
    WHITENOISE_ROOT = None
    WHITENOISE_ADD_HEADERS_FUNCTION = None
    WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
        "jpg", "png",  # etc.
    )
    WHITENOISE_MIMETYPES = {
        ".webmanifest": "application/manifest+json",
        ".m3u8": "application/x-mpegURL",
        "feed": "application/rss+xml",
    }
    """
        },
        {
            "SERVESTATIC_MAX_AGE": 3600,
            "SERVESTATIC_INDEX_FILE": "index.html",
            "SERVESTATIC_CORS": "off",
            "SERVESTATIC_ROOT": None,
            "SERVESTATIC_PREFIX": "/assets",
            "SERVESTATIC_HEADERS": {
                "*.m3u8": {"Content-Type": "application/x-mpegURL"},
                "feed": {"Content-Type": "application/rss+xml"},
            },
        },
    ),
    "what a person has to decide": Project(
        {
            "settings.py": PLAIN
            + """
    MIDDLEWARE += ["whitenoise.middleware.WhiteNoiseMiddleware"]
    STORAGES = {"default": {}, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage",
        "OPTIONS": {"manifest_strict": False, "location": "/x"}}}
    WHITENOISE_MAX_AGE = None
    WHITENOISE_MANIFEST_STRICT = not DEBUG
    WHITENOISE_AUTOREFRESH = True
    WHITENOISE_CHARSET = "latin-1"
    WHITENOISE_MIMETYPES = dict(a="b")
    WHITENOISE_INDEX_FILE = NAME = "home.html"
    WHITENOISE_IGNORE_CONTENT_TYPE = ["webp"]
    def immutable(path, url):
        return "-" in url
    WHITENOISE_IMMUTABLE_FILE_TEST = immutable
    def add(headers, path, url):
        if WHITENOISE_IMMUTABLE_FILE_TEST(path, url):
            headers["X"] = "1"
    WHITENOISE_ADD_HEADERS_FUNCTION = add
    """
        },
        {"SERVESTATIC_MAX_AGE": None, "WHITENOISE_AUTOREFRESH": None, "WHITENOISE_MANIFEST_STRICT": None},
        (
            "manifest_strict",
            "WHITENOISE_MANIFEST_STRICT",
            "WHITENOISE_AUTOREFRESH",
            "WHITENOISE_CHARSET",
            "WHITENOISE_MIMETYPES",
            "WHITENOISE_INDEX_FILE",
            "WHITENOISE_IGNORE_CONTENT_TYPE",
            "WHITENOISE_IMMUTABLE_FILE_TEST",
            "WHITENOISE_ADD_HEADERS_FUNCTION",
        ),
    ),
    "a setting by name only": Project(
        {
            "settings.py": PLAIN
            + """
    BACKEND = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    )
    STORAGES = {"default": {"BACKEND": "x"}, "staticfiles": {"BACKEND": BACKEND}}
    if 'whitenoise.middleware.WhiteNoiseMiddleware' not in MIDDLEWARE:
        MIDDLEWARE.insert(1, 'whitenoise.middleware.WhiteNoiseMiddleware')
    """
        },
        {"BACKEND": STORAGE, "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON]},
    ),
    "classes of settings": Project(
        {
            "settings.py": f"""
                class Base:
                    INSTALLED_APPS = ("django.contrib.staticfiles", "shop")
                    MIDDLEWARE = ("{SECURITY}", "whitenoise.middleware.WhiteNoiseMiddleware", "{COMMON}")
                    STATIC_URL = "/static/"
                class Production(Base):
                    WHITENOISE_KEEP_ONLY_HASHED_FILES = True
                INSTALLED_APPS, MIDDLEWARE = Production.INSTALLED_APPS, Production.MIDDLEWARE
                STORAGES = getattr(Production, "STORAGES", None)
            """
        },
        {
            "INSTALLED_APPS": (APP, "django.contrib.staticfiles", "shop"),
            "MIDDLEWARE": (SECURITY, MIDDLEWARE, COMMON),
        },
        ("STORAGES",),
    ),
    "local settings with the app, as cookiecutters make them": Project(
        {
            "base.py": PLAIN
            + """
    MIDDLEWARE = [MIDDLEWARE[0], "whitenoise.middleware.WhiteNoiseMiddleware", *MIDDLEWARE[1:]]
    """,
            "local.py": """
                from base import *
                INSTALLED_APPS = ["whitenoise.runserver_nostatic", *INSTALLED_APPS]
            """,
        },
        {"INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles", "shop"], "STORAGES": STORAGES},
    ),
    "an app that is added by a call": Project(
        {
            "settings.py": PLAIN
            + """
    INSTALLED_APPS.insert(
        INSTALLED_APPS.index("django.contrib.staticfiles") + 1,
        "whitenoise.runserver_nostatic",
    )
    MIDDLEWARE.insert(1, "whitenoise.middleware.WhiteNoiseMiddleware")
    """
        },
        {"INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles", "shop"], "STORAGES": STORAGES},
    ),
    "django-heroku": Project(
        {
            "settings.py": PLAIN
            + """
    import sys, types
    called = {}
    django_heroku = types.SimpleNamespace(settings=lambda config, **given: called.update(given))
    django_heroku.settings(locals(), logging=False)
    """
        },
        {
            "called": {"logging": False, "staticfiles": False},
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles", "shop"],
            "STORAGES": STORAGES,
        },
    ),
    "values in parentheses, over several lines": Project(
        {
            "settings.py": f"""
                import os
                DEBUG = False
                INSTALLED_APPS = [
                    (
                        "whitenoise.runserver_nostatic"
                    ),
                    ("django.contrib.staticfiles"),
                ]
                MIDDLEWARE = [
                    (
                        "{SECURITY}"
                    ),
                    "{COMMON}",
                ]
                STATIC_URL = "/static/"
                WHITENOISE_MAX_AGE: int = (
                    60
                    + 2  # a minute, and a little
                )
                WHITENOISE_STATIC_PREFIX = (
                    "/assets"
                    "/shop/"
                )
                WHITENOISE_ALLOW_ALL_ORIGINS = (
                    os.environ.get("NO_SUCH_VARIABLE")
                    or DEBUG
                )
                if not DEBUG:
                    WHITENOISE_INDEX_FILE = (
                        "home"
                        ".html"
                    )
                    WHITENOISE_MIMETYPES = (
                        {{".foo": "x/foo"}}
                    )
                    DEFAULT_FILE_STORAGE = (
                        "storages.backends"
                        ".s3.S3Storage"
                    )
                    STATICFILES_STORAGE = (
                        "whitenoise.storage.CompressedStaticFilesStorage"
                    )
            """
        },
        {
            "INSTALLED_APPS": [APP, "django.contrib.staticfiles"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "SERVESTATIC_MAX_AGE": 62,
            "SERVESTATIC_PREFIX": "/assets/shop/",
            "SERVESTATIC_CORS": "off",
            "SERVESTATIC_INDEX_FILE": "home.html",
            "SERVESTATIC_HEADERS": {"*.foo": {"Content-Type": "x/foo"}},
            "STORAGES": {**STORAGES, "default": {"BACKEND": "storages.backends.s3.S3Storage"}},
        },
    ),
    "apps in parentheses, after the list": Project(
        {
            "settings.py": f"""
                INSTALLED_APPS = ["django.contrib.staticfiles", ("shop"), ("whitenoise.runserver_nostatic")]
                MIDDLEWARE = [("{SECURITY}"), ("{COMMON}")]
                STATIC_URL = "/static/"
                GREETING = (
                    \"\"\"Welcome
                to the shop\"\"\"
                )
                WHITENOISE_INDEX_FILE = (\"\"\"home\"\"\"
                    ".html")
            """
        },
        {
            "INSTALLED_APPS": [APP, "django.contrib.staticfiles", "shop"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "SERVESTATIC_INDEX_FILE": "home.html",
            "STORAGES": STORAGES,
        },
    ),
    "the other ServeStatic": Project(
        {
            "settings.py": f"""
                DEBUG = False
                INSTALLED_APPS = [
                    *([] if DEBUG else ["servestatic.runserver_nostatic"]),
                    'django.contrib.staticfiles',
                ]
                MIDDLEWARE = [
                    "{SECURITY}",
                    *([] if DEBUG else ["servestatic.middleware.ServeStaticMiddleware"]),
                ]
                STORAGES = {{"default": {{"BACKEND": "{FILES}"}}, "staticfiles": {{
                    "BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"}}}}
                LOGGING = {{"loggers": {{"servestatic": {{"level": "DEBUG"}}}}}}
                SERVESTATIC_USE_MANIFEST = not DEBUG
                SERVESTATIC_USE_STATIC_ROOT = False
                SERVESTATIC_MAX_AGE = 5
                SERVESTATIC_INDEX_FILE = False
                SERVESTATIC_MINIFY = True
                SERVESTATIC_ALLOW_UNSAFE_SYMLINKS = True
                SERVESTATIC_ROOT = None
            """
        },
        {
            "INSTALLED_APPS": [APP, "django.contrib.staticfiles"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE],
            "STORAGES": STORAGES,
            "SERVESTATIC_MAX_AGE": 5,
            "SERVESTATIC_INDEX_FILE": None,
            "SERVESTATIC_FOLLOW_SYMLINKS": "all",
            "SERVESTATIC_ROOT": None,
            "LOGGING": {"loggers": {"servestatic": {"level": "DEBUG"}}},
        },
        ("SERVESTATIC_MINIFY",),
    ),
    "a list on one line, with its bare name": Project(
        {
            "settings.py": f"""
                INSTALLED_APPS = ['django.contrib.admin', 'servestatic', 'django.contrib.staticfiles', 'whitenoise']
                MIDDLEWARE = ['{SECURITY}', '{COMMON}']
                STATIC_URL = '/static/'
            """
        },
        {
            "INSTALLED_APPS": ["django.contrib.admin", APP, "django.contrib.staticfiles"],
            "MIDDLEWARE": [SECURITY, MIDDLEWARE, COMMON],
            "STORAGES": STORAGES,
        },
    ),
    "an order that does harm": Project(
        {
            "settings.py": f"""
                INSTALLED_APPS = ["{APP}", "django.contrib.staticfiles"]
                MIDDLEWARE = ["whitenoise.middleware.WhiteNoiseMiddleware", "{SECURITY}"]
                STATICFILES_STORAGE = "whitenoise.django.GzipManifestStaticFilesStorage"
                STORAGES = {{**globals().get("MORE", {{}}), "staticfiles": {{"BACKEND": "{STORAGE}"}}}}
            """
        },
        {"MIDDLEWARE": [MIDDLEWARE, SECURITY], "STATICFILES_STORAGE": STORAGE},
        ("SecurityMiddleware", "STORAGES is set too"),
    ),
    "odd bytes": Project(
        {
            "settings.py": f"""
                # -*- coding: latin-1 -*-
                NAME = "grün"; WHITENOISE_MAX_AGE = 3  # über
                INSTALLED_APPS = ["grün", "django.contrib.staticfiles"]
                MIDDLEWARE = ["ü", "{SECURITY}", "whitenoise.middleware.WhiteNoiseMiddleware"]
                STATIC_URL = "/ü/"
            """
        },
        {
            "NAME": "grün",
            "SERVESTATIC_MAX_AGE": 3,
            "INSTALLED_APPS": ["grün", APP, "django.contrib.staticfiles"],
            "MIDDLEWARE": ["ü", SECURITY, MIDDLEWARE],
            "STORAGES": STORAGES,
        },
    ),
}


def lay_out(folder: Path, files: dict[str, str], *, newline: str = "\n", encoding: str = "utf-8") -> None:
    for name, text in files.items():
        text = dedent(text).lstrip("\n")
        encoded = text.encode("latin-1" if "latin-1 -*-" in text else encoding)
        write(folder, {name: encoded.replace(b"\n", newline.encode())})


def run_settings(folder: Path, name: str) -> dict[str, Any]:
    """Run settings, those that they import with `*` first; what is left are the settings."""
    values: dict[str, Any] = {}
    source = (folder / name).read_bytes()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            values |= run_settings(folder, f"{node.module}.py")
    exec(compile(source.replace(b"from base import *", b""), name, "exec"), values)
    return values


@pytest.mark.parametrize(("newline", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig")], ids=["unix", "windows"])
@pytest.mark.parametrize("name", PROJECTS)
def test_projects(name: str, newline: str, encoding: str, tmp_path: Path) -> None:
    """The files are written, and run: they say what they should; a second run finds nothing more to write."""
    project = PROJECTS[name]
    lay_out(tmp_path, project.files, newline=newline, encoding=encoding)
    last = list(project.files)[-1]
    done = call(tmp_path, "migrate", last, "--write", "--json")
    said = [each["text"] for each in json.loads(done.out)["decisions"]]
    assert [each for each in project.decisions if not any(each in text for text in said)] == []
    assert (len(said), done.code, done.err) == (len(project.decisions), 1 if said else 0, ""), said
    values = run_settings(tmp_path, last)
    assert {key: values.get(key) for key in project.expected} == project.expected
    resolve(django_settings({key: value for key, value in values.items() if key.startswith("SERVESTATIC_")}))
    for file in project.files:
        data = (tmp_path / file).read_bytes()
        assert data.count(b"\r") == (data.count(b"\n") if newline == "\r\n" else 0)
    again = call(tmp_path, "migrate", last, "--json")
    assert json.loads(again.out)["files"] == []
    assert again.code == (1 if json.loads(again.out)["decisions"] else 0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", PROJECTS)
def test_the_diff_is_the_change(name: str, encoding: str, tmp_path: Path) -> None:
    """Git makes of it what --write writes; without --write nothing is touched."""
    project = PROJECTS[name]
    for folder in ("read", "written"):
        lay_out(tmp_path / folder, project.files, encoding=encoding)
    before = {file: (tmp_path / "read" / file).read_bytes() for file in project.files}
    last = list(project.files)[-1]
    read = call(tmp_path / "read", "migrate", last)
    assert {file: (tmp_path / "read" / file).read_bytes() for file in project.files} == before
    git_apply = ["git", "apply", "-p1", "--allow-empty"]
    subprocess.run(git_apply, cwd=tmp_path / "read", input=read.out.encode("utf-8", "surrogateescape"), check=True)
    assert call(tmp_path / "written", "migrate", last, "--write").code == read.code
    for file in project.files:
        assert (tmp_path / "read" / file).read_bytes() == (tmp_path / "written" / file).read_bytes()


def test_what_stands_elsewhere_stays(tmp_path: Path) -> None:
    """The diff touches no line but those of its subject."""
    lay_out(tmp_path, PROJECTS["the documentation's"].files)
    lines = call(tmp_path, "migrate", "settings.py").out.splitlines()
    changed = [line for line in lines if line[0] in "+-" and not line.startswith(("+++", "---"))]
    assert changed == [
        '-    "whitenoise.runserver_nostatic",',
        f'+    "{APP}",',
        '-    "whitenoise.middleware.WhiteNoiseMiddleware",  # serves',
        f'+    "{MIDDLEWARE}",  # serves',
        f'+    "default": {{"BACKEND": "{FILES}"}},',
        '-        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",',
        f'+        "BACKEND": "{STORAGE}",',
    ]


# ------------------------------------------------------------------------------------------------ wsgi and asgi

WSGI = """\
import os
{imported}

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
"""


@pytest.mark.parametrize(
    ("imported", "wrapped", "after", "decisions"),
    [
        ("from whitenoise.django import DjangoWhiteNoise", "application = DjangoWhiteNoise(application)\n", "", 0),
        (
            "from whitenoise import WhiteNoise",
            "application = WhiteNoise(application, root=settings.STATIC_ROOT)\n",
            "",
            0,
        ),
        (
            "from whitenoise import WhiteNoise",
            "app = WhiteNoise(application, root=settings.STATIC_ROOT, max_age=3)\n",
            "app = application\n",
            1,
        ),
        (
            "from servestatic import ServeStaticASGI",
            "app = Router(http=ServeStaticASGI(application, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL))\n",
            "app = Router(http=application)\n",
            0,
        ),
        (
            "from whitenoise import WhiteNoise",
            "app = WhiteNoise(\n    trace(application)\n    or application,\n    root=settings.STATIC_ROOT,\n)\n",
            "app = (trace(application)\n    or application)\n",
            0,
        ),
        ("from whitenoise import WhiteNoise", "application = WhiteNoise(application, root='public')\n", None, 1),
        ("from whitenoise import WhiteNoise", "application = WhiteNoise(*applications)\n", None, 1),
        (
            "from whitenoise import WhiteNoise",
            "application = WhiteNoise(application)\napplication.add_files('public')\n",
            None,
            1,
        ),
        ("from servestatic import ServeStatic", "application = ServeStatic(application, **OPTIONS)\n", None, 1),
    ],
)
def test_wrapped_applications(imported: str, wrapped: str, after: str | None, decisions: int, tmp_path: Path) -> None:
    """Django's application is unwrapped, and the middleware put into the settings beside it."""
    lay_out(tmp_path, {"site/settings.py": PLAIN})
    original = WSGI.format(imported=imported) + wrapped
    (tmp_path / "site/wsgi.py").write_text(original)
    done = call(tmp_path, "migrate", "site.settings", "--write", "--json")
    assert len(json.loads(done.out)["decisions"]) == decisions
    expected = original if after is None else WSGI.replace("{imported}\n", "") + after
    assert (tmp_path / "site/wsgi.py").read_text() == expected
    assert run_settings(tmp_path / "site", "settings.py")["MIDDLEWARE"] == [SECURITY, MIDDLEWARE, COMMON]


def test_a_file_whose_edits_do_not_fit_together_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, {"site/settings.py": PLAIN, "site/wsgi.py": WSGI.format(imported="import whitenoise")})

    def fail(source: SourceFile, edits: list[TextEdit]) -> str:
        return apply(source, [*edits, TextEdit(0, 0, "(", "")] if source.path.name == "settings.py" else edits)

    monkeypatch.setattr(convert, "apply", fail)
    done = call(tmp_path, "migrate", "site.settings", "--write", "--json")
    assert (done.code, json.loads(done.out)["files"]) == (1, [])
    places = {each["file"]: each["text"] for each in json.loads(done.out)["decisions"]}
    assert places["site/settings.py"].startswith("The edits of this file do not fit together")
    assert places["site/wsgi.py"].startswith("whitenoise: use ServeStaticMiddleware")


def test_other_uses_are_pointed_at(tmp_path: Path) -> None:
    files = {
        "settings.py": PLAIN,
        "storages.py": "from whitenoise.storage import CompressedManifestStaticFilesStorage\n",
        "tests/test_a.py": "@override_settings(WHITENOISE_AUTOREFRESH=True)\ndef test(): ...\n",
        "tests/broken.py": "import whitenoise\nprint 'Python 2'\n",
        "node_modules/x.py": "import whitenoise\n",
        ".venv/x.py": "import whitenoise\n",
        "env/pyvenv.cfg": "",
        "env/x.py": "import whitenoise\n",
        "requirements.txt": "django\nwhitenoise[brotli]==6.6  # static\nwhitenoise-evil\n",
        "pyproject.toml": '[project]\ndependencies = [\n    "whitenoise>=6",\n]\n',
    }
    lay_out(tmp_path, files)
    done = call(tmp_path, "migrate", ".")
    assert done.code == 1
    places = [line.partition(": ")[0].removeprefix(f"{tmp_path}/") for line in done.err.splitlines()[:-1]]
    expected = ["storages.py:1", "tests/test_a.py:1", "tests/broken.py", "requirements.txt:2", "pyproject.toml:3"]
    assert places == expected
    assert done.err.splitlines()[-1] == "3 changes in 1 file, not written; 5 to decide."


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nowhere.py", "no such file, folder or module"),
        ("no.such.module", "no such file, folder or module"),
        ("python2.py", "It must be a Python 3 file"),
        ("binary.py", "It must be a Python 3 file"),
    ],
)
def test_what_cannot_be_done(tmp_path: Path, target: str, sentence: str) -> None:
    write(tmp_path, {"python2.py": "print 'whitenoise'\n", "binary.py": b"# whitenoise\0\xff"})
    done = call(tmp_path, "migrate", target)
    assert (done.code, done.out, sentence in done.err) == (2, "", True)


def test_nothing_of_predecessors(tmp_path: Path) -> None:
    lay_out(tmp_path, {"settings.py": PLAIN})
    done = call(tmp_path, "migrate", "settings")
    assert (done.code, done.out) == (0, "")
    assert done.err == "settings.py: nothing of WhiteNoise, another ServeStatic or django-heroku.\n"


def test_nothing_of_the_project_is_run(tmp_path: Path) -> None:
    text = "open('ran', 'w')\nWHITENOISE_USE_FINDERS = True\nSTATIC_URL = 'static/'\n"
    write(tmp_path, {"site/__init__.py": "open('ran', 'w')\n", "site/settings.py": text})
    assert call(tmp_path, "migrate", "site.settings", "--write").code == 1
    assert not (tmp_path / "ran").exists()


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    lay_out(tmp_path, {"real.py": PLAIN + "    WHITENOISE_USE_FINDERS = True\n"})
    (tmp_path / "real.py").chmod(0o640)
    (tmp_path / "settings.py").symlink_to("real.py")
    assert call(tmp_path, "migrate", "settings.py", "--write").code == 0
    assert (tmp_path / "settings.py").is_symlink()
    assert (tmp_path / "real.py").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["real.py", "settings.py"]


# -------------------------------------------------------------------------------------------------- the tables


@pytest.mark.parametrize("name", BY_NAME)
def test_every_setting_is_converted(name: str, tmp_path: Path) -> None:
    """Whatever its value, a setting is converted, dropped or pointed at; what is written is a setting of ours."""
    for number, value in enumerate(("None", "True", "False", "'x'", "3", "{'.x': 'a/b'}", "f(x)", "[]")):
        path = tmp_path / f"{number}.py"
        path.write_text(f'STATIC_URL = "/"\nMIDDLEWARE = ["{SECURITY}", "{MIDDLEWARE}"]\n{name} = {value}\n')
        document = json.loads(call(tmp_path, "migrate", path.name, "--json").out)
        pointed = [each for each in document["decisions"] if name in each["text"]]
        became = [line for each in document["files"] for line in each["diff"].splitlines() if line[0] in "+-"]
        kept = name == BY_NAME[name].ours
        assert pointed or any(f"{name} =" in line for line in became) or kept
        assert not any(line.startswith("+SERVESTATIC_") and not BY_NAME[name].ours for line in became)


def test_pages_have_the_tables() -> None:
    how_to = Path(__file__).parents[2] / "docs/how-to"
    for page, prefix, settings in (
        ("from-whitenoise.md", WHITENOISE, WHITENOISE_SETTINGS),
        ("from-archmonger-servestatic.md", ARCHMONGER, ARCHMONGER_SETTINGS),
    ):
        text = (how_to / page).read_text("utf-8")
        for each in settings:
            ours = f"`{each.ours}`" if each.ours else "–"
            assert f"| `{prefix}{each.name}` | {ours} | {each.why} |\n" in text, "run: python -m tests.cli.test_migrate"


if __name__ == "__main__":  # prints the tables for the pages
    for prefix, settings in ((WHITENOISE, WHITENOISE_SETTINGS), (ARCHMONGER, ARCHMONGER_SETTINGS)):
        for each in settings:
            print(f"| `{prefix}{each.name}` | {f'`{each.ours}`' if each.ours else '–'} | {each.why} |")  # noqa: T201
