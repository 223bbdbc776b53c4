"""Flask and Quart: extensions of the same shape; what blueprints, factories and Flask's own arguments do."""

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import flask
import pytest
import quart
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

import servestatic.flask
import servestatic.quart
from servestatic import BuildError, Directory, File, SettingError
from tests.support.files import write
from tests.support.framework_sites import Answer, Site

IMMUTABLE = "max-age=31536000, immutable"


class Kind(NamedTuple):
    """One of the twins."""

    app: Callable[..., Any]
    blueprint: Callable[..., Any]
    extension: Callable[..., Any]
    url_for: Callable[..., str]
    is_asgi: bool


KINDS = {
    "flask": Kind(flask.Flask, flask.Blueprint, servestatic.flask.ServeStatic, flask.url_for, is_asgi=False),
    "quart": Kind(quart.Quart, quart.Blueprint, servestatic.quart.ServeStatic, quart.url_for, is_asgi=True),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "static", {"app.css": "own {}\n", "only.css": "only {}\n"})
    write(tmp_path / "shop/static", {"app.css": "shop {}\n", "shop.js": "import './part.js'\n", "part.js": "\n"})
    write(tmp_path / "more", {"app.css": "hidden {}\n", "more.css": "more {}\n"})
    return tmp_path


class Told(NamedTuple):
    """The URL that `url_for` gives in a request, and the answer to a request for it."""

    url: str
    answer: Answer


def ask(kind: Kind, app: Any, endpoint: str, filename: str, root: str = "", **values: Any) -> Told:
    """Make a URL in a view, and ask for it."""
    if "made" not in app.view_functions:

        def made() -> str:
            return kind.url_for(app.extensions["endpoint"], **app.extensions["values"])

        async def made_quart() -> str:
            return made()

        app.add_url_rule("/made", "made", made_quart if kind.is_asgi else made)
    app.extensions |= {"endpoint": endpoint, "values": {"filename": filename, **values}}
    site = Site(app, is_asgi=kind.is_asgi)
    url = site.ask(f"{root}/made", root=root).text
    return Told(url, site.ask(re.sub("^https?://testserver", "", url), root=root))


def make(kind: Kind, folder: Path, *sources: Any, app: dict[str, Any] | None = None, **settings: object) -> Any:
    made = kind.app("site", root_path=str(folder), **app or {})
    kind.extension(made, *sources, **settings)
    return made


def blueprint(kind: Kind, folder: Path, name: str = "shop", **arguments: Any) -> Any:
    return kind.blueprint(name, name, root_path=str(folder / "shop"), static_folder="static", **arguments)


# ------------------------------------------------------------------------------------------------------- URLs

# Arguments of url_for("static", …) → the URL, its fingerprint as ~.
VALUES = [
    ("app.css", {}, "/static/app~.css"),
    ("app.css", {"v": 1}, "/static/app~.css?v=1"),
    ("app.css", {"_external": True}, "http://testserver/static/app~.css"),
    ("app.css", {"_external": True, "_scheme": "https"}, "https://testserver/static/app~.css"),
    ("app.css", {"_anchor": "top"}, "/static/app~.css#top"),
    ("nowhere.css", {"v": 1}, "/static/nowhere.css?v=1"),
    ("", {}, "/static/"),
    ("folder/", {}, "/static/folder/"),
]


@pytest.mark.parametrize(("filename", "values", "expected"), VALUES)
def test_url_for(kind: Kind, folder: Path, filename: str, values: dict[str, Any], expected: str) -> None:
    app = make(kind, folder)
    with_fingerprint = ask(kind, app, "static", "app.css").url.removeprefix("/static/app").removesuffix(".css")
    assert len(with_fingerprint) == 13
    assert ask(kind, app, "static", filename, **values).url == expected.replace("~", with_fingerprint)


