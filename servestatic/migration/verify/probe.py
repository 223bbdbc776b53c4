"""Collects the static files of a Django project and requests each of them, in a process of the project's interpreter.

It is run from its text (`python -c`), reads a document, `Asked` of run.py, from a file, and writes `answer` into `out`.
"""  # nothing of servestatic is imported: that interpreter need not have it

from __future__ import annotations

import asyncio
import gzip
import hashlib
import inspect
import json
import os
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import CodeType
from typing import Any, Dict, Tuple, cast  # noqa: UP035 - as below
from urllib.parse import unquote, urlsplit

_Response = Tuple[int, Dict[str, str], bytes]  # noqa: UP006 - the other interpreter may be older than 3.9


class _Edited(SourceFileLoader):
    """Loads a module from an edited text."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _Finder:
    """Finds the modules whose files have another text than on disk."""

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target)
        origin = (spec.origin if spec else None) or ""
        text = self._texts.get(os.path.realpath(origin))
        if spec is None or text is None:
            return None
        loader, below = _Edited(name, origin, text), spec.submodule_search_locations
        return spec_from_file_location(name, origin, loader=loader, submodule_search_locations=below)


def set_up(asked: dict[str, Any]) -> tuple[Any, bool]:
    """Set up Django with DEBUG off and a STATIC_ROOT of our own; return its settings, and whether DEBUG was on."""
    os.environ.update(asked["variables"], DJANGO_SETTINGS_MODULE=asked["settings"])
    sys.path.insert(0, asked["root"])
    sys.meta_path.insert(0, cast("Any", _Finder(asked["texts"])))
    import django
    from django.conf import settings

    settings.DEBUG, was = False, settings.DEBUG
    settings.STATIC_ROOT = os.path.join(asked["out"], "static")
    options = getattr(settings, "STORAGES", {}).get("staticfiles", {}).get("OPTIONS", {})
    options.update({"location": settings.STATIC_ROOT} if "location" in options else {})
    django.setup()
    return settings, bool(was)


def probe(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what the project answers to a request for each file: by name, or by URL for files at the site's root."""
    settings, debug = set_up(asked)
    from django.contrib.staticfiles.storage import staticfiles_storage as storage
    from django.core.management import call_command

    kind = _path(storage.__class__)  # of the object behind Django's lazy one
    if os.path.realpath(getattr(storage, "location", None) or "/") != os.path.realpath(settings.STATIC_ROOT):
        return {"error": "not local", "storage": kind}
    if asked["collect"]:
        call_command("collectstatic", interactive=False, verbosity=0)
    middleware = _find_middleware(settings.MIDDLEWARE, asked["package"], asked["middleware"])
    served = _Served(asked["bodies"], middleware, storage)
    files = {name: served.describe(name, source) for name, source in _list_files()}
    at_root = _list_at_root(middleware) if asked["at_root"] is None else asked["at_root"]
    return {
        "debug": debug,
        "storage": kind,
        "middleware": _path(type(middleware)) if middleware else "",
        "files": {**files, **{url: {**served.answer(url), "url": url} for url in at_root}},
        "at_root": at_root,
    }


