"""References between files: found as byte spans, resolved in the tree, written back with the target's fingerprint.

A syntax is one row of `SYNTAXES`. To add one, write a module with `find` and `escape` and add its row.
"""

import re
from collections.abc import Callable
from posixpath import relpath
from typing import NamedTuple
from urllib.parse import quote, unquote

from servestatic.assets.names import insert_fingerprint, logical, path_of
from servestatic.assets.references import css, html, javascript, webmanifest
from servestatic.assets.references.reference import MAX_REFERENCES, Kind, Reference

__all__ = ["MAX_REFERENCES", "SYNTAXES", "Kind", "Reference", "Syntax", "extension", "is_path", "resolve", "respell"]


class Syntax(NamedTuple):
    """How one kind of file writes references.

    Attributes:
        find: the references of a file, in order and apart, at most one more than `MAX_REFERENCES`; total and linear.
        escape: a URL as it may stand in any span that `find` yields.
        version: part of the key under which found references are stored; raise it when `find` finds others.
    """

    find: Callable[[bytes], list[Reference]]
    escape: Callable[[str], bytes]
    version: int


_JAVASCRIPT = Syntax(javascript.find, javascript.escape, version=2)
_HTML = Syntax(html.find, html.escape, version=2)

SYNTAXES = {
    ".css": Syntax(css.find, css.escape, version=1),
    ".htm": _HTML,
    ".html": _HTML,
    ".js": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".webmanifest": Syntax(webmanifest.find, webmanifest.escape, version=1),
}


def extension(name: str) -> str:
    """Return the extension of a name as `SYNTAXES` spells it: the dot and lower-case letters."""
    last = name.rpartition("/")[2]
    return last[last.rfind(".") :].lower() if "." in last else ""


_NO_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|[?#\\]|\Z")
_FOLDER = re.compile(r"(?:(.*)(/|%2[fF]))?(.*)", re.S)  # an encoded slash names the same file


def is_path(url: str) -> bool:
    """Tell whether a URL names something by a path on its own host: no scheme, no other host, not empty."""
    return not _NO_PATH.match(url)


def resolve(url: str, base: str) -> str | None:
    """Return the URL path that `url` names in a file at URL path `base`, decoded; None if it is above the root.

    Browsers (WHATWG URL §4.4) read `..` above the root as the root; a file that relies on it is broken elsewhere.
    """
    path = unquote(path_of(url), errors="surrogateescape")
    parts = [] if path.startswith("/") else base.split("/")[1:-1]
    for part in path.removeprefix("/").split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/" + logical("/".join(parts))


def respell(url: str, base: str, target: str, fingerprint: str, *, one_mount: bool) -> str:
    """Write `url`, which names `target` in the file at `base`, with the fingerprint of the target.

    Folder, query and fragment stay as they are, but for an absolute path within one mount: it becomes relative, so that
    the bytes depend on no prefix.
    """
    path = path_of(url)
    folder, slash, last = _FOLDER.match(path).groups("")  # type: ignore[union-attr] # it matches anything
    name = insert_fingerprint(target.rpartition("/")[2], fingerprint)
    if path.startswith("/") and one_mount:
        way = relpath(target.rpartition("/")[0] or "/", base.rpartition("/")[0] or "/")
        folder, slash = quote(way if way.startswith(".") else f"./{way}", errors="surrogateescape"), "/"
    written = insert_fingerprint(last, fingerprint)
    if unquote(written) != name:  # written in another normal form, or with an encoded dot
        written = quote(name, errors="surrogateescape")
    return folder + slash + written + url[len(path) :]
