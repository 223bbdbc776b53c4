"""Starlette and FastAPI: a mount that replaces one of `StaticFiles`.

    app = Starlette(routes=[Route("/", home), ServeStatic("/static", "static")])
    app.routes.append(ServeStatic("/static", "static"))  # FastAPI

`url_for("static", path="css/app.css")` gives the fingerprinted URL.
"""

from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import Mount, Router
from starlette.types import Receive, Scope, Send

from servestatic import asgi
from servestatic.assets.names import encode
from servestatic.errors import SettingError
from servestatic.factory import build
from servestatic.frameworks.configure import configure
from servestatic.frameworks.names import Names
from servestatic.sources import Source

__all__ = ["ServeStatic"]


class ServeStatic(Mount):
    """Serve static files below `path`, collected when this is constructed.

    A path without a file gets the application's 404, from its own handlers. Routes do not know the framework's debug
    flag: during development, pass `live=` or set SERVESTATIC_LIVE.

    Args:
        path: URL path of the mount.
        sources: as for `servestatic.collect`.
        name: the name of the route, for `url_for`.
        settings: as for `servestatic.collect`, except for the prefix, which is `path`.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or no source is given.
        SourceError: a directory does not exist.
        TypeError: something is not a source.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """

    def __init__(self, path: str, *sources: Source, name: str = "static", **settings: object) -> None:
        self.prefix = f"{path.rstrip('/')}/"
        resolved = configure(settings, prefix=self.prefix, because=f"ServeStatic({path!r}, …)")
        if not (sources or resolved.sources or resolved.build):
            raise SettingError(f"no source for ServeStatic({path!r}): pass a directory, or set SERVESTATIC_SOURCES.")
        self.index = build(sources or resolved.sources, resolved)
        self._names = Names(self.index, strict=resolved.strict)
        super().__init__(path, app=asgi.ServeStatic(Router().not_found, self.index), name=name)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the fingerprinted path of `path`, percent-encoded.

        Raises:
            NoMatchFound: as for any route.
            UnknownAsset: no source has the file; only with `strict`.
        """
        if name == self.name and "path" in path_params:
            url = self._names.url(str(path_params["path"]).lstrip("/"))
            path_params["path"] = url.removeprefix(encode(self.prefix))
        return super().url_path_for(name, **path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the path below the mount, wherever the mount is and whether or not the server sets a root path."""
        path, root_path = scope["path"], scope["root_path"]
        below = path[len(root_path) :] if path.startswith(f"{root_path}/") else path.removeprefix(self.path)
        await self.app({**scope, "path": self.path + below, "root_path": ""}, receive, send)