def test_names_that_are_no_files_are_not_warned_of(kind: Kind, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An empty name is the usual way to tell scripts the base URL."""
    ask(kind, make(kind, folder), "static", "")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# Arguments of the application and of the blueprint → the blueprint's place.
PLACES = [
    ({}, {"url_prefix": "/shop"}, "/shop/static/"),
    ({}, {"url_prefix": "/a/b", "static_url_path": "/files"}, "/a/b/files/"),
    ({}, {"static_url_path": "/static/shop"}, "/static/shop/"),
    ({}, {"static_url_path": "/shop-static"}, "/shop-static/"),
    ({"static_url_path": "/assets"}, {"url_prefix": "/shop"}, "/shop/static/"),
    ({"static_url_path": ""}, {"url_prefix": "/shop"}, "/shop/static/"),
    ({"static_folder": None}, {"url_prefix": "/shop"}, "/shop/static/"),
    ({}, {"url_prefix": "/läden"}, "/l%C3%A4den/static/"),
]


@pytest.mark.parametrize(("own", "arguments", "place"), PLACES, ids=lambda value: str(value))
def test_blueprint(kind: Kind, folder: Path, own: dict[str, Any], arguments: dict[str, Any], place: str) -> None:
    """Files of the same name in two folders each have their own URL; references stay within their folder."""
    app = make(kind, folder, app=own)
    app.register_blueprint(blueprint(kind, folder, **arguments))
    for filename, text in (("app.css", "shop {}\n"), ("part.js", "\n")):
        url, answer = ask(kind, app, "shop.static", filename)
        assert url.startswith(place)
        assert (answer.status, answer.text, answer.fields["cache-control"]) == (200, text, IMMUTABLE)
    part = ask(kind, app, "shop.static", "part.js").url.rpartition("/")[2]
    assert ask(kind, app, "shop.static", "shop.js").answer.text == f"import './{part}'\n"
    if own.get("static_folder", "static"):
        assert ask(kind, app, "static", "app.css").answer.text == "own {}\n"


def test_nested_blueprints_and_one_registered_twice(kind: Kind, folder: Path) -> None:
    app = make(kind, folder)
    outer = kind.blueprint("outer", "outer", url_prefix="/outer")
    outer.register_blueprint(blueprint(kind, folder, "inner", url_prefix="/inner"))
    app.register_blueprint(outer)
    twice = blueprint(kind, folder, "twice")
    app.register_blueprint(twice, url_prefix="/one", name="one")
    app.register_blueprint(twice, url_prefix="/two", name="two")
    for endpoint, place in (("outer.inner", "/outer/inner"), ("one", "/one"), ("two", "/two")):
        url, answer = ask(kind, app, f"{endpoint}.static", "app.css")
        assert url.startswith(f"{place}/static/app.")
        assert (answer.text, answer.fields["cache-control"]) == ("shop {}\n", IMMUTABLE)


def test_a_blueprint_at_the_applications_own_place(kind: Kind, folder: Path) -> None:
    """The framework cannot reach such files; here the application's hide those of the same name, and no more."""
    app = make(kind, folder)
    app.register_blueprint(blueprint(kind, folder))
    assert ask(kind, app, "shop.static", "app.css").answer.text == "own {}\n"
    assert ask(kind, app, "shop.static", "part.js").answer.fields["cache-control"] == IMMUTABLE


def test_a_blueprint_that_comes_after_the_first_url(kind: Kind, folder: Path) -> None:
    app = make(kind, folder)
    app.extensions["servestatic"].collected()
    app.register_blueprint(blueprint(kind, folder, url_prefix="/late"))
    assert ask(kind, app, "shop.static", "app.css").answer.fields["cache-control"] == IMMUTABLE


def test_a_folder_within_the_static_folder_that_is_called_like_a_blueprint(kind: Kind, folder: Path) -> None:
    """Never the fingerprint of one file in the URL of another."""
    write(folder / "static", {"shop/static/app.css": "own, within {}\n"})
    app = make(kind, folder)
    app.register_blueprint(blueprint(kind, folder, url_prefix="/shop"))
    assert ask(kind, app, "shop.static", "app.css").answer.text == "shop {}\n"
    assert ask(kind, app, "static", "shop/static/app.css").answer.text == "own, within {}\n"
    assert ask(kind, app, "shop.static", "part.js").answer.fields["cache-control"] == IMMUTABLE


def test_routes_of_one_host_stay_with_the_framework(kind: Kind, folder: Path) -> None:
    """A path alone does not tell which blueprint is meant."""
    app = kind.app("site", root_path=str(folder), host_matching=True, static_host="testserver")
    kind.extension(app)
    answer = Site(app, is_asgi=kind.is_asgi).ask("/static/app.css")
    assert (answer.status, answer.text) == (200, "own {}\n")
    assert answer.fields.get("cache-control") != "max-age=60"


def test_places_with_parameters_stay_with_the_framework(kind: Kind, folder: Path) -> None:
    app = make(kind, folder)
    localized = blueprint(kind, folder, url_prefix="/<language>")
    localized.url_value_preprocessor(lambda _, values: values and values.pop("language"))
    app.register_blueprint(localized)
    url, answer = ask(kind, app, "shop.static", "app.css", language="de")
    assert (url, answer.status, answer.text) == ("/de/static/app.css", 200, "shop {}\n")


# ---------------------------------------------------------------------------------------------------- sources


def test_more_sources_come_after_the_applications_folder(kind: Kind, folder: Path) -> None:
    app = make(kind, folder, folder / "more", [File("made.css", b"made {}\n", None, "a program")])
    expected = {"app.css": "own {}\n", "more.css": "more {}\n", "made.css": "made {}\n"}
    assert {name: ask(kind, app, "static", name).answer.text for name in expected} == expected


@pytest.mark.parametrize(
    ("own", "settings", "place"),
    [
        ({"static_folder": None}, {}, "/static/"),
        ({"static_folder": None}, {"prefix": "/assets/"}, "/assets/"),
        ({"static_folder": None, "static_url_path": "/files"}, {}, "/files/"),
        ({"static_folder": "nowhere"}, {}, "/nowhere/"),
    ],
)
def test_sources_without_a_static_folder(
    kind: Kind, folder: Path, own: dict[str, Any], settings: dict[str, Any], place: str
) -> None:
    """The endpoint is there all the same."""
    app = make(kind, folder, Directory(folder / "more"), app=own, **settings)
    url, answer = ask(kind, app, "static", "more.css")
    assert url.startswith(f"{place}more.")
    assert (answer.text, answer.fields["cache-control"]) == ("more {}\n", IMMUTABLE)


def test_a_static_folder_that_is_not_there(kind: Kind, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Every application has the name of one; nobody is bothered, `strict` or not."""
    url, answer = ask(kind, make(kind, tmp_path, strict=True), "made", "")
    assert (url, answer.status) == ("/made?filename=", 200)
    assert "left out" not in caplog.text


def test_files_that_come_later_are_no_static_files(kind: Kind, folder: Path) -> None:
    """The framework's own route would serve what is not in the index, such as hidden files."""
    app = make(kind, folder)
    site = Site(app, is_asgi=kind.is_asgi)
    assert site.ask("/static/app.css").status == 200
    write(folder / "static", {"upload.txt": "later\n", ".env": "SECRET=1\n"})
    assert [site.ask(f"/static/{name}").status for name in ("upload.txt", ".env")] == [404, 404]


def test_a_sealed_build(kind: Kind, folder: Path, tmp_path: Path) -> None:
    app = make(kind, folder)
    app.register_blueprint(blueprint(kind, folder, url_prefix="/shop"))
    expected = [ask(kind, app, endpoint, "app.css").url for endpoint in ("static", "shop.static")]
    app.extensions["servestatic"].collected().index.write(str(tmp_path / "out"))

    sealed = make(kind, folder, build=str(tmp_path / "out"))
    sealed.register_blueprint(blueprint(kind, folder, url_prefix="/shop"))
    told = [ask(kind, sealed, endpoint, "app.css") for endpoint in ("static", "shop.static")]
    assert [each.url for each in told] == expected
    assert [each.answer.text for each in told] == ["own {}\n", "shop {}\n"]


def test_a_sealed_build_that_is_not_there_fails_at_once(kind: Kind, folder: Path) -> None:
    with pytest.raises(BuildError, match="there is no sealed build in"):
        make(kind, folder, build=str(folder))


# --------------------------------------------------------------------------------------------------- settings


def test_settings_of_the_application(kind: Kind, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After keywords and environment."""
    app = kind.app("site", root_path=str(folder))
    app.config.update(SERVESTATIC_MAX_AGE=7, SERVESTATIC_CORS="off")
    monkeypatch.setenv("SERVESTATIC_CORS", "all")
    kind.extension(app)
    fields = Site(app, is_asgi=kind.is_asgi).ask("/static/app.css").fields
    assert (fields["cache-control"], fields["access-control-allow-origin"]) == ("max-age=7", "*")


def test_misspelt_setting_of_the_application(kind: Kind, folder: Path) -> None:
    app = kind.app("site", root_path=str(folder))
    app.config["SERVESTATIC_MAXAGE"] = 7
    with pytest.raises(SettingError, match=r"SERVESTATIC_MAXAGE in app\.config: no such setting\. Did you mean"):
        kind.extension(app)


# ------------------------------------------------------------------------------------------------ the extension


def test_factory(kind: Kind, folder: Path) -> None:
    """One extension, many applications, each with an index of its own."""
    extension = kind.extension(None, max_age=5)
    own, other = kind.app("own", root_path=str(folder)), kind.app("other", root_path=str(folder), static_folder="more")
    for app in (own, other):
        extension.init_app(app)
    assert Site(own, is_asgi=kind.is_asgi).ask("/static/app.css").text == "own {}\n"
    assert Site(other, is_asgi=kind.is_asgi).ask("/more/app.css").text == "hidden {}\n"
    with pytest.raises(SettingError, match="has a ServeStatic already"):
        extension.init_app(own)


def test_index_of_the_current_application(kind: Kind, folder: Path) -> None:
    app = kind.app("site", root_path=str(folder))
    extension = kind.extension(app)
    expected = ask(kind, app, "static", "app.css").url

    async def within_quart() -> None:
        async with app.app_context():
            assert extension.index.url("app.css") == expected

    if kind.is_asgi:
        asyncio.run(within_quart())
    else:
        with app.app_context():
            assert extension.index.url("app.css") == expected


def test_collected_once_when_first_needed(kind: Kind, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "servestatic")
    site = Site(make(kind, folder), is_asgi=kind.is_asgi)
    assert "static files ready" not in caplog.text
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(site.ask("/static/app.css").status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    assert caplog.text.count("static files ready") == 1


# --------------------------------------------------------------------------------------------- Flask and WSGI


@pytest.mark.parametrize("mount", ["dispatcher", "proxy"])
def test_below_a_script_name(folder: Path, mount: str) -> None:
    app = make(KINDS["flask"], folder)
    app.add_url_rule("/url", view_func=lambda: flask.url_for("static", filename="app.css"), endpoint="url")
    if mount == "dispatcher":
        outer = flask.Flask("outer", static_folder=None)
        outer.wsgi_app = DispatcherMiddleware(outer.wsgi_app, {"/sub": app})  # type: ignore[method-assign] # its way
        client, fields, before = outer.test_client(), {}, "/sub"
    else:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_prefix=1)
        client, fields, before = app.test_client(), {"X-Forwarded-Prefix": "/sub"}, ""
    url = client.get(f"{before}/url", headers=fields).text
    assert url.startswith("/sub/static/app.")
    answer = client.get(before + url.removeprefix("/sub"), headers=fields)
    assert (answer.text, answer.headers["Cache-Control"]) == ("own {}\n", IMMUTABLE)


# --------------------------------------------------------------------------------------------- Quart and ASGI


def test_quart_collects_when_the_server_starts(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "servestatic")
    app = make(KINDS["quart"], folder)

    async def start() -> None:
        async with app.test_app():
            assert "static files ready" in caplog.text

    asyncio.run(start())


def test_quart_websockets_are_passed_on(folder: Path) -> None:
    app = make(KINDS["quart"], folder)

    async def echo() -> None:
        await quart.websocket.send(await quart.websocket.receive())

    app.add_websocket("/static/echo", view_func=echo)

    async def talk() -> str:
        async with app.test_client().websocket("/static/echo") as connection:
            await connection.send("hello")
            return str(await connection.receive())

    assert asyncio.run(talk()) == "hello"


# What the configuration says, and the keywords → Cache-Control of a plain URL.
AGES: list[tuple[dict[str, object], dict[str, object], str]] = [
    ({}, {}, "max-age=60"),
    ({"SEND_FILE_MAX_AGE_DEFAULT": 3600}, {}, "max-age=3600"),
    ({"SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=1)}, {}, "max-age=86400"),
    ({"SEND_FILE_MAX_AGE_DEFAULT": 0}, {}, "no-cache"),
    ({"SEND_FILE_MAX_AGE_DEFAULT": 3600}, {"max_age": 5}, "max-age=5"),
    ({"SEND_FILE_MAX_AGE_DEFAULT": 3600, "SERVESTATIC_MAX_AGE": 7}, {}, "max-age=7"),
]


@pytest.mark.parametrize(("config", "settings", "expected"), AGES)
def test_send_file_max_age(
    kind: Kind, folder: Path, config: dict[str, object], settings: dict[str, object], expected: str
) -> None:
    app = kind.app("site", root_path=str(folder))
    app.config.update(config)
    kind.extension(app, **settings)
    site = Site(app, is_asgi=kind.is_asgi)
    assert site.ask("/static/app.css").fields["cache-control"] == expected


def test_pyproject_comes_before_send_file_max_age(kind: Kind, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "pyproject.toml").write_text("[tool.servestatic]\nmax-age = 9\n")
    monkeypatch.chdir(folder)
    app = kind.app("site", root_path=str(folder))
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    kind.extension(app)
    assert Site(app, is_asgi=kind.is_asgi).ask("/static/app.css").fields["cache-control"] == "max-age=9"


@pytest.mark.parametrize("age", ["soon", -1, timedelta(seconds=-1)])
def test_a_wrong_send_file_max_age_fails_at_once(kind: Kind, folder: Path, age: object) -> None:
    app = kind.app("site", root_path=str(folder))
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = age
    with pytest.raises(SettingError, match=r"SEND_FILE_MAX_AGE_DEFAULT in app\.config is .*: expected a whole number"):
        kind.extension(app)


def test_flask_without_a_default_of_its_own(folder: Path) -> None:
    """None, which Flask has by default, means nothing there; Quart's default is twelve hours, so None was set."""
    ages = {}
    for name, kind in KINDS.items():
        app = kind.app("site", root_path=str(folder))
        app.config["SEND_FILE_MAX_AGE_DEFAULT"] = None
        kind.extension(app)
        ages[name] = Site(app, is_asgi=kind.is_asgi).ask("/static/app.css").fields["cache-control"]
    assert ages == {"flask": "max-age=60", "quart": "no-cache"}
