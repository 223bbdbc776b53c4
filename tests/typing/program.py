"""What type checkers say of programs that use the package: a comment marks each line that they refuse.

mypy reports a comment that marks a line which it does not refuse; `test_typing` runs other type checkers, too.
"""

from pathlib import Path
from typing import Unpack

import servestatic
import servestatic.flask
import servestatic.litestar
import servestatic.quart
import servestatic.starlette
from servestatic import Directory, File, Index, Package, SettingsDict, asgi, rsgi, wsgi


async def asgi_app(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
    """Answer nothing."""


def collect_site(**settings: Unpack[SettingsDict]) -> Index:
    """Collect in a function of one's own."""
    return servestatic.collect("site", **settings)


def use_settings(path: Path, bundled: list[str]) -> None:
    """Pass settings, right ones and wrong ones."""
    servestatic.collect(path, "more", Directory("a"), Package("b"), [File("a.txt", b"", None, "here")], max_age=5)
    servestatic.collect(prefix="/s/", store=path, immutable=bundled, headers={"*.pdf": {"X-A": "b"}}, live=True)
    servestatic.collect(
        path, max_age=None, headers=lambda name, url: {"X": name + url}, immutable=lambda name: "-" in name
    )
    servestatic.collect(path, headers=lambda name: {"X": name})  # type: ignore[arg-type,misc] # of one argument
    servestatic.collect(path, max_agee=5)  # type: ignore[call-arg] # no such setting
    servestatic.collect(path, max_age="5")  # type: ignore[arg-type] # a text
    servestatic.collect(path, cors="none")  # type: ignore[arg-type] # not one of the values
    servestatic.collect(Directory(path, follow_symlinks="packages"), Package("b", follow_symlinks="all"))
    servestatic.collect(path, root=path / "public", manifests="m.json")
    servestatic.collect(path, root=["public", path])
    servestatic.collect(path, root=3)  # type: ignore[arg-type] # not a path
    servestatic.collect(path, follow_symlinks="on")  # type: ignore[arg-type] # not one of the values
    servestatic.collect(path, immutable=path)  # type: ignore[arg-type] # not a list
    servestatic.collect(path, sources=["a"])  # type: ignore[call-arg] # they come before the keywords
    servestatic.collect(3)  # type: ignore[arg-type] # not a source
    servestatic.live(path, max_age=5)
    servestatic.live(path, live=True)  # type: ignore[call-arg] # it is
    collect_site(compress="startup")
    collect_site(compress="later")  # type: ignore[arg-type] # not one of the values


def use_frameworks(path: Path) -> None:
    """Pass settings to the frameworks' entrances."""
    servestatic.flask.ServeStatic(None, path, max_age=5)
    servestatic.flask.ServeStatic(None, path, max_agee=5)  # type: ignore[call-arg] # no such setting
    servestatic.quart.ServeStatic(None, path, max_age=5)
    servestatic.quart.ServeStatic(None, path, max_agee=5)  # type: ignore[call-arg] # no such setting
    servestatic.litestar.ServeStatic(path, max_age=5)
    servestatic.litestar.ServeStatic(path, max_agee=5)  # type: ignore[call-arg] # no such setting
    servestatic.starlette.ServeStatic("/static", path, name="files", max_age=5)
    servestatic.starlette.ServeStatic("/static", path, max_agee=5)  # type: ignore[call-arg] # no such setting


def use_index(index: Index) -> None:
    """Use what is collected."""
    text: str = index.url("a.css") + servestatic.__version__ + repr(index)
    servestatic.colect(text)  # type: ignore[attr-defined] # no such name
    index.url(3)  # type: ignore[arg-type] # not a name
    asgi.ServeStatic(asgi_app, index)
    asgi.ServeStatic(asgi_app, "static")
    asgi.ServeStatic(asgi_app)  # type: ignore[call-arg] # no files
    wsgi.ServeStatic(asgi_app, index)  # type: ignore[arg-type] # of another interface
    rsgi.ServeStatic(asgi_app, text)
