"""References in HTML pages to the files that they show or run. Nothing here opens a file.

The rule: the tokens are those of the WHATWG standard (HTML §13.2.5), the elements those of a table. What a page shows
or runs is a reference; where it leads (`<a>`, `<iframe>`, `<meta>`) is not. Left alone are

- a page with `<base href>`, which changes what every URL names, with `<html data-servestatic="off">` or with
  `<meta name="servestatic" content="off">`;
- an element with `data-servestatic="off"`;
- an element with `integrity`, since the browser would reject other contents; an import map with it, too;
- what template engines fill in: `{{ … }}`, `{% … %}`, `${…}`, `<% … %>` and `<? … ?>` are not URLs;
- a reference in a `<style>`, a `<script type="module">` or an import map that is spelled differently in that syntax
  and in HTML (with `&`, a quote, a parenthesis …), since `escape` serves both.
"""

import re
from collections.abc import Callable, Iterator
from html.entities import html5
from itertools import chain, islice
from urllib.parse import unquote

from servestatic.assets.names import encode
from servestatic.assets.references import css, javascript, webmanifest
from servestatic.assets.references.reference import MAX_REFERENCES, OR_STOP, Reference

_Attributes = dict[bytes, tuple[int, int]]

_OFF = b"data-servestatic"
_URLS: dict[bytes, tuple[bytes, ...]] = {
    b"audio": (b"src",),
    b"embed": (b"src",),
    b"img": (b"src",),
    b"input": (b"src",),
    b"link": (b"href",),
    b"script": (b"src",),
    b"source": (b"src",),
    b"track": (b"src",),
    b"video": (b"src", b"poster"),
}
_SETS = {b"img": b"srcset", b"source": b"srcset", b"link": b"imagesrcset"}
_RELS = frozenset(
    ("stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload", "modulepreload", "prefetch")
)
_ELEMENTS = frozenset((*_URLS, b"base", b"html", b"meta", b"style"))
_RAW = frozenset(b"script style textarea title xmp iframe noembed noframes plaintext".split())
_FOREIGN = frozenset((b"svg", b"math"))
# §13.2.6.5: these end foreign content, as in a page with an <svg> that is not closed.
_HTML_ONLY = frozenset(
    b"b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta"
    b" nobr ol p pre ruby s small span strong strike sub sup table tt u ul var".split()
)

_SPACES = b"\t\n\f\r "
_NAME = rb"[^\t\n\f\r />][^\t\n\f\r />=]*+"
_EQUALS = rb"[\t\n\f\r ]*+=[\t\n\f\r ]*+"
_ATTRIBUTE = _NAME + rb"(?:" + _EQUALS + rb"(?:\"[^\"]*+\"|'[^']*+'|(?![\"'])[^\t\n\f\r >]*+)|(?!" + _EQUALS + rb"))"
_PAIR = re.compile(
    rb"(?P<name>" + _NAME + rb")(?:" + _EQUALS + rb"(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'"
    rb"|(?P<bare>[^\t\n\f\r >]*+))|)"
)
_MARKUP = re.compile(
    rb"<(?:(?P<slash>/?)(?P<name>[A-Za-z][^\t\n\f\r />]*+)(?P<attributes>(?:[\t\n\f\r /]++|" + _ATTRIBUTE + OR_STOP
    + rb")>|(?P<unclosed>/?[A-Za-z])|!--(?:-?>|(?:[^-]++|-(?!-!?>)" + OR_STOP + rb"(?:--!?>|\Z))"
    rb"|(?P<cdata>!\[CDATA\[)|[!?/][^>]*+>?|)"
)  # fmt: skip
_RAW_END = {name: re.compile(rb"</(?i:" + name + rb")(?=[\t\n\f\r />])") for name in _RAW}
_SCRIPT_STATE = re.compile(rb"<!--(?:-?>)?|-->|<(?P<slash>/?)(?i:script)(?=[\t\n\f\r />])")
_CANDIDATE = re.compile(
    rb"[\t\n\f\r ,]*+(?:(?P<url>[^\t\n\f\r ]++)(?:(?<!,)(?:[^,(]++|\([^)]*+(?:\)|\Z)" + OR_STOP + rb"|)|\Z)"
)
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|<[%?]")

