"""System checks: each row of the table has settings that it finds, and the usual settings have none."""

import base64
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import django
import pytest
from django.apps import apps
from django.contrib.sessions.backends import signed_cookies
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.test import Client, override_settings

import servestatic
from docs.generate.checks import PAGE, render
from servestatic.django.checks import check_deployment, check_project
from servestatic.django.checks.check import Check
from servestatic.django.checks.deployment import DEPLOYMENT
from servestatic.django.checks.installation import CHECKS as INSTALLATION
from servestatic.django.checks.order import _HARMFUL
from servestatic.django.checks.table import PROJECT
from servestatic.django.middleware import ServeStaticMiddleware
from servestatic.errors import page
from tests.support.django_site import configure
from tests.support.files import write
from tests.support.forge import find_document

configure()

SECURITY = "django.middleware.security.SecurityMiddleware"
OURS = "servestatic.django.ServeStaticMiddleware"
STORAGE = {"BACKEND": "servestatic.django.ServeStaticStorage"}
FILES = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
SESSION = "django.contrib.sessions.middleware.SessionMiddleware"
WHITENOISE = "whitenoise.middleware.WhiteNoiseMiddleware"
DJANGO = "django.contrib.staticfiles.storage."
CDN = "https://cdn.example/static/"
GOOD: dict[str, Any] = {
    "DEBUG": False,
    "INSTALLED_APPS": ["servestatic.django", "django.contrib.staticfiles"],
    "MIDDLEWARE": [SECURITY, OURS],
    "STORAGES": {"default": FILES, "staticfiles": STORAGE},
    "STATIC_URL": "/static/",
    "TEMPLATES": [],
}

