"""References between files: found as byte spans, resolved in the tree, rewritten with the fingerprint of the target.

A syntax is one row of `SYNTAXES`. To add one, write a module with `find` and `escape`, and add its row.
"""

import re
from collections.abc import Callable
from posixpath import relpath
from typing import NamedTuple
from urllib.parse import unquote

from servestatic.assets.names import encode, insert_fingerprint, logical, path_of
from servestatic.assets.references import css, html, javascript, webmanifest
from servestatic.assets.references.reference import MAX_REFERENCES, Kind, Reference

__all__ = ["MAX_REFERENCES", "SYNTAXES", "Kind", "Reference", "Syntax", "extension", "is_path", "resolve", "respell"]


class Syntax(NamedTuple):
    """How one kind of file writes references.

    Attributes:
        find: returns the references of a file, in order and without overlap, at most one more than `MAX_REFERENCES`;
            total and linear.
        escape: returns a URL as it can be written in any span that `find` returns.
        version: part of the key under which references are stored; increment it when `find` changes its results.
    """

    find: Callable[[bytes], list[Reference]]
    escape: Callable[[str], bytes]
    version: int


_JAVASCRIPT = Syntax(javascript.find, javascript.escape, version=3)
_HTML = Syntax(html.find, html.escape, version=3)

SYNTAXES = {
    ".css": Syntax(css.find, css.escape, version=1),
    ".htm": _HTML,
    ".html": _HTML,
    ".js": _JAVASCRIPT,
    ".mjs": _JAVASCRIPT,
    ".webmanifest": Syntax(webmanifest.find, webmanifest.escape, version=1),
}


def extension(name: str) -> str:
    """Return the extension of a name as `SYNTAXES` spells it: with the dot, in lower case."""
    last = name.rpartition("/")[2]
    return last[last.rfind(".") :].lower() if "." in last else ""


_NO_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//|[?#\\]|\Z")


def is_path(url: str) -> bool:
    """Return whether a URL is a path on its own host: it has no scheme and no other host, and is not empty."""
    return not _NO_PATH.match(url)


def resolve(url: str, base: str) -> str | None:
    """Return the decoded URL path that `url` names in a file at URL path `base`; None if it is above the root.

    Browsers (WHATWG URL §4.4) take `..` above the root for the root; a file that relies on this is broken elsewhere.
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
    """Return `url`, which names `target` in the file at `base`, with the fingerprint of the target.

    The path takes the spelling that all URLs have; query and fragment stay as they are. An absolute path within one
    mount becomes relative, so that the bytes do not depend on a prefix.
    """
    path = path_of(url)
    folder, slash, _ = logical(unquote(path, errors="surrogateescape")).rpartition("/")
    if path.startswith("/") and one_mount:
        way = relpath(target.rpartition("/")[0] or "/", base.rpartition("/")[0] or "/")
        folder, slash = way if way.startswith(".") else f"./{way}", "/"
    written = encode(folder + slash + insert_fingerprint(target.rpartition("/")[2], fingerprint))
    if not is_path(written):  # `a%3Ab.png`: a colon ends a scheme (RFC 3986 §4.2)
        written = f"./{written}"
    return written + url[len(path) :]
