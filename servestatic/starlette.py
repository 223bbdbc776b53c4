"""Starlette and FastAPI: a mount that replaces one of `StaticFiles`.

    app = Starlette(routes=[Route("/", home), ServeStatic("/static", "static")])
    app.routes.append(ServeStatic("/static", "static"))  # FastAPI

It is a route, not an application for `app.mount`: only a route decides what `url_for` returns.
`url_for("static", path="css/app.css")` gives the fingerprinted URL.
"""

from collections.abc import Mapping
from os import PathLike
from typing import Any, Unpack

from starlette.datastructures import URLPath
from starlette.routing import Match, Mount, Router
from starlette.types import Receive, Scope, Send

from servestatic import asgi
from servestatic.assets.names import encode
from servestatic.errors import SettingError
from servestatic.factory import build
from servestatic.frameworks.configure import configure
from servestatic.frameworks.names import Names
from servestatic.runtime.log import get_log
from servestatic.serving.deliver import find
from servestatic.settings.keywords import SettingsDict
from servestatic.sources import Source

__all__ = ["ServeStatic"]

_log = get_log()


class ServeStatic(Mount):
    """Serve static files below `path`, and those of the setting `root`, collected when this is constructed.

    For a path without a file, the application's own handlers answer 404. Under `uvicorn --reload` and `fastapi dev`,
    changes are followed by default (`live`); a route does not know the application's debug flag.

    Args:
        path: URL path of the mount; it begins with a slash.
        sources: as for `servestatic.collect`.
        directory: one more source, as `StaticFiles` calls it.
        name: the name of the route, for `url_for`.
        settings: as for `servestatic.collect`, except for the prefix, which is `path`.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or no source is given.
        SourceError: a directory does not exist.
        TypeError: something is not a source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """

    def __init__(
        self,
        path: str = "",
        *sources: Source,
        directory: str | PathLike[str] | None = None,
        name: str = "static",
        **settings: Unpack[SettingsDict],
    ) -> None:
        _refuse_other_use(path, settings)
        sources = (*sources, directory) if directory is not None else sources
        self.prefix = f"{path.rstrip('/')}/"
        resolved = configure(settings, prefix=self.prefix, because=f"ServeStatic({path!r}, …)")
        if not (sources or resolved.names_files):
            raise SettingError(f"no source for ServeStatic({path!r}): pass a directory, or set SERVESTATIC_SOURCES.")
        self.index = build(sources or resolved.sources, resolved)
        self._names = Names(self.index, strict=resolved.strict)
        self._is_reported = False
        super().__init__(path, app=asgi.ServeStatic(Router().not_found, self.index), name=name)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the fingerprinted path of `path`, percent-encoded.

        Raises:
            NoMatchFound: as for any route.
            UnknownAsset: no source has the file; only with `strict`.
        """
        if name == self.name and "path" in path_params:
            url = self._names.url(str(path_params["path"]).lstrip("/"))
            below = encode(self.prefix)
            if not url.startswith(below):
                return URLPath(url, "http")
            path_params["path"] = url.removeprefix(below)
        return super().url_path_for(name, **path_params)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match requests below the mount, and those for files at the root; the routes before this one come first."""
        match, child = super().matches(scope)
        if match is Match.NONE and scope["type"] == "http" and self._is_elsewhere(scope):
            return Match.FULL, {"endpoint": self.app, _ELSEWHERE: True}
        return match, child

    def _is_elsewhere(self, scope: Scope) -> bool:
        """Return whether a path names a file of the index that is not below the mount."""
        index, root_path = self.index, scope.get("root_path", "")
        return index.catalog.has_others and find(index.resources, scope["path"], root_path) is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as an application that is mounted somewhere, which loses the fingerprints that `url_for` writes."""
        if "router" in scope and not self._is_reported:
            self._is_reported = True
            _log.warning(
                "ServeStatic(%r, …) is mounted by another route, so url_for() gives URLs without fingerprints."
                " In place of app.mount(…), write: app.routes.append(ServeStatic(%r, …))",
                self.path,
                self.path,
            )
        if self.path and scope.get("root_path", "").endswith(self.path):  # mounted at its own path
            await self.handle(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the path below the mount, wherever the mount is and whether or not the server sets a root path."""
        if _ELSEWHERE in scope:
            await self.app(scope, receive, send)
            return
        path, root_path = scope["path"], scope["root_path"]
        below = path[len(root_path) :] if path.startswith(f"{root_path}/") else path.removeprefix(self.path)
        await self.app({**scope, "path": self.path + below, "root_path": ""}, receive, send)


_ELSEWHERE = "servestatic.elsewhere"  # key of a scope whose path is not below the mount

# What arguments of `StaticFiles` are called here.
_OTHERWISE = {
    "packages": 'pass Package("package") as a source',
    "html": 'write index_file="index.html"',
    "check_dir": "pass Directory(directory, missing_ok=True) as a source",
    "follow_symlink": 'write follow_symlinks="all"',
}


def _refuse_other_use(path: object, settings: Mapping[str, object]) -> None:
    """Refuse what is meant for `StaticFiles`.

    Raises:
        SettingError: there is no URL path, or an argument of `StaticFiles` that has another name here.
    """
    if not isinstance(path, str) or not path.startswith("/"):
        raise SettingError(
            f"ServeStatic({path!r}, …) has no URL path: it is a route, not an application for app.mount()."
            ' Write app.routes.append(ServeStatic("/static", "directory")), or put it among the routes.'
        )
    for name, remedy in _OTHERWISE.items():
        if name in settings:
            raise SettingError(f"{name} is an argument of StaticFiles, not of ServeStatic({path!r}, …): {remedy}.")
