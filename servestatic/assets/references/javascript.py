"""References in JavaScript: imports, URLs relative to a module, what Vite preloads, source maps.

Nothing here opens a file.

The rule: words that may begin a reference are found first; a scanner then goes from one to the next and decides which
of them are code. A script without such words is not scanned at all. URLs relative to a module are those of
`new URL("img/a.png", import.meta.url)` and of `import.meta.resolve("./img/a.png")`.

Specifiers that are neither relative nor absolute paths (`import "react"`) are left out, since they never name files.
"""

import re
from collections.abc import Iterator
from heapq import merge

from servestatic.assets.references.javascript_code import DOUBLE, GAP, SINGLE, Scanner
from servestatic.assets.references.reference import MAX_REFERENCES, OR_STOP, Kind, Reference

_QUOTED = rb"(?:\"(?P<double>" + DOUBLE + rb")\"|'(?P<single>" + SINGLE + rb")')"
_TEXT = rb"(?:" + _QUOTED + rb"|`(?P<template>(?:[^`\\$\n\r]++|\\[^\n\r]|\$(?!\{)" + OR_STOP + rb")`)"

# Where a reference may begin (cheap, on all text), and its exact form (on code).
_STANDS_ALONE = re.compile(rb"(?<![\w$\\#\x80-\xff])|(?<=\xc2\xa0)|(?<=\xef\xbb\xbf)|(?<=\xe2\x80[\xa8\xa9])")
_SEEMS_FROM = re.compile(rb"from(?=\s*+(?:[\"'][./\\]|/[/*]|[\xc2\xe2\xef]))")
_SEEMS_IMPORT = re.compile(
    rb"import(?=\s*+(?:[\"'][./\\]|/[/*]|[\xc2\xe2\xef]|(?:\.\s*+(?:source|defer)\s*+)?\(\s*+(?:[\"'`][./\\]|/[/*])))"
)
_SEEMS_URL = re.compile(rb"new(?=\s++URL\s*+\(\s*+[\"'`/])")
_META = rb"import\s*+\.\s*+meta\s*+\.\s*+"
_SEEMS_RESOLVE = re.compile(rb"import(?=\s*+\.\s*+meta\s*+\.\s*+resolve\s*+(?:\?\.\s*+|)\(\s*+[\"'`/])")
_FROM = re.compile(rb"from" + GAP + _QUOTED)
_IMPORT = re.compile(rb"import" + GAP + _QUOTED)
_CALL = re.compile(rb"import" + GAP + rb"(?:\.\s*+(?:source|defer)\s*+|)\(" + GAP + _TEXT + GAP + rb"[,)]")
_META_URL = _META + rb"url\s*+,?"
_URL = re.compile(rb"new\s++URL\s*+\(" + GAP + _TEXT + GAP + rb"," + GAP + _META_URL + GAP + rb"\)")
# A bare name is left to the import map, so only a path counts, and only where it is written without escapes.
_RESOLVE = re.compile(_META + rb"resolve\s*+(?:\?\.\s*+|)\(" + GAP + rb"(?=[\"'`]\.{0,2}/)" + _TEXT + GAP + rb"[,)]")
# Import attributes (ECMA-262 §16.2.2).
_TYPE = re.compile(
    GAP + rb"with" + GAP + rb"\{" + GAP + rb"[\"']?type[\"']?" + GAP + rb":" + GAP + rb"[\"'](json|css)[\"']"
)
_TYPED: dict[bytes, Kind] = {b"json": "json import", b"css": "css import"}
# Vite 5 and later write what an `import()` needs as texts, which a function turns into links: a browser loads each
# module twice if these and the imports have different names. What `renderBuiltUrl` makes absolute is left alone.
_SEEMS_LIST = re.compile(rb"__vite__(?=(?:mapDeps(?:\.viteFileDeps)?|fileDeps)\s*+=)")
_LIST = re.compile(rb"__vite__[\w.]++\s*+=[^\"'`\[\]]{0,200}+\[")
_ITEM = re.compile(rb"\s*+(?![\"']/)" + _QUOTED + rb"\s*+,?")
_Form = tuple[re.Pattern[bytes], Kind]
_CANDIDATES: tuple[tuple[re.Pattern[bytes], tuple[_Form, ...]], ...] = (
    (_SEEMS_FROM, ((_FROM, "import"),)),
    (_SEEMS_IMPORT, ((_IMPORT, "import"), (_CALL, "dynamic import"))),
    (_SEEMS_URL, ((_URL, "url"),)),
    (_SEEMS_RESOLVE, ((_RESOLVE, "url"),)),
    (_SEEMS_LIST, ((_LIST, "bundled"),)),
)
# A wide line end (U+2028, U+2029) also ends a single-line comment, and cannot be escaped in any comment.
_MAP_URL = rb"[#@][ \t]*+sourceMappingURL=(?P<%s>(?:[^\x00-\x20*'\"`\\{\x7f\xe2]++|\xe2(?!\x80[\xa8\xa9]))++)"
_MAP = re.compile(
    rb"(?://" + _MAP_URL % b"line" + rb"[ \t]*+(?:[\n\r]|(?=\xe2)|\Z)|/\*" + _MAP_URL % b"block" + rb"\s*+\*/)"
    rb"(?=" + GAP + rb"\Z)"
)

