"""`get_wsgi_application` and `get_asgi_application`: static files before Django, everything else as Django has it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from django.core.signals import request_started
from django.templatetags.static import static
from django.test import override_settings

from servestatic.django import get_asgi_application, get_wsgi_application
from servestatic.django.holder import holder
from tests.http.conformance import APPLICATION
from tests.support.interfaces.asgi import call_asgi, scope_of, talk
from tests.support.interfaces.wsgi import call_wsgi, environ_of
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def make_wsgi() -> Callable[[Sent], Exchange]:
    application = get_wsgi_application()
    return lambda sent: call_wsgi(application, environ_of(sent))


def make_asgi() -> Callable[[Sent], Exchange]:
    application = get_asgi_application()
    return lambda sent: asyncio.run(call_asgi(application, scope_of(sent), any_case=True))


MAKE = pytest.mark.parametrize("make", [make_wsgi, make_asgi])


@MAKE
@pytest.mark.parametrize(
    "middleware", [[], ["servestatic.django.ServeStaticMiddleware"]], ids=["alone", "with middleware"]
)
def test_before_django(folder: Path, make: Callable[[], Callable[[Sent], Exchange]], middleware: list[str]) -> None:
    started: list[object] = []

    def note(**_: object) -> None:
        started.append(1)

    request_started.connect(note)
    with override_settings(MIDDLEWARE=middleware):
        ask = make()
        answer = ask(Sent("GET", static("b.svg"), ()))
        assert (answer.status, answer.body, started) == (200, b"<svg/>", [])
        assert ask(Sent("GET", "/page", ())).status == APPLICATION
        assert started == [1]
    request_started.disconnect(note)


@MAKE
def test_the_index_of_the_moment(
    folder: Path, make: Callable[[], Callable[[Sent], Exchange]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    ask = make()
    assert ask(Sent("GET", static("b.svg"), ())).body == b"<svg/>"
    other = tmp_path_factory.mktemp("other")
    (other / "b.svg").write_text("<svg>other</svg>")
    with override_settings(STATICFILES_DIRS=[other]):
        assert ask(Sent("GET", static("b.svg"), ())).body == b"<svg>other</svg>"
    assert ask(Sent("GET", static("b.svg"), ())).body == b"<svg/>"


# STATIC_URL, FORCE_SCRIPT_NAME, the server's name for the script → the paths that are files then.
MOUNTS: dict[str, tuple[str, str | None, str, list[str]]] = {
    "nothing": ("/static/", None, "", ["/static/"]),
    "mounted": ("static/", None, "/app", ["/app/static/", "/static/"]),
    "mounted, in full": ("/app/static/", None, "/app", ["/app/static/"]),
    "forced": ("static/", "/app", "", ["/static/"]),
    "forced, in full": ("/app/static/", "/app", "", ["/static/"]),
    "forced and mounted": ("static/", "/app", "/app", ["/app/static/", "/static/"]),
    "a CDN's path": ("https://cdn.example/x/", None, "", ["/x/"]),
}


@MAKE
@pytest.mark.parametrize("row", MOUNTS)
def test_mounts(folder: Path, make: Callable[[], Callable[[Sent], Exchange]], row: str) -> None:
    static_url, script_name, root, paths = MOUNTS[row]
    with override_settings(STATIC_URL=static_url, FORCE_SCRIPT_NAME=script_name):
        ask = make()
        for path in paths:
            answer = ask(Sent("GET", path + holder.index().path("b.svg"), (), root=root))
            assert (answer.status, answer.body) == (200, b"<svg/>")
        assert ask(Sent("GET", "/b.svg", (), root=root)).status == APPLICATION


def test_a_proxy_that_leaves_the_script_name(folder: Path) -> None:
    """Under ASGI, Django takes FORCE_SCRIPT_NAME off the path."""
    with override_settings(STATIC_URL="static/", FORCE_SCRIPT_NAME="/app"):
        answer = make_asgi()(Sent("GET", "/app/static/" + holder.index().path("b.svg"), ()))
        assert answer.body == b"<svg/>"


# ------------------------------------------------------------------------------------------- other protocols


def test_lifespan(folder: Path) -> None:
    """`uvicorn --lifespan on` starts, and nothing is logged about an application that cannot do it."""
    sent = talk(get_asgi_application(), {"type": "lifespan"}, "lifespan.startup", "lifespan.shutdown")
    assert [message["type"] for message in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_websockets_are_django_s(folder: Path) -> None:
    with pytest.raises(ValueError, match="Django can only handle ASGI/HTTP connections, not websocket"):
        talk(get_asgi_application(), {"type": "websocket", "path": static("b.svg")})


def test_websockets_need_no_index(folder: Path) -> None:
    """Nor does one wait until it is made anew, after a setting has changed."""
    application: Any = get_asgi_application()
    holder.forget()
    with pytest.raises(ValueError, match="Django can only handle ASGI/HTTP connections, not websocket"):
        asyncio.run(application({"type": "websocket", "path": "/"}, None, None))
    assert holder._index is None
