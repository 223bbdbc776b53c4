"""What a site without an application answers where no file exists: its single page, its 404 page, or a line of text.

    GET /users/3      the single page, if the site has one and the request is a navigation (see `is_navigation`)
    GET /nowhere      the 404 page, with status 404, if the site has one
    GET /missing.js   a line of text: a script or an image has no use for a page, unless the user navigates to it

Caches must not keep a 404: the file may exist after the next release. The pages are found in the index like any file;
their references must be absolute, since they are shown at URLs other than their own.
"""

from collections.abc import Iterable
from typing import NamedTuple

from servestatic.disk.read import read_slice
from servestatic.errors import SettingError
from servestatic.http.message import REQUEST_FIELDS, Asked, Fields, Memory, Response, Slice, join_fields, reject
from servestatic.http.representation import Missing
from servestatic.runtime.log import get_log
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.standalone.conventions import find_missing_pages, place_page

_log = get_log()
_NO_STORE = ("Cache-Control", "no-store")
# True of a file at its own URL, not of its bytes as the body of a 404.
_OF_THE_FILE = frozenset({"Cache-Control", "ETag", "Last-Modified", "Accept-Ranges"})


class Site(NamedTuple):
    """An index without an application; the pages are URL paths, or empty."""

    files: Index
    single_page: str = ""
    not_found: str = ""


def answer_without_file(site: Site, path: str, accept: str, request: Asked) -> Response:
    """Answer a request for a URL path that names no file; `accept` is the value of its Accept field."""
    method, fields, _ = request
    if site.single_page and is_navigation(method, path, accept):
        response = _read(site.files, site.single_page, request)
        if response.status != 404:
            return response
    if site.not_found and _is_page_welcome(method, path, accept):
        only = {name: value for name, value in fields.items() if name == "accept-encoding"}
        response = _read(site.files, site.not_found, (method, only, ""))
        if response.status == 200:
            kept: Fields = tuple(pair for pair in response.fields if pair[0] not in _OF_THE_FILE)
            return Response(404, (*kept, _NO_STORE), response.body)
    response = reject(404, "Not found.", (_NO_STORE,))
    return response if method != "HEAD" else Response(404, response.fields, None)


def is_navigation(method: str, path: str, accept: str) -> bool:
    """Return whether a request is a navigation to a path without a file: GET or HEAD, no extension, accepting HTML."""
    return method in ("GET", "HEAD") and not _extension(path) and "text/html" in accept.lower()


def _is_page_welcome(method: str, path: str, accept: str) -> bool:
    return method in ("GET", "HEAD") and (_extension(path) in ("", "html", "htm") or "text/html" in accept.lower())


def _extension(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""


def _read(index: Index, path: str, request: Asked) -> Response:
    """Answer a request with a page, its bytes in memory; 404 if it is unavailable."""
    target = index.get(path) or Missing(())
    response, file = answer(index.resources, target, request)
    if file is None or not isinstance(response.body, Slice):
        return response
    file.close()
    data = read_slice(response.body)
    return reject(404, "Gone.") if data is None else Response(response.status, response.fields, Memory(data))


# ------------------------------------------------------------------------------------------------------- the site


def site_of(settings: Settings, index: Index) -> Site:
    """Return the site that files make without an application."""
    pages = (settings.single_page, settings.not_found)
    single_page, not_found = (page and place_page(page, settings, index) for page in pages)
    return Site(index, single_page, not_found)


def check_site(settings: Settings, index: Index) -> Site:
    """Return the site that files make without an application; in development, missing pages may still be written.

    Raises:
        SettingError: a page that the settings name does not exist.
    """
    for setting, sentence in find_missing_pages(settings, index):
        if not settings.live:
            raise SettingError(f"the setting {setting} names a page that does not exist: {sentence}")
        _log.warning("the setting %s names a page that does not exist: %s", setting, sentence)
    return site_of(settings, index)


# --------------------------------------------------------------------------------------------- for each interface


def select_fields(sent: Iterable[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """Return the value of Accept, and the fields that an answer can depend on."""
    fields = join_fields([pair for pair in sent if pair[0] in REQUEST_FIELDS or pair[0] == "accept"])
    return fields.pop("accept", ""), fields


def body_of(response: Response) -> bytes:
    """Return the bytes of an answer, which are in memory."""
    return response.body.data if isinstance(response.body, Memory) else b""
