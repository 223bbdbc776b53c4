"""The same small site in each framework: a page that lists the URLs its templates make, and static files.

Requests go through tests/support/interfaces, which call a site as a server does and check its messages.
"""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

import brotli
import flask
import quart
from fastapi import FastAPI
from jinja2 import DictLoader, Environment
from litestar import Litestar, get
from litestar import Request as LitestarRequest
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates

import servestatic
import servestatic.flask
import servestatic.litestar
import servestatic.quart
import servestatic.starlette
from servestatic import asgi, jinja, wsgi
from tests.support.interfaces.asgi import Checker, scope_of
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Exchange, Sent

FILES = {
    "css/app.css": "body { background: url(../img/dot.svg) }\n" + "p { margin: 0 }\n" * 40,
    "img/dot.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
    "js/app.js": "import { now } from './clock.js'\nconsole.log(now())\n",
    "js/clock.js": "export const now = () => new Date()\n",
    "docs/index.html": "<!doctype html><title>Docs</title>\n",
    "a#b ü.txt": "a name to be encoded\n",
    "@a/b+(c)=d.js": "export default 1\n",
    ".env": "SECRET=1\n",
}


class Answer(NamedTuple):
    """An answer as a client gets it, its body decoded; names of fields are lower-case."""

    status: int
    fields: dict[str, str]
    text: str


async def call(application: Any, scope: asgi.Scope) -> Exchange:
    """Call an application as a server does; the client leaves when it has its answer, which some wait for."""
    checker, answered = Checker(scope), asyncio.Event()
    request = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> asgi.Message:
        if request:
            return request.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    async def send(message: asgi.Message) -> None:
        await checker(message)
        if checker.finished:
            answered.set()

    await application(scope, receive, send)
    return checker.exchange()


class Site:
    """An application of a framework, called as a server calls it."""

    def __init__(self, application: Any, *, is_asgi: bool) -> None:
        self.application = application
        self._is_asgi = is_asgi

    def ask(self, target: str, *, root: str = "", method: str = "GET", **fields: str) -> Answer:
        """Ask for a path, percent-encoded; fields by their names with underscores."""
        pairs = tuple((name.replace("_", "-"), value) for name, value in fields.items())
        sent = Sent(method, target, (("Host", "testserver"), *pairs), root)
        if self._is_asgi:
            got = asyncio.run(call(self.application, scope_of(sent)))
        else:
            got = call_wsgi(self.application, environ_of(sent))
        known = dict(got.fields)
        body = brotli.decompress(got.body) if known.get("content-encoding") == "br" and got.body else got.body
        return Answer(got.status, known, body.decode())

    def urls(self, *names: str, root: str = "", page: str = "/") -> list[str]:
        """Return the URLs that a template makes of names, without scheme and host, which some frameworks add."""
        query = urlencode([("name", name) for name in names])
        answer = self.ask(f"{root}{page}?{query}", root=root)
        assert answer.status == 200, answer.text
        return [line.removeprefix("http://testserver") for line in answer.text.split()]


FLASK = "{% for name in names %}{{ url_for('static', filename=name) }}\n{% endfor %}"
STARLETTE = "{% for name in names %}{{ url_for('static', path=name) }}\n{% endfor %}"
STATIC = "{% for name in names %}{{ static(name) }}\n{% endfor %}"


def make_flask(folder: Path, *, debug: bool = False, **settings: Any) -> Site:
    app = flask.Flask("site", root_path=str(folder))
    app.debug = debug
    servestatic.flask.ServeStatic(app, **settings)

    def home() -> str:
        return flask.render_template_string(FLASK, names=flask.request.args.getlist("name"))

    app.add_url_rule("/", view_func=home)
    return Site(app, is_asgi=False)


def make_quart(folder: Path, *, debug: bool = False, **settings: Any) -> Site:
    app = quart.Quart("site", root_path=str(folder))
    app.debug = debug
    servestatic.quart.ServeStatic(app, **settings)

    async def home() -> str:
        return await quart.render_template_string(FLASK, names=quart.request.args.getlist("name"))

    app.add_url_rule("/", view_func=home)
    return Site(app, is_asgi=True)


TEMPLATES = Jinja2Templates(env=Environment(loader=DictLoader({"home": STARLETTE}), autoescape=True))


def starlette_home(request: Request) -> Response:
    return TEMPLATES.TemplateResponse(request, "home", {"names": request.query_params.getlist("name")})


def make_mount(folder: Path, settings: dict[str, Any], *, debug: bool) -> servestatic.starlette.ServeStatic:
    """Return a mount; a route does not know the application's debug flag."""
    return servestatic.starlette.ServeStatic(
        "/static", folder / "static", **settings | ({"live": True} if debug else {})
    )


def make_starlette(folder: Path, *, debug: bool = False, **settings: Any) -> Site:
    routes = [Route("/", starlette_home), make_mount(folder, settings, debug=debug)]
    return Site(Starlette(routes=routes), is_asgi=True)


def make_fastapi(folder: Path, *, debug: bool = False, **settings: Any) -> Site:
    app = FastAPI()
    app.add_route("/", starlette_home)
    app.routes.append(make_mount(folder, settings, debug=debug))
    return Site(app, is_asgi=True)


async def litestar_home(request: LitestarRequest[Any, Any, Any]) -> Template:
    return Template(template_str=STATIC, context={"names": request.query_params.getall("name", [])})


def make_litestar(folder: Path, *, debug: bool = False, **settings: Any) -> Site:
    app = Litestar(
        [get("/")(litestar_home)],
        plugins=[servestatic.litestar.ServeStatic(folder / "static", **settings)],
        template_config=TemplateConfig(directory=folder, engine=JinjaTemplateEngine),
        debug=debug,
        logging_config=None,
    )
    return Site(app, is_asgi=True)


def make_jinja(folder: Path, *, debug: bool = False, strict: bool = False, **settings: Any) -> Site:
    """Jinja without a framework: a WSGI application of a few lines."""
    index = (servestatic.live if debug else servestatic.collect)(folder / "static", **settings)
    environment = Environment(autoescape=True)
    jinja.install(environment, index, strict=strict)
    template = environment.from_string(STATIC)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = environ["PATH_INFO"] == "/"
        names = parse_qs(environ["QUERY_STRING"]).get("name", [])
        start_response("200 OK" if found else "404 Not Found", [("Content-Type", "text/plain")])
        return [template.render(names=names).encode()]

    return Site(wsgi.ServeStatic(application, index), is_asgi=False)


SITES: dict[str, Callable[..., Site]] = {
    "flask": make_flask,
    "quart": make_quart,
    "starlette": make_starlette,
    "fastapi": make_fastapi,
    "litestar": make_litestar,
    "jinja": make_jinja,
}
