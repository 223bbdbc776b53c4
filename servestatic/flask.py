"""Flask: an extension in the place of the static routes of an application and its blueprints.

    static = ServeStatic(app)  # or static = ServeStatic(), and later static.init_app(app)

`url_for("static", filename="css/app.css")` and `url_for("shop.static", filename=…)` give fingerprinted URLs.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from flask import Flask, current_app
from flask.sansio.app import App
from werkzeug.exceptions import NotFound

from servestatic import wsgi
from servestatic.errors import SettingError
from servestatic.factory import build, check_sources
from servestatic.frameworks.configure import configure
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index
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
        app: the application; None where `init_app` will name it.
        sources: more than the application's own static folder, as for `servestatic.collect`; they come after it.
        settings: as for `servestatic.collect`, but for the prefix, which is the application's `static_url_path`.
            `app.config["SERVESTATIC_MAX_AGE"]` and its like are read, too, after the environment.
    """

    def __init__(self, app: Flask | None = None, *sources: Source, **settings: object) -> None:
        self._sources = sources
        self._settings = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Serve the static files of an application; they are collected when they are first needed.

        Raises:
            SettingError: a setting is unknown or has a wrong value, or the application has this extension already.
            BuildError: there is no such sealed build as the setting `build` names.
            SourceError: a directory does not exist.
            TypeError: something is not a source.
        """
        pass_on = app.wsgi_app
        site = Site(app, self._sources, self._settings, lambda index: wsgi.ServeStatic(pass_on, index), _refuse)

        def wsgi_app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            served: Iterable[bytes] = site.collected().serve(environ, start_response)
            return served

        app.wsgi_app = wsgi_app  # type: ignore[method-assign] # what Flask's documentation asks middleware to do

    @property
    def index(self) -> Index:
        """The index of the current application."""
        site: Site = current_app.extensions[NAME]
        return site.collected().index


def _refuse(**_: object) -> None:
    """Stand in for the view of a static route: files that there are were answered for before."""
    raise NotFound


# ------------------------------------------------------------------------------- what Quart and Flask have in common


class Folder(NamedTuple):
    """A static route: its endpoint, the URL path before its file names, and the folder behind it, if there is one."""

    endpoint: str
    place: str
    directory: str | None


@dataclass(frozen=True)
class Collected:
    """What was collected, and for how many blueprints.

    Attributes:
        index: the files.
        names: the index as templates ask it.
        places: URL paths by the endpoints that are served.
        blueprints: how many there were.
        serve: the framework's application below an adapter.
    """

    index: Index
    names: Names
    places: Mapping[str, str]
    blueprints: int
    serve: Callable[..., Any]


class Site:
    """The static files of one application: collected when they are first needed, again when a blueprint came later."""

    def __init__(
        self,
        app: App,
        sources: tuple[Source, ...],
        given: Mapping[str, object],
        adapt: Callable[[Index], Callable[..., Any]],
        refuse: Callable[..., Any],
    ) -> None:
        """Take note of what there is; `refuse` replaces the views of the static routes."""
        if NAME in app.extensions:
            raise SettingError(f"{app} has a ServeStatic already: make one, or call init_app once.")
        self._app = app
        self._sources = sources
        self._given = given
        self._adapt = adapt
        self._refuse = refuse
        self._lock = threading.Lock()
        self._collected: Collected | None = None
        settings = self._configure()
        self._sealed = build((), settings) if settings.build else None  # what is wrong with it is said at once
        if self._sealed is None:
            check_sources(sources or settings.sources, settings)
        if sources and "static" not in {rule.endpoint for rule in app.url_map.iter_rules()}:
            app.add_url_rule(f"{settings.prefix}<path:filename>", endpoint="static", view_func=refuse)
        app.extensions[NAME] = self
        app.url_defaults(self._fingerprint)

    def ready(self) -> Collected | None:
        """Return what was collected, None if that is still to be done."""
        collected = self._collected
        return collected if collected and collected.blueprints == len(self._app.blueprints) else None

    def collected(self) -> Collected:
        """Return what was collected; the first call does it."""
        return self.ready() or self._collect_once()

    def _collect_once(self) -> Collected:
        with self._lock:
            collected = self.ready()
            if collected is None:
                collected = self._collected = self._collect()
            return collected

    def _collect(self) -> Collected:
        blueprints = len(self._app.blueprints)
        settings = self._configure()
        folders = [*find_folders(self._app)]
        sources = _order(folders, self._sources or settings.sources, settings.prefix)
        index = build(sources, settings) if self._sealed is None else self._sealed
        self._app.view_functions.update({each.endpoint: self._refuse for each in folders if each.directory})
        places = {folder.endpoint: folder.place for folder in folders}
        return Collected(index, Names(index, strict=settings.strict), places, blueprints, self._adapt(index))

    def _configure(self) -> Settings:
        app = self._app
        values = {name: value for name, value in app.config.items() if name.startswith(VARIABLE)}
        origin = Origin("app.config", values, lambda name: VARIABLE + name.upper())
        prefix = "" if app.static_url_path is None else f"{app.static_url_path}/"
        return configure(self._given, origin, prefix=prefix, because="static_url_path", debug=app.debug)

    def _fingerprint(self, endpoint: str, values: dict[str, Any]) -> None:
        """Put the fingerprint into a file name that a URL is made of (a function for `app.url_defaults`)."""
        if endpoint.rpartition(".")[2] == "static" and values.get("filename"):
            collected = self.collected()
            if place := collected.places.get(endpoint):
                name = _place_name(place, collected.index.prefix) + str(values["filename"])
                url = unquote(collected.names.url(name))
                if url.startswith(place):  # not that of another folder's file of the same name
                    values["filename"] = url[len(place) :]


def find_folders(app: App) -> Iterator[Folder]:
    """Yield the static routes of an application, then those of its blueprints, in the order of registration.

    Those that answer for one host alone, or have parameters before the file's, stay with the framework.
    """
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for endpoint, owner in (("static", app), *((f"{name}.static", each) for name, each in app.blueprints.items())):
        rule = rules.get(endpoint)
        place = rule.rule.removesuffix("<path:filename>") if rule else ""
        if rule and place.endswith("/") and "<" not in place and not (rule.host or rule.subdomain):
            directory = owner.static_folder
            yield Folder(endpoint, place, directory if directory and os.path.isdir(directory) else None)


def _order(folders: Iterable[Folder], more: Iterable[Source], prefix: str) -> Iterator[Source]:
    """Yield the application's folder, what was named besides, then the blueprints' folders, each at its place."""
    own: list[Source] = []
    blueprints: list[Source] = []
    for endpoint, place, directory in folders:
        if directory is not None:
            at = None if place.startswith(prefix) else "/"
            source = Directory(directory, at=at, under=_place_name(place, prefix))
            (own if endpoint == "static" else blueprints).append(source)
    yield from (*own, *more, *blueprints)


def _place_name(place: str, prefix: str) -> str:
    """Return what the logical paths of a place begin with: distinct for each, as the files of blueprints are alike."""
    return place[len(prefix) :] if place.startswith(prefix) else place[1:]
