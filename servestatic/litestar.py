"""Litestar: a plugin that serves static files and adds `static(name)` to templates.

    app = Litestar([home], plugins=[ServeStatic("static")], template_config=…)

In a template, `{{ static("css/app.css") }}` is the fingerprinted URL.
"""

from collections.abc import Callable
from typing import Any, NoReturn, Unpack

from litestar import Litestar
from litestar import asgi as handler
from litestar.config.app import AppConfig
from litestar.exceptions import NotFoundException
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Receive, Scope, Send

from servestatic import asgi
from servestatic.errors import SettingError
from servestatic.factory import build
from servestatic.frameworks.configure import configure
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index
from servestatic.settings.keywords import SettingsDict
from servestatic.sources import Source

__all__ = ["ServeStatic"]


class ServeStatic(InitPlugin):
    """Serve static files below the setting `prefix` and those of `root`, and add `static(name)` to templates.

    Args:
        sources: as for `servestatic.collect`.
        settings: as for `servestatic.collect`; `live` is on by default if the application's `debug` is.
    """

    index: Index

    def __init__(self, *sources: Source, **settings: Unpack[SettingsDict]) -> None:
        self._sources = sources
        self._settings = settings

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Collect, and add a handler and the template function to an application.

        Raises:
            SettingError: a setting is unknown or has a wrong value, or no source is given.
            SourceError: a directory does not exist.
            TypeError: something is not a source.
            ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
        """
        settings = configure(self._settings, debug=app_config.debug)
        if not (self._sources or settings.names_files):
            raise SettingError("no source for ServeStatic(): pass a directory, or set SERVESTATIC_SOURCES.")
        self.index = build(self._sources or settings.sources, settings)
        mount = handler(settings.prefix, is_static=True, copy_scope=True, opt={"exclude_from_auth": True})
        app_config.route_handlers.append(mount(_make_handler(self.index)))
        if self.index.catalog.has_others:
            app_config.on_startup.insert(0, _make_hook(self.index))
        if app_config.template_config is not None:
            names = Names(self.index, strict=settings.strict)
            engine = app_config.template_config.engine_instance
            engine.register_template_callable("static", _make_callable(names))
        return app_config


def _make_handler(index: Index) -> Any:
    serve: ASGIApp = asgi.ServeStatic(_refuse, index)  # type: ignore[assignment] # Litestar types each message

    async def serve_static(scope: Scope, receive: Receive, send: Send) -> None:
        # Litestar passes the path below the mount, without a trailing slash.
        path = index.prefix + scope["path"].lstrip("/")
        if (scope.get("raw_path") or b"").endswith(b"/") and not path.endswith("/"):
            path += "/"
        scope["path"], scope["root_path"] = path, ""
        await serve(scope, receive, send)

    return serve_static


def _make_hook(index: Index) -> Callable[[Litestar], None]:
    """Make a function that serves files elsewhere before any route: a mount at `/` would hide those with parameters."""
    done: list[Litestar] = []  # an application may start more than once, as in tests

    def serve_first(app: Litestar) -> None:
        if not done:
            done.append(app)
            app.asgi_handler = asgi.ServeStatic(app.asgi_handler, index)  # type: ignore[arg-type,assignment] # as above

    return serve_first


async def _refuse(*_: object) -> NoReturn:
    raise NotFoundException


def _make_callable(names: Names) -> Any:
    def static(context: Any, /, name: str) -> str:
        find = context.lookup if hasattr(context, "lookup") else context.get  # MiniJinja's, or a mapping
        request = find("request")
        root_path: str = request.scope.get("root_path", "") if request else ""
        return root_path.rstrip("/") + names.url(name)

    return static