_ENTITY = re.compile(
    r"&(?:#[xX]0*(?P<hex>[0-9a-fA-F]{1,6})(?![0-9a-fA-F]);?|#0*(?P<decimal>[0-9]{1,7})(?![0-9]);?"
    r"|(?P<name>[A-Za-z0-9]+(?:;|(?![=A-Za-z0-9]))))"
)
_SPECIAL = re.compile(r"[\x00-\x20\x7f\"'<>&`]|\A,+|,+\Z")


def find(data: bytes) -> list[Reference]:
    """Return the references of a page, in order; empty URLs, `#fragment` and `data:` are left out."""
    found: list[Reference] = []
    for name, attributes, start, stop in _elements(data):
        if _switches_off(data, name, attributes):
            return []
        if b"integrity" in attributes or _value(data, attributes, _OFF) == "off":
            continue
        counts = name != b"link" or _RELS.intersection(_value(data, attributes, b"rel").split())
        references = chain(
            _read_attributes(data, name, attributes) if counts else (), _read_text(data, name, attributes, start, stop)
        )
        written = (reference for reference in references if not _TEMPLATE.search(reference.url))
        found += islice(written, MAX_REFERENCES + 1 - len(found))
        if len(found) > MAX_REFERENCES:
            break  # what switches a page off is in its head
    return sorted(found)


def escape(url: str) -> bytes:
    """Return a URL as it can be written in any attribute, quoted or not, and in a `srcset`.

    White space, control characters and commas at the ends, which `srcset` cannot hold, are percent-encoded.
    """
    return _SPECIAL.sub(_escaped, url).encode("utf-8", "surrogateescape")


def _escaped(match: re.Match[str]) -> str:
    text = match[0]
    if text == "&":
        return "&amp;"
    return f"&#{ord(text)};" if text in "\"'<>`" else "".join(f"%{ord(character):02X}" for character in text)


def _decode(raw: bytes) -> str:
    text = raw.decode("utf-8", "surrogateescape")
    return _ENTITY.sub(_unescaped, text) if "&" in text else text


def _unescaped(match: re.Match[str]) -> str:
    """Decode a character reference (§13.2.5.72 to 80); a name without semicolon counts if no `=` or letter follows."""
    if match["name"]:
        return html5.get(match["name"], match[0])
    code = int(match["hex"] or "0", 16) or int(match["decimal"] or "0")
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code < 0x110000 else "\ufffd"


def _elements(data: bytes) -> Iterator[tuple[bytes, _Attributes, int, int]]:
    """Yield name, attributes and the span of the raw text, mostly empty, of the start tags in the tables."""
    position = foreign = 0
    while (position := data.find(b"<", position)) >= 0:
        markup = _MARKUP.match(data, position)
        if not markup or markup["unclosed"]:
            return  # §13.2.5.32: the end of the file within a tag drops the tag
        position = markup.end()
        name, closes = (markup["name"] or b"").lower(), bool(markup["slash"])
        if markup["cdata"]:
            end = data.find(b"]]>" if foreign else b">", position)
            position = end if end >= 0 else len(data)
        elif name in _FOREIGN:
            change = -1 if closes else int(not markup["attributes"].endswith(b"/"))
            foreign = max(0, foreign + change)
        elif name and not closes:
            foreign = 0 if name in _HTML_ONLY else foreign
            stop = _raw_end(data, name, position) if name in _RAW and not foreign else position
            if name in _ELEMENTS:
                yield name, _attributes(data, markup), position, stop
            position = stop


