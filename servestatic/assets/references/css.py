"""References in CSS: `url()`, `src()`, `@import`, `image-set()`, the source map. Nothing here opens a file.

The rule: between two candidates, one regular expression consumes everything that can hide one (CSS Syntax 3 §4:
strings, comments, escapes), and only what a browser would tokenize as a reference is returned. `url` or `@import`
spelled with escapes is legal but does not occur in practice, and is left alone.
"""

import re
from collections.abc import Callable, Iterator
from heapq import merge

from servestatic.assets.references.reference import MAX_REFERENCES, OR_STOP, Kind, Reference

_Reader = Callable[[bytes, int, list[Reference]], int]

_SPACE = rb"[ \t\n\r\f]*+"
_OPEN_COMMENT = rb"/\*(?:[^*]++|\*(?!/)" + OR_STOP
_COMMENT = _OPEN_COMMENT + rb"\*/"
_GAP = rb"(?:[ \t\n\r\f]++|" + _COMMENT + OR_STOP
_NO_NAME_BEFORE = rb"(?<![\w\\#@\x80-\xff-])"
_NO_NAME_AFTER = rb"(?![\w\\\x80-\xff-])"
_HEX = rb"[0-9a-fA-F]{1,6}+(?:\r\n|[ \t\n\r\f]|)"  # §4.3.7: one space ends the digits
_ESCAPE = rb"\\(?:" + _HEX + rb"|\r\n|[\x00-\xff])"
_NAME_PART = rb"[\w\x80-\xff@#-]++|\\(?:" + _HEX + rb"|[^\n\r\f])"
_DOUBLE = rb'(?:[^"\\\n\r\f]++|' + _ESCAPE + OR_STOP
_SINGLE = rb"(?:[^'\\\n\r\f]++|" + _ESCAPE + OR_STOP
_PLAIN = rb"(?:[^\"'()\\\x01-\x20\x7f]++|\\(?:" + _HEX + rb"|[^\n\r\f])" + OR_STOP
_QUOTED = rb"(?:\"(?P<double>" + _DOUBLE + rb")(?:\"|\Z)|'(?P<single>" + _SINGLE + rb")(?:'|\Z))"

# Whole tokens up to a limit. A string (§4.3.5: a bad one ends with its line) or a comment that extends beyond the
# limit stops _CODE at its first byte; _OVER then matches all of it.
_CODE = re.compile(
    rb"(?:[^\"'/\\]++|\"" + _DOUBLE + rb"(?:\"|(?=[\n\r\f]))|'" + _SINGLE + rb"(?:'|(?=[\n\r\f]))"
    rb"|/(?!\*)|" + _COMMENT + rb"|" + _ESCAPE + OR_STOP
)
_OVER = re.compile(rb"\"" + _DOUBLE + rb"\"?|'" + _SINGLE + rb"'?|" + _OPEN_COMMENT + rb"(?:\*/)?|[\x00-\xff]")

_STRING = re.compile(_QUOTED)
# §4.3.6: a function with a string, or a url token; otherwise the remnants of a bad url (§4.3.14).
_URL = re.compile(
    _NO_NAME_BEFORE + rb"[uU][rR][lL]\(" + _SPACE + rb"(?:" + _QUOTED
    + rb"|(?P<plain>" + _PLAIN + rb")" + _SPACE + rb"(?:\)|\Z)"
    + rb"|(?![\"'])(?:[^)\\]++|" + _ESCAPE + rb"|\\" + OR_STOP + rb"\)?|)"
)  # fmt: skip
_SRC = re.compile(_NO_NAME_BEFORE + rb"[sS][rR][cC]\(" + _GAP + rb"(?:" + _QUOTED + rb"|)")
_IMPORT = re.compile(rb"(?<!\\)@[a-zA-Z]{6}" + _NO_NAME_AFTER + _GAP)
_PREFIX = rb"(?:[\w\x80-\xff-](?:[\w\x80-\xff-]++|\\." + OR_STOP + rb"(?!\()" + _GAP + rb"|)"
_NAMESPACE = re.compile(rb"(?<!\\)@[a-zA-Z]{9}" + _NO_NAME_AFTER + _GAP + _PREFIX)
_WEBKIT = rb"-webkit-)"
_SET = re.compile(
    rb"(?:(?<=" + _WEBKIT + rb"(?<![\w\\#@\x80-\xff-]" + _WEBKIT + rb"|" + _NO_NAME_BEFORE + rb")image-set\(",
    re.IGNORECASE,
)
_SET_TOKEN = re.compile(
    rb"(?P<function>(?:" + _NAME_PART + OR_STOP + rb"\(|\[)|(?P<close>[)\]])|(?P<end>[;{}])|(?P<string>[\"'])"
    rb"|" + _OPEN_COMMENT + rb"(?:\*/|\Z)|[ \t\n\r\f,]++|(?:" + _NAME_PART + rb"|(?!))++|[\x00-\xff]"
)
_MAP = re.compile(
    rb"/\*[#@][ \t]*+sourceMappingURL=(?P<plain>[^\x00-\x20*'\"()\\\x7f]++)" + _SPACE + rb"\*/(?=" + _GAP + rb"\Z)"
)

