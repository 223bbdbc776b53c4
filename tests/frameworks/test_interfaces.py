"""What an adapter is given: applications of its own interface, and an index or what can be collected."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic import asgi, rsgi, wsgi
from servestatic.frameworks.interfaces import possible_interfaces
from tests.support.files import write
from tests.support.interfaces.asgi import asgi_application, call_asgi, scope_of
from tests.support.interfaces.rsgi import call_rsgi, rsgi_application, rsgi_scope_of
from tests.support.interfaces.wsgi import call_wsgi, environ_of, wsgi_application
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Asgi:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Endpoint:
    """As Starlette's: the class is the application."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...


class Double:
    """ASGI 2, which no server calls by three arguments."""

    def __init__(self, scope: Any) -> None: ...


class Wsgi:
    def __call__(self, environ: Any, start_response: Any) -> Any: ...


class Rsgi:
    async def __rsgi__(self, scope: Any, protocol: Any) -> None: ...


class Hidden(Wsgi):
    __signature__ = "none to see, as of extension modules"


class Both(Asgi, Rsgi):
    pass


def anything(*arguments: Any, **more: Any) -> Any: ...


async def anything_async(*arguments: Any) -> Any: ...


def with_defaults(environ: Any, start_response: Any, more: Any = None) -> Any: ...


def annotated(environ: Nowhere, start_response: Nowhere) -> Nowhere: ...  # type: ignore[name-defined] # noqa: F821 - never evaluated


KINDS: dict[str, tuple[object, set[str]]] = {
    "ASGI function": (asgi_application, {"asgi"}),
    "ASGI object": (Asgi(), {"asgi"}),
    "ASGI method": (Asgi().__call__, {"asgi"}),
    "partial": (partial(lambda more, *rest: None, 1), {"asgi", "wsgi", "rsgi"}),
    "endpoint": (Endpoint, {"asgi"}),
    "a function that returns what is awaited": (lambda scope, receive, send: None, {"asgi"}),
    "WSGI function": (wsgi_application, {"wsgi"}),
    "WSGI object": (Wsgi(), {"wsgi"}),
    "annotated": (annotated, {"wsgi"}),
    "RSGI function": (rsgi_application, {"rsgi"}),
    "RSGI object": (Rsgi(), {"rsgi"}),
    "ASGI and RSGI": (Both(), {"asgi", "rsgi"}),
    "anything": (anything, {"asgi", "wsgi", "rsgi"}),
    "anything, asynchronous": (anything_async, {"asgi", "rsgi"}),
    "defaults": (with_defaults, {"asgi", "wsgi"}),
    "without a signature": (Hidden(), {"asgi", "wsgi", "rsgi"}),
    "ASGI 2": (Double, set()),
    "a text": ("static", set()),
    "nothing": (None, set()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_interfaces(kind: str) -> None:
    application, possible = KINDS[kind]
    assert possible_interfaces(application) == possible


ADAPTERS: dict[str, Any] = {"asgi": asgi.ServeStatic, "wsgi": wsgi.ServeStatic, "rsgi": rsgi.ServeStatic}
APPLICATIONS: dict[str, Any] = {"asgi": asgi_application, "wsgi": wsgi_application, "rsgi": rsgi_application}
CALLS: dict[str, Callable[[Any, Sent], Exchange]] = {
    "asgi": lambda adapter, sent: asyncio.run(call_asgi(adapter, scope_of(sent))),
    "wsgi": lambda adapter, sent: call_wsgi(adapter, environ_of(sent)),
    "rsgi": lambda adapter, sent: asyncio.run(call_rsgi(adapter.__rsgi__, rsgi_scope_of(sent))),
}


@pytest.mark.parametrize("given", APPLICATIONS)
@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_refuses_the_applications_of_others(adapter: str, given: str, tmp_path: Path) -> None:
    index = servestatic.collect(write(tmp_path, {"a.txt": "a"}))
    if adapter == given:
        assert ADAPTERS[adapter](APPLICATIONS[given], index).index is index
        return
    with pytest.raises(TypeError, match=rf"is {given.upper()}\. Use servestatic\.{given}\.ServeStatic"):
        ADAPTERS[adapter](APPLICATIONS[given], index)


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_refuses_what_is_not_an_application(adapter: str, tmp_path: Path) -> None:
    index = servestatic.collect(write(tmp_path, {"a.txt": "a"}))
    with pytest.raises(TypeError, match=r"is not an application\. Pass the application, then the files\."):
        ADAPTERS[adapter](index, APPLICATIONS[adapter])


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_collects_what_is_not_an_index(
    adapter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"static/a.txt": "a", "more/b.txt": "b"})
    monkeypatch.chdir(tmp_path)
    named = ("static", tmp_path / "static", servestatic.Directory("static"), ["static", tmp_path / "more"])
    for each in named:
        served = ADAPTERS[adapter](APPLICATIONS[adapter], each)
        answers = [CALLS[adapter](served, Sent("GET", path, ())) for path in ("/static/a.txt", "/elsewhere")]
        assert [answer.body for answer in answers] == [b"a", b"the application\n"]
    assert CALLS[adapter](served, Sent("GET", "/static/b.txt", ())).body == b"b"
    with pytest.raises(servestatic.SourceError, match="the directory 'nope'"):
        ADAPTERS[adapter](APPLICATIONS[adapter], "nope")
    with pytest.raises(TypeError, match="None is not a source"):
        ADAPTERS[adapter](APPLICATIONS[adapter], None)