# What is changed of the good settings, and the ids that are found.
ROWS: list[tuple[str, Mapping[str, Any], list[str]]] = [
    ("good", {}, []),
    ("relative STATIC_URL", {"STATIC_URL": "static/"}, []),
    ("a CDN", {"STATIC_URL": CDN}, []),
    ("DEBUG", {"DEBUG": True}, []),
    ("unknown setting", {"SERVESTATIC_MAXAGE": 3}, ["E003"]),
    ("wrong value", {"SERVESTATIC_MAX_AGE": "soon"}, ["E003"]),
    ("two wrong", {"SERVESTATIC_MAX_AGE": -1, "SERVESTATIC_CORS": "some"}, ["E003"] * 2),
    ("another's setting", {"SERVESTATIC_USE_FINDERS": True}, ["E003"]),
    ("sources", {"SERVESTATIC_SOURCES": ["static"]}, ["W001"]),
    ("single page", {"SERVESTATIC_SINGLE_PAGE": "index.html"}, ["W001"]),
    ("other prefix", {"SERVESTATIC_PREFIX": "/files/"}, ["W002"]),
    ("same prefix", {"SERVESTATIC_PREFIX": "static"}, []),
    ("CDN and prefix", {"SERVESTATIC_PREFIX": "/static/", "STATIC_URL": CDN}, []),
    ("no build", {"SERVESTATIC_BUILD": "/nowhere"}, ["W026"]),
    ("no root", {"SERVESTATIC_ROOT": "/nowhere"}, ["W032"]),
    ("roots", {"SERVESTATIC_ROOT": [Path(__file__).parent, "/nowhere"]}, ["W032"]),
    ("root of a wrong type", {"SERVESTATIC_ROOT": 1}, ["E003"]),
    ("no middleware", {"MIDDLEWARE": [SECURITY]}, ["W003"]),
    ("derived middleware", {"MIDDLEWARE": [SECURITY, f"{__name__}.Derived"]}, []),
    ("plain storage", {"STORAGES": {"default": FILES, "staticfiles": PLAIN}}, ["W004"]),
    ("no storage", {"STORAGES": {"default": FILES}}, ["W004"]),
    (
        "Django's names",
        {"STORAGES": {"default": FILES, "staticfiles": {"BACKEND": f"{DJANGO}ManifestStaticFilesStorage"}}},
        ["E004"],
    ),
    ("twice", {"MIDDLEWARE": [SECURITY, OURS, OURS]}, ["W005"]),
    *(
        (f"after {path}", {"MIDDLEWARE": [path, OURS], "SESSION_SAVE_EVERY_REQUEST": True}, ["W008"])
        for path in _HARMFUL
    ),
    ("after a cache", {"MIDDLEWARE": ["django.middleware.cache.CacheMiddleware", OURS]}, ["W008"]),
    ("sessions are saved when they change", {"MIDDLEWARE": [SECURITY, SESSION, OURS]}, []),
    ("after gzip", {"MIDDLEWARE": ["django.middleware.gzip.GZipMiddleware", OURS]}, []),
    ("before gzip", {"MIDDLEWARE": [OURS, "django.middleware.gzip.GZipMiddleware"]}, []),
    ("security after, idle", {"MIDDLEWARE": [OURS, SECURITY]}, []),
    ("security after, HSTS", {"MIDDLEWARE": [OURS, SECURITY], "SECURE_HSTS_SECONDS": 60}, ["W009"]),
    ("security after, redirects", {"MIDDLEWARE": [OURS, SECURITY], "SECURE_SSL_REDIRECT": True}, ["W009"]),
    ("app missing", {"INSTALLED_APPS": ["django.contrib.staticfiles"]}, ["W010"]),
    ("staticfiles missing", {"INSTALLED_APPS": ["servestatic.django"]}, ["W011"]),
    ("app behind", {"INSTALLED_APPS": ["django.contrib.staticfiles", "servestatic.django"]}, ["W012"]),
    ("no STATIC_URL", {"STATIC_URL": None}, ["E005"]),
    ("STATIC_URL is the root", {"STATIC_URL": "/"}, ["E007"]),
    ("STATIC_URL is MEDIA_URL", {"MEDIA_URL": "/static/"}, ["E007"]),
    ("host", {"STATIC_URL": "cdn.example.com/static/"}, ["W014"]),
    ("folder with a dot", {"STATIC_URL": "/v1.0/static/"}, []),
    ("mixed content", {"STATIC_URL": "http://cdn.example/x/", "SECURE_SSL_REDIRECT": True}, ["W015"]),
    ("not shared", {"STATIC_URL": CDN, "SERVESTATIC_CORS": "off"}, ["W016"]),
    ("not shared, same origin", {"SERVESTATIC_CORS": "off"}, []),
    ("WhiteNoise's middleware beside", {"MIDDLEWARE": [SECURITY, WHITENOISE, OURS]}, ["W019"]),
    ("WhiteNoise's middleware alone", {"MIDDLEWARE": [SECURITY, WHITENOISE]}, ["W019"]),
    (
        "WhiteNoise's storage",
        {"STORAGES": {"default": FILES, "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"}}},
        ["W019"],
    ),
    ("the other's middleware", {"MIDDLEWARE": [SECURITY, "servestatic.middleware.ServeStaticMiddleware"]}, ["E006"]),
    (
        "the other's storage",
        {
            "STORAGES": {
                "default": FILES,
                "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
            }
        },
        ["E006"],
    ),
    ("WhiteNoise's settings", {"WHITENOISE_MAX_AGE": 1, "WHITENOISE_NONSENSE": 1}, ["W020"] * 2),
]  # fmt: skip
if django.VERSION >= (5, 1):
    ROWS.append(("unread", {"STATICFILES_STORAGE": STORAGE["BACKEND"]}, ["W006"]))
    ROWS.append(("no default", {"STORAGES": {"staticfiles": STORAGE}}, ["W007"]))  # Django 4.2 adds it

DEPLOYMENT_ROWS: list[tuple[str, Mapping[str, Any], list[str]]] = [
    ("good", {}, []),
    ("DEBUG", {"DEBUG": True, "SERVESTATIC_LIVE": True, "SERVESTATIC_FINGERPRINTS": False}, []),
    ("no fingerprints", {"SERVESTATIC_FINGERPRINTS": False}, ["W021"]),
    ("live", {"SERVESTATIC_LIVE": True}, ["W022"]),
]


class Derived(ServeStaticMiddleware):
    """A project's own middleware, made of ours."""


def ids(messages: Iterable[checks.CheckMessage]) -> list[str]:
    return [str(each.id).removeprefix("servestatic.") for each in messages]


@pytest.fixture
def good(tmp_path: Path) -> Iterator[None]:
    with override_settings(**GOOD, STATICFILES_DIRS=[tmp_path]):
        yield


