"""Starlette and FastAPI: where a mount can be, and what `url_for` makes of it there."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Host, Mount, NoMatchFound, Route
from starlette.types import Message, Scope

from servestatic import SettingError
from servestatic.starlette import ServeStatic
from tests.support.files import write
from tests.support.framework_sites import Site

FILES = {
    "css/app.css": "a { background: url(/static/dot.svg) }\n",
    "dot.svg": "<svg/>\n",
    "static/css/app.css": "within {}\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


def home(request: Request) -> Response:
    """Write the URL that the query's name gets with what else is there."""
    values = dict(request.query_params)
    return PlainTextResponse(str(request.url_for(values.pop("name"), **values)))


HOME = Route("/", home)
HOME_BELOW = Route("/page", home)
# Application around a mount → the name that `url_for` takes there, where the page is, where the files are.
PLACES: dict[str, tuple[Callable[[ServeStatic], Any], str, str, str]] = {
    "a route": (lambda static: Starlette(routes=[HOME, static]), "static", "/", "/static/"),
    "a route of FastAPI": (lambda static: FastAPI(routes=[HOME, static]), "static", "/", "/static/"),
    "in a mount": (
        lambda static: Starlette(routes=[HOME, Mount("/in", routes=[static], name="in")]),
        "in:static",
        "/",
        "/in/static/",
    ),
    "in a mount without a name": (
        lambda static: Starlette(routes=[HOME, Mount("/in", routes=[static])]),
        "static",
        "/",
        "/in/static/",
    ),
    "in a mount with a parameter": (
        lambda static: Starlette(routes=[Mount("/{tenant}", routes=[HOME, static])]),
        "static&tenant=acme",
        "/acme/",
        "/acme/static/",
    ),
    "in a mounted application": (
        lambda static: Starlette(routes=[Mount("/api", app=Starlette(routes=[HOME, static]))]),
        "static",
        "/api/",
        "/api/static/",
    ),
    "in a host": (
        lambda static: Starlette(routes=[Host("testserver", app=Starlette(routes=[HOME, static]))]),
        "static",
        "/",
        "/static/",
    ),
}


@pytest.mark.parametrize("root", ["", "/sub", "/static"])
@pytest.mark.parametrize("place", PLACES)
def test_places(folder: Path, place: str, root: str) -> None:
    wrap, name, page, files = PLACES[place]
    site = Site(wrap(ServeStatic("/static", folder)), is_asgi=True)
    url = site.ask(f"{root}{page}?name={name}&path=css/app.css", root=root).text.removeprefix("http://testserver")
    assert re.fullmatch(rf"{root}{files}css/app\.[0-9a-f]{{12}}\.css", url)
    answer = site.ask(url, root=root)
    assert answer.fields["cache-control"] == "max-age=31536000, immutable"
    assert re.fullmatch(r"a { background: url\(\.\./dot\.[0-9a-f]{12}\.svg\) }\n", answer.text)
    assert site.ask(f"{root}{files}css/app.css", root=root).text == FILES["css/app.css"]
    assert site.ask(f"{root}{files}static/css/app.css", root=root).text == FILES["static/css/app.css"]
    assert site.ask(f"{root}{files}nowhere.css", root=root).status == 404


@pytest.mark.parametrize("sent", ["/static/css/app.css", "/sub/static/css/app.css"])
def test_servers_that_do_not_put_the_root_path_before_the_path(folder: Path, sent: str) -> None:
    """ASGI's `path` has the root path in it; hypercorn's has it only if the proxy in front leaves it there."""
    site = Site(Starlette(routes=[ServeStatic("/static", folder)]), is_asgi=True)
    answer = site.ask(sent, root="/sub")
    assert (answer.status, answer.text) == (200, FILES["css/app.css"])


def test_at_the_root_of_a_site(folder: Path) -> None:
    """The last route: what is no file is the application's 404."""
    write(folder, {"index.html": "<img src=dot.svg>\n"})
    site = Site(Starlette(routes=[HOME_BELOW, ServeStatic("/", folder, index_file="index.html")]), is_asgi=True)
    assert re.fullmatch(r"<img src=dot\.[0-9a-f]{12}\.svg>\n", site.ask("/").text)
    assert site.ask("/page?name=static&path=dot.svg").text.startswith("http://testserver/dot.")
    assert (site.ask("/nowhere").status, site.ask("/nowhere").text) == (404, "Not Found")


def test_own_404_page(folder: Path) -> None:
    def sorry(request: Request, _: Exception) -> Response:
        return PlainTextResponse(f"no {request.url.path}", 404)

    app = Starlette(routes=[ServeStatic("/static", folder)], exception_handlers={404: sorry})
    assert Site(app, is_asgi=True).ask("/static/nowhere.css").text == "no /static/nowhere.css"


@pytest.mark.parametrize(
    ("name", "values"),
    [("other", {"path": "css/app.css"}), ("static", {}), ("static", {"path": "css/app.css", "more": "1"})],
)
def test_url_path_for_what_the_route_does_not_have(folder: Path, name: str, values: dict[str, str]) -> None:
    with pytest.raises(NoMatchFound):
        Starlette(routes=[ServeStatic("/static", folder)]).url_path_for(name, **values)