_ESCAPED = re.compile(
    r"(?P<units>(?:\\u[0-9a-fA-F]{4})+)|\\(?:u\{0*(?P<long>[0-9a-fA-F]{1,6})\}|x(?P<short>[0-9a-fA-F]{2})"
    r"|(?P<newline>\r\n|[\n\r\u2028\u2029])|(?P<any>.))",
    re.DOTALL,
)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}
_SPECIAL = re.compile(r"[\x00-\x1f\"'`\\\u2028\u2029]|\$(?=\{)")


def find(data: bytes) -> list[Reference]:
    """Return the references of a script, in order; those that are not paths (bare, `data:`, empty) are left out."""
    found: list[Reference] = []
    scanner = Scanner(data)
    for start, forms in _candidates(data):
        if scanner.reach(start) and not scanner.is_behind_dot():
            scanner.skip_to(_read(data, start, forms, found))
        if len(found) > MAX_REFERENCES:
            return found
    match = _last_map(data)
    if match and (_is_on_its_own(data, match) or scanner.reach(match.start())):
        _keep(match, "source map", found)
    return found


def escape(url: str) -> bytes:
    """Return a URL as it can be written in any literal that `find` returns.

    The comment of a source map has no escapes, so `find` leaves out those that would need them.
    """
    return _SPECIAL.sub(_escaped, url).encode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _unescaped(match: re.Match[str]) -> str:
    """Decode an escape (ECMA-262 §12.9.4); a lone surrogate becomes U+FFFD, as in every URL."""
    if match["units"]:
        return bytes.fromhex(match["units"].replace("\\u", "")).decode("utf-16-be", "replace")
    digits = match["long"] or match["short"]
    if digits:
        code = int(digits, 16)
        return chr(code) if code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    return "" if match["newline"] else _LETTERS.get(match["any"], match["any"])


def _candidates(data: bytes) -> Iterator[tuple[int, tuple[_Form, ...]]]:
    """Yield the positions at which a reference may begin, in order; no two are equal."""
    return merge(*(_find_candidates(data, *candidate) for candidate in _CANDIDATES))


def _find_candidates(
    data: bytes, seems: re.Pattern[bytes], forms: tuple[_Form, ...]
) -> Iterator[tuple[int, tuple[_Form, ...]]]:
    for match in seems.finditer(data):
        if _STANDS_ALONE.match(data, match.start()):
            yield match.start(), forms


def _read(data: bytes, at: int, forms: tuple[_Form, ...], found: list[Reference]) -> int:
    for pattern, kind in forms:
        if (match := pattern.match(data, at)) and kind == "bundled":
            return _read_list(data, match.end(), found)
        if match:
            typed = _TYPE.match(data, match.end()) if kind == "import" else None
            _keep(match, _TYPED[typed[1]] if typed else kind, found)
            return match.end()
    return at + 1


def _read_list(data: bytes, at: int, found: list[Reference]) -> int:
    while len(found) <= MAX_REFERENCES and (match := _ITEM.match(data, at)):
        _keep(match, "bundled", found)
        at = match.end()
    return at


def _keep(match: re.Match[bytes], kind: Kind, found: list[Reference]) -> None:
    group = match.lastgroup or ""
    url = match[group].decode("utf-8", "surrogateescape")
    url = _ESCAPED.sub(_unescaped, url) if "\\" in url else url
    if url.startswith(("./", "../", "/")) or ("import" not in kind and url and not url.startswith("data:")):
        found.append(Reference(match.start(group), match.end(group), url, kind))


def _last_map(data: bytes) -> re.Match[bytes] | None:
    """Match the comment of the last source map, if only space and comments follow it (ECMA-426 §11.1.2.1)."""
    label = data.rfind(b"sourceMappingURL=")
    return _MAP.search(data, max(0, label - 16)) if label >= 0 else None


def _is_on_its_own(data: bytes, comment: re.Match[bytes]) -> bool:
    """Return whether a comment is the whole last line: what could hide it would end after it, so no scan is needed."""
    start = comment.start()
    line = max(data.rfind(b"\n", 0, start), data.rfind(b"\r", 0, start)) + 1
    if data[line:start].strip() or data[comment.end() :].strip():
        return False
    return comment.lastgroup == "line" or data.rfind(b"/*", 0, start) < max(0, data.rfind(b"*/", 0, start) - 1)