def _path(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _list_files() -> Iterator[tuple[str, bytes]]:
    """Yield what collectstatic collects: the name of each file, and its bytes."""
    from django.apps import apps
    from django.contrib.staticfiles.finders import get_finders

    ignore = cast("Any", apps.get_app_config("staticfiles")).ignore_patterns
    seen = set()
    for finder in get_finders():
        for path, storage in finder.list(ignore):
            prefix = getattr(storage, "prefix", None)
            name = (f"{prefix}/{path}" if prefix else path).replace(os.sep, "/")
            if name not in seen:
                seen.add(name)
                with storage.open(path) as file:
                    yield name, file.read()


def _find_middleware(paths: list[str], package: str, default: str) -> Any:
    """Make the middleware that serves files: of a class of the package, or derived from one."""
    from django.utils.module_loading import import_string

    for path in [*paths, *filter(None, [default])]:
        try:
            kind = import_string(path)
        except ImportError:
            if path == default or path.partition(".")[0] == package:
                raise
            continue
        if any(base.__module__.partition(".")[0] == package for base in inspect.getmro(kind)):
            return kind(_find_nothing if getattr(kind, "sync_capable", True) else _find_nothing_async)
    return None


def _find_nothing(_: object) -> Any:
    from django.http import HttpResponseNotFound

    return HttpResponseNotFound()


async def _find_nothing_async(_: object) -> Any:
    return _find_nothing(None)


def _list_at_root(middleware: Any) -> list[str]:
    """Return the URLs that WhiteNoise's middleware serves outside of its prefix."""
    prefix = getattr(middleware, "static_prefix", None) or "/"
    return sorted(url for url in getattr(middleware, "files", {}) if not url.startswith(prefix))


class _Served:
    """What a middleware, or a folder if there is none, has for URLs; bodies are put into a folder by their digest."""

    def __init__(self, out: str, middleware: Any, storage: Any) -> None:
        from django.conf import settings
        from django.test import RequestFactory

        self._script_name = (settings.FORCE_SCRIPT_NAME or "").rstrip("/")
        self._out, self._middleware, self._storage = out, middleware, storage
        self._requests = RequestFactory(HTTP_ACCEPT_ENCODING="gzip", HTTP_ORIGIN="https://else.example")
        types = getattr(middleware, "media_types", None)
        self._default_types = type(types)() if types else None

    def describe(self, name: str, source: bytes) -> dict[str, Any]:
        """Return the URL of a file, and the answer to a request for it."""
        try:
            url = self._storage.url(name)
        except ValueError as error:
            return {"url": "", "status": 0, "error": str(error)}
        default = self._default_types.get_type(f"/{name}") if self._default_types else ""
        more = {"url": url, "source": hashlib.sha256(source).hexdigest(), "default_type": default}
        return {**self.answer(url, source), **more}

    def answer(self, url: str, source: bytes = b"") -> dict[str, Any]:
        """Return status, fields and the digest of the decoded body; status 0 if only the folder has the file."""
        path = urlsplit(url).path
        if path.startswith(self._script_name + "/"):
            path = path[len(self._script_name) :]
        status, fields, body = self._request(path) if self._middleware else self._open(unquote(path))
        if fields.get("content-encoding") == "gzip" and body != source:  # a .svgz is that itself
            body = gzip.decompress(body)
        digest = hashlib.sha256(body).hexdigest()
        with open(os.path.join(self._out, digest), "wb") as file:
            file.write(body)
        return {"status": status, "fields": fields, "digest": digest}

    def _request(self, path: str) -> _Response:
        response = self._middleware(self._requests.get(path, secure=True))
        return asyncio.run(_read_async(response)) if inspect.isawaitable(response) else _read(response)

    def _open(self, path: str) -> _Response:
        name = path[len(urlsplit(self._storage.base_url).path) :]
        with self._storage.open(name) as file:
            return 0, {}, file.read()


def _read(response: Any, body: bytes | None = None) -> _Response:
    if body is None:
        body = b"".join(response.streaming_content) if response.streaming else response.content
    response.close()
    return response.status_code, {name.lower(): value for name, value in response.headers.items()}, body


async def _read_async(awaited: Any) -> _Response:
    response = await awaited
    streams = getattr(response, "is_async", False)
    return _read(response, b"".join([chunk async for chunk in response.streaming_content]) if streams else None)


def _describe(error: BaseException) -> dict[str, str]:
    """Return the first line of an error, and the module whose absence is behind it."""
    behind: Any = error
    while behind is not None and not isinstance(behind, ModuleNotFoundError):
        behind = behind.__cause__ or behind.__context__
    said = f"{type(error).__name__}: {error}".partition("\n")[0]
    return {"error": said, "module": (behind.name or "") if behind else ""}


def _main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        asked = json.load(file)
    try:
        answer = probe(asked)
    except Exception as error:  # noqa: BLE001 - settings are code: whatever they raise is the answer
        answer = _describe(error)
    with open(os.path.join(asked["out"], "answer"), "w", encoding="utf-8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    _main(sys.argv[1])
