"""Litestar: the plugin beside what an application has; templates of its three engines."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, get
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.plugins.mako import MakoTemplateEngine
from litestar.plugins.minijinja import MiniJinjaTemplateEngine
from litestar.response import Response, Template
from litestar.template.config import TemplateConfig

from servestatic import SettingError
from servestatic.litestar import ServeStatic
from tests.support.files import write
from tests.support.framework_sites import Site

FILES = {"css/app.css": "a { background: url(/static/dot.svg) }\n", "dot.svg": "<svg/>\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, FILES)
    return tmp_path


def make(*plugins: ServeStatic, handlers: tuple[Any, ...] = (), **arguments: Any) -> Site:
    return Site(Litestar([*handlers], plugins=plugins, logging_config=None, **arguments), is_asgi=True)


@get("/", sync_to_thread=False)
def home() -> Template:
    return Template("home.html")


@get("/static/time", sync_to_thread=False)
def time() -> str:
    return "noon"


@pytest.mark.parametrize("root", ["", "/sub"])
@pytest.mark.parametrize(
    ("engine", "template"),
    [
        (JinjaTemplateEngine, "{{ static('css/app.css') }}"),
        (MiniJinjaTemplateEngine, "{{ static('css/app.css')|safe }}"),
        (MakoTemplateEngine, "${ static('css/app.css') }"),
    ],
)
def test_engines(folder: Path, engine: Any, template: str, root: str) -> None:
    write(folder, {"home.html": template})
    static = ServeStatic(folder)
    site = make(static, handlers=(home,), template_config=TemplateConfig(directory=folder, engine=engine))
    url = site.ask(f"{root}/", root=root).text
    assert url == root + static.index.url("css/app.css")
    assert "url(../dot." in site.ask(url, root=root).text


def test_prefix(folder: Path) -> None:
    site = make(static := ServeStatic(folder, prefix="/assets/v1"))
    assert static.index.url("dot.svg").startswith("/assets/v1/dot.")
    assert site.ask(static.index.url("dot.svg")).text == FILES["dot.svg"]
    assert site.ask("/static/dot.svg").status == 404


def test_without_templates(folder: Path) -> None:
    assert make(ServeStatic(folder)).ask("/static/dot.svg").text == FILES["dot.svg"]


def test_routes_below_the_prefix_come_first(folder: Path) -> None:
    site = make(ServeStatic(folder), handlers=(time,))
    assert [site.ask(path).text for path in ("/static/time", "/static/dot.svg")] == ["noon", FILES["dot.svg"]]


def test_own_404_page(folder: Path) -> None:
    def sorry(request: Request[Any, Any, Any], _: Exception) -> Response[str]:
        return Response(f"no {request.scope['raw_path'].decode()}", status_code=404)

    site = make(ServeStatic(folder), exception_handlers={NotFoundException: sorry})
    assert site.ask("/static/nowhere.css").text == "no /static/nowhere.css"


@pytest.mark.parametrize("path", ["/static", "/static/", "/static/css", "/static/css/", "/static/dot.svg/"])
def test_folders_are_no_files(folder: Path, path: str) -> None:
    assert make(ServeStatic(folder)).ask(path).status == 404


def test_whoever_is_not_logged_in_gets_static_files(folder: Path) -> None:
    """The page to log in has a stylesheet, too."""

    class Login(AbstractAuthenticationMiddleware):
        async def authenticate_request(self, connection: Any) -> AuthenticationResult:
            raise NotAuthorizedException

    site = make(ServeStatic(folder), handlers=(time,), middleware=[Login])
    assert [site.ask(path).status for path in ("/static/time", "/static/dot.svg")] == [401, 200]


def test_the_schema_does_not_tell_of_it(folder: Path) -> None:
    site = make(ServeStatic(folder), handlers=(home,), template_config=None)
    paths = site.application.openapi_schema.paths
    assert [*paths] == ["/"]


def test_a_websocket_is_closed(folder: Path) -> None:
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    scope = {"type": "websocket", "path": "/static/dot.svg", "root_path": "", "headers": [], "query_string": b""}
    asyncio.run(make(ServeStatic(folder)).application(scope, receive, send))
    assert sent == ["websocket.close"]


def test_no_source() -> None:
    with pytest.raises(SettingError, match=r"no source for ServeStatic\(\): pass a directory"):
        make(ServeStatic())
