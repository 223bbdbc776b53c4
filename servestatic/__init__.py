"""Static files from Python: collected when the application starts, fingerprinted, compressed, served by the book."""

from typing import TYPE_CHECKING, Any

from servestatic.assets.file import File
from servestatic.errors import (
    BrokenReference,
    BuildError,
    ServeStaticError,
    SettingError,
    SourceError,
    UnknownAsset,
)
from servestatic.factory import collect, live
from servestatic.serving.index import Index
from servestatic.sources.directory import Directory
from servestatic.sources.package import Package

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from servestatic.asgi import Application
    from servestatic.rsgi import ServeStatic

    app: Application
    wsgi_app: WSGIApplication
    rsgi_app: ServeStatic

__all__ = [
    "BrokenReference",
    "BuildError",
    "Directory",
    "File",
    "Index",
    "Package",
    "ServeStaticError",
    "SettingError",
    "SourceError",
    "UnknownAsset",
    "app",
    "collect",
    "live",
    "rsgi_app",
    "wsgi_app",
]


def __getattr__(name: str) -> Any:
    """Make a standalone application when a server imports it: `uvicorn servestatic:app`."""
    if name not in ("app", "wsgi_app", "rsgi_app"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from servestatic.standalone import apps as standalone

    application = globals()[name] = getattr(standalone, f"make_{name}")()
    return application