@pytest.mark.parametrize(("changed", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_project(good: None, changed: Mapping[str, Any], expected: list[str]) -> None:
    with override_settings(**changed):
        found = check_project()
    assert ids(found) == expected, [str(each) for each in found]
    for message in found:
        level = checks.ERROR if "E" in str(message.id) else checks.WARNING
        assert message.level == level
        assert "{" not in message.msg.replace("{% static", "")
        assert message.hint
        assert "{" not in message.hint.replace("{% static", "").replace("{'BACKEND'", "").replace('{"', "")


@pytest.mark.parametrize(
    ("changed", "expected"), [row[1:] for row in DEPLOYMENT_ROWS], ids=[row[0] for row in DEPLOYMENT_ROWS]
)
def test_deployment(good: None, changed: Mapping[str, Any], expected: list[str]) -> None:
    with override_settings(**changed):
        assert ids(check_deployment()) == expected


@pytest.mark.parametrize("setting", ["SERVESTATIC_MAXAGE", "SERVESTATIC_USE_STATIC_ROOT"])
def test_a_wrong_setting_is_told_with_the_remedy(good: None, setting: str) -> None:
    with override_settings(**{setting: 1}):
        (message,) = check_project()
    assert f"{setting} in the Django settings: no such setting." in message.msg
    said = message.msg + str(message.hint)
    remedies = {"SERVESTATIC_MAXAGE": "'SERVESTATIC_MAX_AGE'", "SERVESTATIC_USE_STATIC_ROOT": "STATICFILES_DIRS"}
    assert remedies[setting] in said


@pytest.mark.parametrize(
    ("setting", "anchor"), [("SERVESTATIC_MAX_AGE", "max-age"), ("SERVESTATIC_NO_NAME_THAT_IS_NEAR", "")]
)
def test_the_hint_of_a_wrong_setting_names_the_documentation(good: None, setting: str, anchor: str) -> None:
    with override_settings(**{setting: "soon"}):
        (message,) = check_project()
    assert f" {page('reference/settings', anchor)};" in str(message.hint)


def test_a_wrong_setting_of_the_environment(good: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_CORS", "some")
    (message,) = check_project()
    assert (message.id, "in the environment" in message.msg) == ("servestatic.E003", True)


# -------------------------------------------------------------------------------------------------- STATIC_ROOT


@pytest.mark.parametrize(
    ("root", "source", "sentence"),
    [
        ("out", "static", None),
        ("static-out", "static", None),
        ("static", "static", "is the source"),
        ("static/out", "static", "is within the source"),
        ("link/out", "static", "is within the source"),
        ("static", "static/src", "contains the source"),
    ],
)
def test_static_root(good: None, tmp_path: Path, root: str, source: str, sentence: str | None) -> None:
    (tmp_path / "static/src").mkdir(parents=True)
    (tmp_path / "link").symlink_to("static")
    with override_settings(STATIC_ROOT=tmp_path / root, STATICFILES_DIRS=[tmp_path / source]):
        found = check_project()
    assert ids(found) == (["W017"] if sentence else [])
    assert not sentence or sentence in found[0].msg


def test_a_build(good: None, tmp_path: Path) -> None:
    with override_settings(SERVESTATIC_BUILD=tmp_path / "out"):
        servestatic.collect(tmp_path).write(str(tmp_path / "out"))
        assert check_project() == []
        find_document(tmp_path / "out").write_text("{}")
        (message,) = check_project()
    assert "SERVESTATIC_BUILD cannot be served: " in message.msg
    assert "is damaged: it is not a file of releases" in message.msg
    assert "collectstatic" in str(message.hint)


# ---------------------------------------------------------------------------------------------------- apps


def test_the_package_is_not_the_app(good: None) -> None:
    for names in (["servestatic", "django.contrib.staticfiles"], ["servestatic", *GOOD["INSTALLED_APPS"]]):
        with pytest.raises(ImproperlyConfigured, match=r"Write 'servestatic\.django'"):
            override_settings(INSTALLED_APPS=names).enable()


def test_another_app_with_runserver(good: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = tmp_path / "other_server/management/commands"
    commands.mkdir(parents=True)
    (tmp_path / "other_server/__init__.py").touch()
    (commands / "runserver.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    for names, expected in (
        (["other_server", *GOOD["INSTALLED_APPS"]], ["W013"]),
        ([*GOOD["INSTALLED_APPS"], "other_server"], []),
    ):
        with override_settings(INSTALLED_APPS=names):
            assert ids(check_project()) == expected


@pytest.mark.parametrize("module", ["django_heroku", "django_on_heroku"])
def test_heroku(good: None, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What django-heroku leaves behind is told once, as what it is."""
    monkeypatch.setitem(sys.modules, module, ModuleType(module))
    assert check_project() == []
    changed: dict[str, Any] = {"MIDDLEWARE": (WHITENOISE, SECURITY)}
    if django.VERSION >= (5, 1):
        changed["STATICFILES_STORAGE"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    with override_settings(**changed):
        (message,) = check_project()
    assert message.id == "servestatic.W018"
    assert f"{module}.settings(locals(), staticfiles=False)" in str(message.hint)


# ------------------------------------------------------------------------------------------------- installation


def install(folder: Path, name: str, files: Mapping[str, str]) -> None:
    """Write what an installer leaves: the files, and the record of their digests."""
    place = folder / f"{name}-9.9.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 9.9\n")
    lines = [f"{name}-9.9.dist-info/METADATA,,"]
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        lines.append(f"{path},sha256={digest},{len(text)}")
    (place / "RECORD").write_text("\n".join(lines))


def test_another_distribution(good: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "servestatic", {})
    (message,) = check_project()
    assert message.id == "servestatic.E001"
    assert "'servestatic' 9.9 is installed beside 'statictree'" in message.msg
    assert check_deployment() == []


def test_a_damaged_package(good: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    install(tmp_path, "statictree", {f"servestatic/{number}.py": "1" for number in range(9)})
    assert check_project() == []
    (tmp_path / "servestatic/0.py").write_text("2")
    (tmp_path / "servestatic/1.py").unlink()
    (message,) = check_project()
    assert message.id == "servestatic.E002"
    assert message.msg.endswith("changed: servestatic/0.py, servestatic/1.py.")


# ------------------------------------------------------------------------------------------ the order is harmful


def answers(path: str) -> list[dict[str, Any]]:
    """What a browser gets: the file, again with its entity tag, a range of it, and nothing for a gone fingerprint."""
    client = Client()
    client.cookies["sessionid"] = _session()
    first = client.get(path)
    first.close()
    tag = first["ETag"]
    asked: list[dict[str, str]] = [{}, {"accept-encoding": "gzip"}, {"if-none-match": tag}, {"range": "bytes=0-99"}]
    got = []
    for headers in asked:
        response: Any = client.get(path, headers=headers)
        fields = {name.lower(): value for name, value in response.items() if name != "Content-Length"}
        body = response.getvalue()
        response.close()
        got.append({**fields, "status": response.status_code, "body": body, "cookies": bool(response.cookies)})
    return got


def _session() -> str:
    session = signed_cookies.SessionStore()
    session["a"] = 1
    session.save()
    return str(session.session_key)


SESSIONS = {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies", "SESSION_SAVE_EVERY_REQUEST": True}
HARMLESS = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.cache.UpdateCacheMiddleware",
]


@pytest.mark.parametrize(
    ("other", "harms"), [*((path, True) for path in _HARMFUL), *((path, False) for path in HARMLESS)]
)
@pytest.mark.parametrize("name", ["a.css", "large.bin"])
def test_what_stands_before(good: None, tmp_path: Path, other: str, harms: bool, name: str) -> None:
    """The table of harmful middleware is true: with each of them an answer is another, and with the rest none is."""
    (tmp_path / "a.css").write_text("a{color:red}" * 100)
    (tmp_path / "large.bin").write_bytes(b"\0" * 300_000)
    with override_settings(**SESSIONS, MIDDLEWARE=[SECURITY, OURS]):
        alone = answers(static(name))
    cache = ["django.middleware.cache.UpdateCacheMiddleware"] if "FetchFromCache" in other else []
    before = [SESSION] if "messages" in other else cache
    saves = SESSIONS["SESSION_SAVE_EVERY_REQUEST"] and "messages" not in other
    with override_settings(
        **{**SESSIONS, "SESSION_SAVE_EVERY_REQUEST": saves}, MIDDLEWARE=[*before, SECURITY, other, OURS]
    ):
        behind = answers(static(name))
    if name == "a.css" or not harms:
        assert (behind != alone) == harms, (alone, behind)


# What asgi.py contains → whether it is found, with the settings that say where it is.
DJANGO_ASGI = "from django.core.asgi import get_asgi_application\napplication = get_asgi_application()\n"
ASGI: dict[str, tuple[str, Mapping[str, Any], bool]] = {
    "Django's": (DJANGO_ASGI, {"ASGI_APPLICATION": "{name}.asgi.application"}, True),
    "imported whole": ("import django.core.asgi\n", {"ASGI_APPLICATION": "{name}.asgi.application"}, True),
    "ours": (
        DJANGO_ASGI.replace("django.core.asgi", "servestatic.django"),
        {"ASGI_APPLICATION": "{name}.asgi.x"},
        False,
    ),
    "both": (f"{DJANGO_ASGI}import servestatic.asgi", {"ASGI_APPLICATION": "{name}.asgi.application"}, False),
    "beside wsgi.py": (DJANGO_ASGI, {"WSGI_APPLICATION": "{name}.wsgi.application"}, True),
    "beside the settings": (DJANGO_ASGI, {}, True),
    "without the middleware": (DJANGO_ASGI, {"MIDDLEWARE": [SECURITY]}, False),
    "broken": ("import (", {}, False),
    "missing": ("", {"ASGI_APPLICATION": "nowhere.asgi.application"}, False),
}


@pytest.mark.parametrize("row", ASGI)
def test_asgi(good: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    text, changed, expected = ASGI[row]
    name = f"project_{[*ASGI].index(row)}"
    (tmp_path / name / "settings").mkdir(parents=True)
    for each in ("__init__.py", "settings/__init__.py"):
        (tmp_path / name / each).touch()
    (tmp_path / name / "asgi.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("servestatic.django.checks.interface._SERVERS", ("json",))
    if row != "missing":
        monkeypatch.setenv("DJANGO_SETTINGS_MODULE", f"{name}.settings.production")
    written = {key: value.format(name=name) if isinstance(value, str) else value for key, value in changed.items()}
    with override_settings(**written):
        messages = check_deployment()
    assert ids(messages) == ["I001"] * expected
    assert all(message.level == checks.INFO and str(tmp_path / name / "asgi.py") in message.msg for message in messages)


def test_asgi_without_a_server(good: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("servestatic.django.checks.interface._SERVERS", ("no_such_server",))
    monkeypatch.setattr("servestatic.django.checks.interface._modules", lambda _: ["django.core.asgi"])
    monkeypatch.setattr("servestatic.django.checks.interface._takes_django", lambda _: True)
    assert ids(check_deployment()) == []
    with override_settings(ASGI_APPLICATION="project.asgi.application"):
        assert ids(check_deployment()) == ["I001"]


# Folders and files of STATIC_ROOT, whether our middleware answers → the folders that are reported.
STATIC_ROOTS: list[tuple[list[str], bool, list[str]]] = [
    (["css/app.css", "css/app.0123456789ab.css", "css/old.css", "staticfiles.json", ".servestatic/current"], True, []),
    (["vite/control/assets/main-DPg06nLa.js", "css/app.css"], True, ["vite"]),
    (["vite/a.js", "gone/b.js", "loose.js"], True, ["gone", "vite"]),
    (["CACHE/css/output.0dee5c38f594.css"], True, ["CACHE"]),
    (["vite/a.js"], False, []),
    ([], True, []),
]


@pytest.mark.parametrize(("files", "served", "expected"), STATIC_ROOTS)
def test_files_that_only_static_root_has(
    good: None, tmp_path: Path, files: list[str], served: bool, expected: list[str]
) -> None:
    root, source = tmp_path / "root", write(tmp_path / "assets", {"css/app.css": "a{}"})
    write(root, dict.fromkeys(files, "of a build step"))
    middleware = [SECURITY, OURS] if served else [SECURITY]
    with override_settings(STATIC_ROOT=str(root), STATICFILES_DIRS=[str(source)], MIDDLEWARE=middleware):
        found = [each for each in check_deployment() if each.id == "servestatic.W033"]
        assert [each.msg.partition(":")[0] for each in found] == [str(root / name) for name in expected]
        assert all(f"('{name}', …)" in str(each.hint) for name, each in zip(expected, found, strict=True))
        bodies = [b"".join(Client().get(f"/static/{name}")) for name in files if name != "css/app.css"]
        assert not any(b"of a build step" in body for body in bodies), "the finding is true"


# ----------------------------------------------------------------------------------------------------- the table


def test_every_check_is_tried() -> None:
    tried = {each for *_, expected in (*ROWS, *DEPLOYMENT_ROWS) for each in expected}
    elsewhere = {"E001", "E002", "W006", "W007", "W013", "W017", "W018", "W023", "W024", "W025", "W027", "W030", "W031"}
    elsewhere |= {"W033", "I001"}
    assert {check.id for check in (*INSTALLATION, *PROJECT, *DEPLOYMENT)} == tried | elsewhere


def test_a_server_without_the_app_says_so(good: None, caplog: pytest.LogCaptureFixture) -> None:
    for names, expected in ((GOOD["INSTALLED_APPS"], 0), (["django.contrib.staticfiles"], 1)):
        with override_settings(INSTALLED_APPS=names):
            Client().get("/static/a.css")
        said = [each.getMessage() for each in caplog.records if "servestatic.W010" in each.getMessage()]
        assert len(said) == expected


def test_ids_are_unique_and_registered() -> None:
    every: tuple[Check, ...] = (*INSTALLATION, *PROJECT, *DEPLOYMENT)
    assert len({check.id for check in every}) == len(every)
    assert apps.is_installed("servestatic.django")
    registered: Any = checks.registry.registry.get_checks
    assert check_project in registered()
    assert check_deployment not in registered()
    assert check_deployment in registered(include_deployment_checks=True)


def test_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(), "run: python -m docs.generate.checks"
