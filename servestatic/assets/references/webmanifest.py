"""References in web app manifests (the images of icons, screenshots and shortcuts) and in import maps.

Nothing here opens a file.

The rule: a manifest that is not JSON (RFC 8259) has no references; in one that is, a tokenizer without recursion
knows the path of keys to every string. `start_url` and `scope` name pages, not files, and are left alone.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice

from servestatic.assets.references.reference import MAX_REFERENCES, OR_STOP, Reference

_Path = tuple[str | None, ...]
# Keys from the outside in; None is any index of an array.
_IMAGES: frozenset[_Path] = frozenset(
    {("icons", None, "src"), ("screenshots", None, "src"), ("shortcuts", None, "icons", None, "src")}
)
_MAX_DEPTH = max(map(len, _IMAGES))
_TOKEN = re.compile(rb'"(?P<text>(?:[^"\\]++|\\[\x00-\xff]' + OR_STOP + rb')"|(?P<mark>[{}\[\]:,])|[^"{}\[\]:,]++')
_ESCAPED = re.compile(r"(?P<units>(?:\\u[0-9a-fA-F]{4})+)|\\(?P<any>.)", re.DOTALL)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_SPECIAL = re.compile(r"[\x00-\x1f\"\\]")


def find(data: bytes) -> list[Reference]:
    """Return the images of a manifest, in order; empty URLs and `data:` are left out."""
    images = (
        Reference(start, stop, url, "url")
        for path, start, stop, url in _strings(data)
        if path in _IMAGES and url and not url.startswith("data:")
    )
    return [*islice(images, MAX_REFERENCES + 1)]


def find_in_import_map(data: bytes) -> list[Reference]:
    """Return the modules of an import map (HTML §8.1.5.3), without folders; none if the map has `integrity`."""
    if any(path[:1] == ("integrity",) for path, *_ in _strings(data)):
        return []
    modules = (
        Reference(start, stop, url, "import")
        for path, start, stop, url in _strings(data)
        if (len(path), *path[:1]) in ((2, "imports"), (3, "scopes"))
        and url.startswith(("./", "../", "/"))
        and not url.endswith("/")
    )
    return [*islice(modules, MAX_REFERENCES + 1)]


def escape(url: str) -> bytes:
    """Return a URL as it can be written in a string of JSON."""
    return _SPECIAL.sub(_escaped, url).encode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _unescaped(match: re.Match[str]) -> str:
    """Decode an escape (RFC 8259 §7); a lone surrogate becomes U+FFFD, as in every URL."""
    if match["units"]:
        return bytes.fromhex(match["units"].replace("\\u", "")).decode("utf-16-be", "replace")
    return _LETTERS.get(match["any"], match["any"])


def _decode(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    return _ESCAPED.sub(_unescaped, text) if "\\" in text else text


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8", "surrogateescape").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    return True


def _strings(data: bytes) -> Iterator[tuple[_Path, int, int, str]]:
    """Yield path, span and text of each string that is a value, down to the depth of images."""
    path: list[str | None] = []
    is_key = False
    for token in _TOKEN.finditer(data) if _is_json(data) else ():
        mark, text = token["mark"], token["text"]
        if text is not None and is_key:
            path[-1] = _decode(text)
        elif text is not None and len(path) <= _MAX_DEPTH:
            yield tuple(path), token.start("text"), token.end("text"), _decode(text)
        elif mark in (b"{", b"["):
            path.append("" if mark == b"{" else None)
        elif mark in (b"}", b"]"):
            path.pop()
        if mark:
            is_key = mark == b"{" or (mark == b"," and path[-1] is not None)