_ESCAPED = re.compile(
    r"\\(?:(?P<hex>[0-9a-fA-F]{1,6})(?:\r\n|[ \t\n\r\f])?|(?P<newline>\r\n|[\n\r\f])|(?P<any>.))|\x00",
    re.DOTALL,
)
_SPECIAL = re.compile(r"[\x00-\x20\"'()\\\x7f]")


def find(data: bytes) -> list[Reference]:
    """Return the references of a style sheet, in order; empty URLs, `#fragment` and `data:` are left out."""
    found: list[Reference] = []
    position = 0
    for start, read in _candidates(data):
        while position < start:
            position = _CODE.match(data, position, start).end()  # type: ignore[union-attr] # it matches nothing, too
            if position < start:
                position = _OVER.match(data, position).end()  # type: ignore[union-attr] # it matches any byte
        if position == start:
            position = read(data, start, found)
        if len(found) > MAX_REFERENCES:
            return found[: MAX_REFERENCES + 1]  # an image-set() has several
    return found


def escape(url: str) -> bytes:
    """Return a URL as it can be written in any span of `find`, quoted or not; NUL becomes `%00`."""
    return _SPECIAL.sub(_escaped, url).encode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> str:
    return f"\\{ord(match[0]):x} " if match[0] != "\0" else "%00"


def _decode(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    return _ESCAPED.sub(_unescaped, text) if "\\" in text or "\0" in text else text


def _unescaped(match: re.Match[str]) -> str:
    """Decode an escape (§4.3.7, and §3.3 for NUL): zero, surrogates and numbers beyond Unicode become U+FFFD."""
    if match["hex"]:
        code = int(match["hex"], 16)
        return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"
    return "" if match["newline"] else (match["any"] or "\0").replace("\0", "\ufffd")


def _candidates(data: bytes) -> Iterator[tuple[int, _Reader]]:
    """Yield the positions at which a reference may begin, in order; no two are equal."""
    lower = data.lower()
    label = data.rfind(b"sourceMappingURL=")
    comment = data.rfind(b"/*", 0, label) if label >= 0 else -1
    maps = [(comment, _read_map)] if comment >= 0 else []
    return merge(maps, *(_positions(lower, word, read) for word, read in _READERS.items()))


def _positions(lower: bytes, word: bytes, read: _Reader) -> Iterator[tuple[int, _Reader]]:
    """Yield the positions of a word; `bytes.find` in lower case is faster than any pattern that ignores case."""
    at = lower.find(word)
    while at >= 0:
        yield at, read
        at = lower.find(word, at + len(word))


def _keep(match: re.Match[bytes] | None, found: list[Reference], kind: Kind) -> None:
    group = match.lastgroup if match else None
    if match and group and match[group][:5].lower() != b"data:":
        url = _decode(match[group])
        if url and not url.startswith("#"):
            found.append(Reference(match.start(group), match.end(group), url, kind))


def _read(pattern: re.Pattern[bytes], data: bytes, at: int, found: list[Reference], kind: Kind) -> int:
    match = pattern.match(data, at)
    _keep(match, found, kind)
    return match.end() if match else at + 1


def _read_url(data: bytes, at: int, found: list[Reference]) -> int:
    return _read(_URL, data, at, found, "url")


def _read_src(data: bytes, at: int, found: list[Reference]) -> int:
    return _read(_SRC, data, at, found, "url")


def _read_map(data: bytes, at: int, found: list[Reference]) -> int:
    return _read(_MAP, data, at, found, "source map")


def _read_import(data: bytes, at: int, found: list[Reference]) -> int:
    match = _IMPORT.match(data, at)
    return _read_target(data, match.end(), found, "import") if match else at + 1


def _read_namespace(data: bytes, at: int, found: list[Reference]) -> int:
    """Skip the name of a namespace, which is an identifier even where it is written as a URL."""
    match = _NAMESPACE.match(data, at)
    return _read_target(data, match.end(), [], "url") if match else at + 1


def _read_target(data: bytes, at: int, found: list[Reference], kind: Kind) -> int:
    for pattern in (_STRING, _URL, _SRC):
        if pattern.match(data, at):
            return _read(pattern, data, at, found, kind)
    return at


def _read_set(data: bytes, at: int, found: list[Reference]) -> int:
    """Read an image-set() to its end: the strings directly inside are URLs, those in its type() are not."""
    match = _SET.match(data, at)
    functions = [b"image-set("] if match else []
    at = match.end() if match else at + 1
    while functions and (token := _SET_TOKEN.match(data, at)) and not token["end"]:
        word = (token["function"] or b"").lower()
        if word in _TARGETS:
            at = _read(_TARGETS[word], data, at, found, "url")
            functions += [word] if data[at - 1] != _CLOSE else []  # a url token includes its parenthesis
            continue
        at = token.end()
        if word:
            functions.append(word)
        elif token["close"]:
            functions.pop()
        elif token["string"]:
            at = _OVER.match(data, token.start()).end()  # type: ignore[union-attr] # it matches any byte
            if functions[-1].endswith(b"image-set("):
                _keep(_STRING.match(data, token.start()), found, "url")
    return at


_CLOSE = ord(")")
_TARGETS = {b"url(": _URL, b"src(": _SRC}
_READERS: dict[bytes, _Reader] = {
    b"url(": _read_url,
    b"src(": _read_src,
    b"@import": _read_import,
    b"@namespace": _read_namespace,
    b"image-set(": _read_set,
}
