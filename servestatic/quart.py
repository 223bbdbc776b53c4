"""Quart: an extension that replaces the static routes of an application and its blueprints.

    static = ServeStatic(app)  # or static = ServeStatic(), and later static.init_app(app)

`await render_template(…)` with `url_for("static", filename="css/app.css")` gives fingerprinted URLs.
"""

from typing import Unpack

from quart import Quart, current_app
from werkzeug.exceptions import NotFound

from servestatic import asgi
from servestatic.disk.chunks import run_in_thread
from servestatic.flask import NAME, AppFiles
from servestatic.serving.index import Index
from servestatic.settings.keywords import SettingsDict
from servestatic.sources import Source

__all__ = ["ServeStatic"]


class ServeStatic:
    """The extension.

    Args:
        app: the application; None if `init_app` follows.
        sources: as for `servestatic.collect`; they come after the application's own static folder.
        settings: as for `servestatic.collect`, except for the prefix, which is the application's `static_url_path`.
            `app.config["SERVESTATIC_MAX_AGE"]` and the like are also read, after the environment.
    """

    def __init__(self, app: Quart | None = None, *sources: Source, **settings: Unpack[SettingsDict]) -> None:
        self._sources = sources
        self._settings = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Quart) -> None:
        """Serve the static files of an application; they are collected when the server starts.

        Raises:
            SettingError: a setting is unknown or has a wrong value, or the application already has this extension.
            BuildError: the sealed build that the setting `build` names does not exist, or is damaged.
            SourceError: a directory does not exist.
            TypeError: something is not a source.
        """
        pass_on: asgi.Application = app.asgi_app  # type: ignore[assignment] # Quart types each message
        files = AppFiles(app, self._sources, self._settings, lambda index: asgi.ServeStatic(pass_on, index), _refuse)

        async def start() -> None:
            await run_in_thread(files.collected)

        async def asgi_app(scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
            if scope["type"] != "http":
                await pass_on(scope, receive, send)
                return
            collected = files.ready()
            if collected is None:
                collected = await run_in_thread(files.collected)
            await collected.serve(scope, receive, send)

        app.asgi_app = asgi_app  # type: ignore[assignment,method-assign] # what Quart's documentation asks for
        app.before_serving(start)

    @property
    def index(self) -> Index:
        """The index of the current application."""
        files: AppFiles = current_app.extensions[NAME]
        return files.collected().index


async def _refuse(**_: object) -> None:
    """Replace the view of a static route: requests for existing files are answered before they get here."""
    raise NotFound