# What a template writes → what follows /static/, fingerprints as ~.
WRITTEN = [
    ("css/app.css", "css/app~.css"),
    ("/css/app.css", "css/app~.css"),
    ("css/app.css?v=1", "css/app~.css?v=1"),
    ("dot.svg#icon", "dot~.svg#icon"),
    ("nowhere.css?v=1#top", "nowhere.css?v=1#top"),
    ("no where.css", "no%20where.css"),
    ("../dot.svg", "../dot.svg"),
]


@pytest.mark.parametrize(("path", "expected"), WRITTEN)
def test_written(folder: Path, path: str, expected: str) -> None:
    url = str(Starlette(routes=[ServeStatic("/static", folder)]).url_path_for("static", path=path))
    assert re.sub(r"\.[0-9a-f]{12}", "~", url) == f"/static/{expected}"


def test_two_mounts(folder: Path) -> None:
    """Each has its own name, index and settings."""
    routes = [ServeStatic("/a", folder, name="a"), ServeStatic("/b", folder / "css", name="b", fingerprints=False)]
    app = Starlette(routes=routes)
    assert app.url_path_for("a", path="css/app.css").startswith("/a/css/app.")
    assert app.url_path_for("b", path="app.css") == "/b/app.css"
    assert Site(app, is_asgi=True).ask("/b/app.css").text == FILES["css/app.css"]


def test_websocket_is_closed(folder: Path) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "websocket", "path": "/static/css/app.css", "root_path": "", "headers": []}
    asyncio.run(Starlette(routes=[ServeStatic("/static", folder)])(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (("/static",), {}, r"no source for ServeStatic\('/static'\): pass a directory"),
        (
            ("/static", "."),
            {"prefix": "/assets/"},
            r"is '/assets/', but ServeStatic\('/static', …\) makes it '/static/'",
        ),
        ((), {"directory": "static"}, r"ServeStatic\('', …\) has no URL path: it is a route.*app\.routes\.append\("),
        (("static",), {}, r"ServeStatic\('static', …\) has no URL path"),
        (("/static", "."), {"html": True}, r'html is an argument of StaticFiles.*: write index_file="index\.html"\.'),
        (("/static",), {"packages": ["theme"]}, r'packages is .*: pass Package\("package"\) as a source\.'),
        (("/static",), {"directory": ".", "check_dir": False}, r"missing_ok=True"),
        (("/static",), {"directory": ".", "follow_symlink": True}, r'write follow_symlinks="all"'),
        (
            ("/static", "."),
            {"max_aeg": 5},
            r"max_aeg in the keyword arguments: no such setting\. Did you mean 'max_age'",
        ),
    ],
)
def test_wrong_arguments(arguments: tuple[str, ...], settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingError, match=sentence):
        ServeStatic(*arguments, **settings)


def test_sources_of_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_SOURCES", str(folder))
    assert ServeStatic("/static").index.path("css/app.css").startswith("css/app.")


def test_directory_as_static_files_calls_it(folder: Path) -> None:
    index = ServeStatic("/static", directory=folder / "css").index
    assert [*index] == ["app.css"]
    both = ServeStatic("/static", folder / "static", directory=folder)
    assert sorted(both.index) == ["css/app.css", "dot.svg", "static/css/app.css"]
    assert Site(Starlette(routes=[both]), is_asgi=True).ask("/static/css/app.css").text == "within {}\n"


@pytest.mark.parametrize("make", [Starlette, FastAPI])
@pytest.mark.parametrize("name", ["static", None])
@pytest.mark.parametrize("root", ["", "/sub"])
def test_mounted_as_an_application(
    make: Callable[[], Any], name: str | None, root: str, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Files are served, plain URLs lead to them, and one line says how to have fingerprints."""
    app = make()
    app.mount("/static", ServeStatic("/static", folder), name=name)
    site = Site(app, is_asgi=True)
    for path, text in FILES.items():
        assert site.ask(f"{root}/static/{path}", root=root).text == text
    assert site.ask(f"{root}/static/nowhere.css", root=root).status == 404
    if name:
        assert str(app.url_path_for(name, path="css/app.css")) == "/static/css/app.css"
    else:
        with pytest.raises(NoMatchFound):
            app.url_path_for("static", path="css/app.css")
    (record,) = [record for record in caplog.records if record.name == "servestatic" and record.levelname == "WARNING"]
    assert record.getMessage() == (
        "servestatic: ServeStatic('/static', …) is mounted by another route, so url_for() gives URLs without"
        " fingerprints. In place of app.mount(…), write: app.routes.append(ServeStatic('/static', …))"
    )


def test_mounted_at_another_path(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = Starlette(routes=[Mount("/more", app=ServeStatic("/static", folder))])
    assert Site(app, is_asgi=True).ask("/more/static/dot.svg").text == FILES["dot.svg"]
    assert Site(app, is_asgi=True).ask("/more/dot.svg").status == 404
    assert "is mounted by another route" in caplog.text


def test_alone(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A route is an application, too (as Starlette has it)."""
    assert Site(ServeStatic("/static", folder), is_asgi=True).ask("/static/dot.svg").text == FILES["dot.svg"]
    assert not caplog.records
