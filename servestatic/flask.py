"""Flask: an extension that replaces the static routes of an application and its blueprints.

    static = ServeStatic(app)  # or static = ServeStatic(), and later static.init_app(app)

`url_for("static", filename="css/app.css")` and `url_for("shop.static", filename=…)` give fingerprinted URLs.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack
from urllib.parse import unquote

from flask import Flask, current_app
from flask.sansio.app import App
from werkzeug.exceptions import NotFound

from servestatic import wsgi
from servestatic.errors import SettingError
from servestatic.factory import build
from servestatic.frameworks.configure import configure, read_max_age
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index
from servestatic.settings.keywords import SettingsDict
from servestatic.settings.model import Settings
from servestatic.settings.origins import VARIABLE, Origin
from servestatic.sources import Source
from servestatic.sources.directory import Directory

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

__all__ = ["ServeStatic"]

NAME = "servestatic"  # in `app.extensions`


class ServeStatic:
    """The extension.

    Args:
        app: the application; None if `init_app` follows.
        sources: as for `servestatic.collect`; they come after the application's own static folder.
        settings: as for `servestatic.collect`, except for the prefix, which is the application's `static_url_path`.
            `app.config["SERVESTATIC_MAX_AGE"]` and the like are also read, after the environment.
    """

    def __init__(self, app: Flask | None = None, *sources: Source, **settings: Unpack[SettingsDict]) -> None:
        self._sources = sources
        self._settings = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve the static files of an application; they are collected on first use.

        Raises:
            SettingError: a setting is unknown or has a wrong value, or the application already has this extension.
            BuildError: the sealed build that the setting `build` names does not exist, or is damaged.
            SourceError: a directory does not exist.
            TypeError: something is not a source.
        """
        pass_on = app.wsgi_app
        files = AppFiles(app, self._sources, self._settings, lambda index: wsgi.ServeStatic(pass_on, index), _refuse)

        def wsgi_app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            served: Iterable[bytes] = files.collected().serve(environ, start_response)
            return served

        app.wsgi_app = wsgi_app  # type: ignore[method-assign] # what Flask's documentation asks middleware to do

    @property
    def index(self) -> Index:
        """The index of the current application."""
        files: AppFiles = current_app.extensions[NAME]
        return files.collected().index


def _refuse(**_: object) -> None:
    """Replace the view of a static route: requests for existing files are answered before they get here."""
    raise NotFound


# ------------------------------------------------------------------------------------ what Flask and Quart share


class StaticRoute(NamedTuple):
    """A static route: its endpoint, the URL path before its file names, and its directory, if that exists."""

    endpoint: str
    path: str
    directory: str | None


@dataclass(frozen=True)
class Collection:
    """What was collected.

    Attributes:
        index: the files.
        names: their URLs, for templates.
        paths: the URL path of each endpoint that is served.
        blueprints: how many blueprints the application had.
        serve: the framework's application, wrapped in an adapter.
    """

    index: Index
    names: Names
    paths: Mapping[str, str]
    blueprints: int
    serve: Callable[..., Any]