def _raw_end(data: bytes, name: bytes, start: int) -> int:
    """Return the end of a raw text: its end tag; in a script, one not in `<!-- <script>` (§13.2.5.20 to 31)."""
    if name == b"plaintext":
        return len(data)
    if name != b"script":
        end = _RAW_END[name].search(data, start)
        return end.start() if end else len(data)
    is_escaped = is_nested = False
    for token in _SCRIPT_STATE.finditer(data, start):
        if token["slash"] is None:
            is_escaped = token[0] == b"<!--" or (is_escaped and token[0] != b"-->")
            is_nested = is_nested and is_escaped
        elif token["slash"] and not is_nested:
            return token.start()
        else:
            is_nested = is_escaped and not token["slash"]
    return len(data)


def _attributes(data: bytes, tag: re.Match[bytes]) -> _Attributes:
    """Return the span of each attribute's value, stripped; if a name occurs several times, the first counts."""
    attributes: _Attributes = {}
    for pair in _PAIR.finditer(data, *tag.span("attributes")):
        start, stop = pair.span(pair.lastgroup or 0) if pair.lastgroup != "name" else (pair.end(), pair.end())
        start = stop - len(data[start:stop].lstrip(_SPACES))
        stop = start + len(data[start:stop].rstrip(_SPACES))
        attributes.setdefault(pair["name"].lower(), (start, stop))
    return attributes


def _value(data: bytes, attributes: _Attributes, name: bytes) -> str:
    start, stop = attributes.get(name, (0, 0))
    return _decode(data[start:stop]).lower()


def _switches_off(data: bytes, name: bytes, attributes: _Attributes) -> bool:
    if name == b"meta":
        return _value(data, attributes, b"name") == "servestatic" and _value(data, attributes, b"content") == "off"
    return (name == b"base" and b"href" in attributes) or (name == b"html" and _value(data, attributes, _OFF) == "off")


def _read_attributes(data: bytes, name: bytes, attributes: _Attributes) -> Iterator[Reference]:
    spans = [attributes[key] for key in _URLS.get(name, ()) if key in attributes]
    candidates = _candidates(data, *attributes[_SETS[name]]) if _SETS.get(name) in attributes else ()
    for start, stop in chain(spans, candidates):
        url = _decode(data[start:stop]) if data[start : start + 5].lower() != b"data:" else ""
        if url and not url.startswith("#"):
            yield Reference(start, stop, url, "url")


def _candidates(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the span of each URL in a `srcset`, of which a template engine must not fill in any part."""
    if not _TEMPLATE.search(_decode(data[start:stop])):
        for candidate in _CANDIDATE.finditer(data, start, stop):
            if candidate["url"]:
                yield candidate.start("url"), candidate.start("url") + len(candidate["url"].rstrip(b","))


def _read_text(data: bytes, name: bytes, attributes: _Attributes, start: int, stop: int) -> Iterator[Reference]:
    """Yield the references in an element's text that are spelled the same in its syntax and in HTML."""
    syntax = _SYNTAXES.get((name, _value(data, attributes, b"type")))
    if not syntax or (name == b"script" and b"src" in attributes):
        return
    find_inside, escape_inside = syntax
    for first, last, url, kind in find_inside(data[start:stop]):
        raw, written = data[start + first : start + last], encode(unquote(url, errors="surrogateescape"))  # & for %26
        if raw == escape(url) == escape_inside(url) and escape(written) == escape_inside(written):
            yield Reference(start + first, start + last, url, kind)


_Syntax = tuple[Callable[[bytes], list[Reference]], Callable[[str], bytes]]
_SYNTAXES: dict[tuple[bytes, str], _Syntax] = {
    (b"style", ""): (css.find, css.escape),
    (b"style", "text/css"): (css.find, css.escape),
    (b"script", "module"): (javascript.find, javascript.escape),
    (b"script", "importmap"): (webmanifest.find_in_import_map, webmanifest.escape),
}
