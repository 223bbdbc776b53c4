"""Static files from Python: collected when the application starts, fingerprinted, compressed, served by the book."""

from importlib import import_module
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

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from servestatic.asgi import Application
    from servestatic.rsgi import ServeStatic
    from servestatic.settings.keywords import SettingsDict
    from servestatic.sources.directory import Directory
    from servestatic.sources.package import Package

    app: Application
    wsgi_app: WSGIApplication
    rsgi_app: ServeStatic
    __version__: str

__all__ = [
    "BrokenReference",
    "BuildError",
    "Directory",
    "File",
    "Index",
    "Package",
    "ServeStaticError",
    "SettingError",
    "SettingsDict",
    "SourceError",
    "UnknownAsset",
    "app",
    "collect",
    "live",
    "rsgi_app",
    "wsgi_app",
]


_MODULES = {
    "Directory": "servestatic.sources.directory",
    "Package": "servestatic.sources.package",
    "SettingsDict": "servestatic.settings.keywords",
}


def _make(name: str) -> Any:
    """Return what not every program needs: an application (`uvicorn servestatic:app`), a class, the version."""
    if name in _MODULES:
        made: Any = getattr(import_module(_MODULES[name]), name)
    elif name in ("app", "wsgi_app", "rsgi_app"):
        from servestatic import standalone

        made = getattr(standalone, f"make_{name}")()
    elif name == "__version__":
        made = _find_version()
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made
    return made


def _find_version() -> str:
    from importlib.metadata import PackageNotFoundError, version  # importing it takes longer than the package itself

    try:
        return version("statictree")
    except PackageNotFoundError as error:
        raise AttributeError("the distribution 'statictree' is not installed, so its version is unknown") from error


if not TYPE_CHECKING:  # type checkers would take any name for one of the module's
    __getattr__ = _make