class AppFiles:
    """The static files of one application: collected on first use, and again after a blueprint is registered."""

    def __init__(
        self,
        app: App,
        sources: tuple[Source, ...],
        given: Mapping[str, object],
        adapt: Callable[[Index], Callable[..., Any]],
        refuse: Callable[..., Any],
    ) -> None:
        """Check the configuration, so that its errors are raised at once; `refuse` replaces static routes' views."""
        if NAME in app.extensions:
            raise SettingError(f"{app} has a ServeStatic already: make one, or call init_app once.")
        self._app = app
        self._sources = sources
        self._given = given
        self._adapt = adapt
        self._refuse = refuse
        self._lock = threading.Lock()
        self._collected: Collection | None = None
        settings = self._configure()
        self._sealed = build((), settings) if settings.build else None
        if self._sealed is None:
            from servestatic.pipeline.expand import check_sources

            check_sources(sources or settings.sources, settings)
        if sources and "static" not in {rule.endpoint for rule in app.url_map.iter_rules()}:
            app.add_url_rule(f"{settings.prefix}<path:filename>", endpoint="static", view_func=refuse)
        app.extensions[NAME] = self
        app.url_defaults(self._fingerprint)

    def ready(self) -> Collection | None:
        """Return what was collected, or None if it is not up to date."""
        collected = self._collected
        return collected if collected and collected.blueprints == len(self._app.blueprints) else None

    def collected(self) -> Collection:
        """Return what was collected; collect first if it is not up to date."""
        return self.ready() or self._collect_once()

    def _collect_once(self) -> Collection:
        with self._lock:
            collected = self.ready()
            if collected is None:
                collected = self._collected = self._collect()
            return collected

    def _collect(self) -> Collection:
        blueprints = len(self._app.blueprints)
        settings = self._configure()
        routes = [*find_routes(self._app)]
        sources = _order(routes, self._sources or settings.sources, settings.prefix)
        index = build(sources, settings) if self._sealed is None else self._sealed
        self._app.view_functions.update({route.endpoint: self._refuse for route in routes if route.directory})
        paths = {route.endpoint: route.path for route in routes}
        return Collection(index, Names(index, strict=settings.strict), paths, blueprints, self._adapt(index))

    def _configure(self) -> Settings:
        app = self._app
        values = {name: value for name, value in app.config.items() if name.startswith(VARIABLE)}
        origin = Origin("app.config", values, lambda name: VARIABLE + name.upper())
        prefix = "" if app.static_url_path is None else f"{app.static_url_path}/"
        own = read_max_age(app.config, app.default_config)
        return configure(self._given, origin, prefix=prefix, because="static_url_path", debug=app.debug, own=own)

    def _fingerprint(self, endpoint: str, values: dict[str, Any]) -> None:
        """Put the fingerprint into the file name of a URL (a function for `app.url_defaults`)."""
        if endpoint.rpartition(".")[2] == "static" and values.get("filename"):
            collected = self.collected()
            if path := collected.paths.get(endpoint):
                name = _strip_prefix(path, collected.index.prefix) + str(values["filename"])
                url = unquote(collected.names.url(name))
                if url.startswith(path):  # not the URL of another folder's file of the same name
                    values["filename"] = url[len(path) :]


def find_routes(app: App) -> Iterator[StaticRoute]:
    """Yield the static routes of an application, then those of its blueprints, in the order of registration.

    The framework keeps those that answer for a single host, or have parameters before the file name.
    """
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint, owner in (
        ("static", app),
        *((f"{name}.static", blueprint) for name, blueprint in app.blueprints.items()),
    ):
        rule = rules.get(endpoint)
        path = rule.rule.removesuffix("<path:filename>") if rule else ""
        if rule and path.endswith("/") and "<" not in path and not (rule.host or rule.subdomain):
            directory = owner.static_folder
            yield StaticRoute(endpoint, path, directory if directory and os.path.isdir(directory) else None)


def _order(routes: Iterable[StaticRoute], more: Iterable[Source], prefix: str) -> Iterator[Source]:
    """Yield the application's folder, the other sources, then the blueprints' folders, each at its URL path."""
    own: list[Source] = []
    blueprints: list[Source] = []
    for endpoint, path, directory in routes:
        if directory is not None:
            at = None if path.startswith(prefix) else "/"
            source = Directory(directory, at=at, under=_strip_prefix(path, prefix))
            (own if endpoint == "static" else blueprints).append(source)
    yield from (*own, *more, *blueprints)


def _strip_prefix(path: str, prefix: str) -> str:
    """Return what logical paths below a URL path begin with: blueprints may have files of the same name."""
    return path[len(prefix) :] if path.startswith(prefix) else path[1:]
