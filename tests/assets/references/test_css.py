"""The references of CSS. An id names the section of CSS Syntax 3 (or the module) that decides the row."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from servestatic.assets.references import css
from tests.support.growth import check_growth

FOUND = [
    pytest.param(b"a{b:url(x.png)}", ["x.png"], id="§4.3.6 bare"),
    pytest.param(b"a{b:url( \t\nx.png\r\n )}", ["x.png"], id="§4.3.6 spaces"),
    pytest.param(b"a{b:url('x.png')}", ["x.png"], id="§4.3.4 single quotes"),
    pytest.param(b'a{b:url( "x y.png" )}', ["x y.png"], id="§4.3.4 double quotes"),
    pytest.param(b"a{b:UrL(x.png)}", ["x.png"], id="§4.3.4 any case"),
    pytest.param(b"a{b:url(x.png", ["x.png"], id="§4.3.6 end of file"),
    pytest.param(b'a{b:url("x.png', ["x.png"], id="§4.3.5 end of file"),
    pytest.param(b"a{b:url(x.eot?#iefix) url(x.svg#n)}", ["x.eot?#iefix", "x.svg#n"], id="query, fragment"),
    pytest.param(b"a{b:url(a%20b.png)}", ["a%20b.png"], id="percent-encoding is kept"),
    pytest.param(rb"a{b:url(a\)b.png)}", ["a)b.png"], id="§4.3.7 escape"),
    pytest.param(rb"a{b:url(a\29 b.png)}", ["a)b.png"], id="§4.3.7 hex escape, space"),
    pytest.param(rb"a{b:url(\000061\62\63 d)}", ["abcd"], id="§4.3.7 hex escapes"),
    pytest.param(b"a{b:url('\\61\nb')}", ["ab"], id="§4.3.7 hex escape, newline"),
    pytest.param(b"a{b:url('a\\\nb')}", ["ab"], id="§4.3.5 escaped newline"),
    pytest.param(b"a{b:url('a\\\r\nb')}", ["ab"], id="§4.3.5 escaped CR LF"),
    pytest.param(rb"a{b:url(\0 \d800 \110000 )}", ["\ufffd\ufffd\ufffd"], id="§4.3.7 no such character"),
    pytest.param(b"a{b:url(a\x00b)}", ["a\ufffdb"], id="§3.3 NUL"),
    pytest.param("a{b:url(ünï.png)}".encode(), ["ünï.png"], id="UTF-8"),
    pytest.param(b"a{b:url(\xfc.png)}", ["\udcfc.png"], id="not UTF-8"),
    pytest.param(b"a{b:src('x.png')}", ["x.png"], id="Values 5 src()"),
    pytest.param(b"a{b:src(/**/ 'x.png')}", ["x.png"], id="Values 5 src() is a common function"),
    pytest.param(b"a{b:url('x.png' crossorigin(anonymous))}", ["x.png"], id="Values 5 URL modifiers"),
    pytest.param(b"a{b:image-set('x.png' 1x,\"y.png\" 2x)}", ["x.png", "y.png"], id="Images 4 image-set()"),
    pytest.param(b"a{b:-webkit-image-set(url(x) 1x)}", ["x"], id="Images 4 -webkit-image-set()"),
    pytest.param(b"a{b:image-set('x' type('t'), url('y') 2x, 'z')}", ["x", "y", "z"], id="Images 4 type()"),
    pytest.param(b"a{b:image-set(url(x) 1x, src('y') 2x, 'z') 'n'}", ["x", "y", "z"], id="Images 4 mixed"),
    pytest.param(b"a{b:image-set( /*)*/ 'x'/*'n'*/)}", ["x"], id="Images 4 comments"),
    pytest.param(b"a{b:image-set(linear-gradient(red,blue) 1x,'x')}", ["x"], id="Images 4 gradient"),
    pytest.param(b"a{b:image-set('x'}c{d:'n'}", ["x"], id="Images 4 unclosed"),
    pytest.param(b"a{b:image-set('n\n 1x,url(x))}", ["x"], id="Images 4 bad string"),
    pytest.param(b"a{b:url(n(m);c:url(x)}", ["x"], id="§4.3.14 bad url"),
    pytest.param(b"a{b:url(n\"m);c:url(x)}", ["x"], id="§4.3.14 bad url: quote"),
    pytest.param(b"a{b:url(n m);c:url(x)}", ["x"], id="§4.3.14 bad url: space"),
    pytest.param(rb"a{b:url(n m\);url(o));c:url(x)}", ["x"], id="§4.3.14 bad url: escape"),
    pytest.param(b"a{b:'n\n;c:url(x)}", ["x"], id="§4.3.5 bad string"),
    pytest.param(b"a{b:url('n\n);c:url(x)}", ["x"], id="§4.3.5 bad string in url()"),
    pytest.param(rb"a{b:\";c:url(x)}", ["x"], id="§4.3.7 an escaped quote opens nothing"),
    pytest.param(b"a{b:c /*'*/ url(x) /*'*/}", ["x"], id="§4.3.2 quote in a comment"),
    pytest.param(b"a{b:'/*';c:url(x)}/**/", ["x"], id="§4.3.2 comment in a string"),
    pytest.param(b"a{b:1/url(x)}", ["x"], id="§4.3.1 slash"),
    pytest.param(b"a{b:5%url(x)}", ["x"], id="§4.3.3 percentage"),
    pytest.param(b"\xef\xbb\xbf@charset 'utf-8';a{b:url(x)}", ["x"], id="§3.2 byte order mark, @charset"),
    pytest.param(b"a{b:url(data:image/svg+xml;base64,AA==) url(x)}", ["x"], id="data: bare"),
    pytest.param(b"a{b:url(\"data:,<g fill='url(n)'/>\") url(x)}", ["x"], id="data: with a url in it"),
    pytest.param(b"a{b:url(DATA:,n\\)url\\(m\\)) url(x)}", ["x"], id="data: any case"),
]  # fmt: skip
IMPORTED = [
    pytest.param(b'@import "x.css";', ["x.css"], id="Cascade §2 string"),
    pytest.param(b"@import'x.css'screen;", ["x.css"], id="Cascade §2 no spaces"),
    pytest.param(b"@IMPORT url(x.css) layer(x) supports(display:grid);", ["x.css"], id="Cascade §2 url token"),
    pytest.param(b"@import url( 'x.css' )", ["x.css"], id="Cascade §2 url function"),
    pytest.param(b"@import src('x.css')", ["x.css"], id="Cascade §2 src()"),
    pytest.param(b"@import/**/ /**/'x.css'", ["x.css"], id="Cascade §2 comments"),
    pytest.param(b"\xef\xbb\xbf@import 'x.css';@import 'y.css'", ["x.css", "y.css"], id="§3.2 byte order mark"),
    pytest.param(rb"@import 'a\27 b.css'", ["a'b.css"], id="§4.3.7 escape"),
]
MAPPED = [
    pytest.param(b"a{}\n/*# sourceMappingURL=x.css.map */", ["x.css.map"], id="ECMA-426"),
    pytest.param(b"a{}/*@ sourceMappingURL=x.css.map*/\n/*! end */\n", ["x.css.map"], id="ECMA-426 old form"),
    pytest.param(b"/*# sourceMappingURL=n.map */a{}/*# sourceMappingURL=x.map */", ["x.map"], id="the last one"),
    pytest.param(b"/*# sourceMappingURL=n.map */a{}", [], id="ECMA-426 not at the end"),
    pytest.param(b"a{b:'/*# sourceMappingURL=n.map */'}", [], id="in a string"),
    pytest.param(b"/* /*# sourceMappingURL=n.map */", [], id="in a comment"),
    pytest.param(b"/*# sourceMappingURL=data:application/json,{} */", [], id="data:"),
    pytest.param(b"/*# sourceMappingURL= */", [], id="empty"),
    pytest.param(b"/*# sourceMappingURL=n.map", [], id="unclosed"),
]
NOTHING = [
    pytest.param(b"", id="empty file"),
    pytest.param(b"/* url(n) @import 'n'; */", id="§4.3.2 comment"),
    pytest.param(b"/* url(n)", id="§4.3.2 unclosed comment"),
    pytest.param(b"a{b:'url(n)';c:\"@import 'n'\"}", id="§4.3.5 strings"),
    pytest.param(b"a{b:'\\\nurl(n)'}", id="§4.3.5 string over two lines"),
    pytest.param(b"a{b:url() url('') url(\"\") url( )}", id="empty URLs"),
    pytest.param(b"a{b:url(#n) url('#default#VML')}", id="fragments"),
    pytest.param(b"a{b:myurl(n) my-url(n) -url(n) \xc3\xbcurl(n) 1url(n) #url(n) @url(n)}", id="§4.3.4 other names"),
    pytest.param(rb"a{b:\url(n)}", id="§4.3.7 escaped name"),
    pytest.param(b"a{b:url (n)}", id="§4.3.4 no function"),
    pytest.param(b"a{b:url-prefix('n') attr(src url) src(n)}", id="other functions"),
    pytest.param(b"a{b:format('n') local('n')}", id="Fonts format() and local()"),
    pytest.param(b"@namespace url(n);@namespace p url('n');@namespace p 'n';@NAMESPACE 'n'", id="Namespaces"),
    pytest.param(b"@importx 'n';@import-x 'n';\\@import 'n'; @import n 'n'", id="§4.3.1 other at-keywords"),
    pytest.param(b"@import 'n\n;", id="§4.3.5 bad string after @import"),
]


def triples(data: bytes) -> list[tuple[str, str]]:
    return [(reference.kind, reference.url) for reference in css.find(data)]


@pytest.mark.parametrize(("data", "urls"), FOUND)
def test_urls(data: bytes, urls: list[str]) -> None:
    assert triples(data) == [("url", url) for url in urls]


@pytest.mark.parametrize(("data", "urls"), IMPORTED)
def test_imports(data: bytes, urls: list[str]) -> None:
    assert triples(data) == [("import", url) for url in urls]


@pytest.mark.parametrize(("data", "urls"), MAPPED)
def test_source_maps(data: bytes, urls: list[str]) -> None:
    assert triples(data) == [("source map", url) for url in urls]


@pytest.mark.parametrize("data", NOTHING)
def test_no_reference(data: bytes) -> None:
    assert css.find(data) == []


def test_spans_are_of_the_text_inside_the_quotes() -> None:
    data = "/* é */ @import 'a.css'; b{c:url( d.png )} e{f:url(\"g\\68.png\")}".encode()
    spans = [data[start:stop] for start, stop, _, _ in css.find(data)]
    assert spans == [b"a.css", b"d.png", b"g\\68.png"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("../a-b_c~1.png?v=1&w=%20#x", b"../a-b_c~1.png?v=1&w=%20#x"),
        ("ü.png", "ü.png".encode()),
        ("\udcfc", b"\xfc"),
        ("a b", rb"a\20 b"),
        ("(')\"\\\n\x7f", rb"\28 \27 \29 \22 \5c \a \7f "),
        ("\0", b"%00"),
    ],
)
def test_escape(url: str, text: bytes) -> None:
    assert css.escape(url) == text


PIECES = [b"/*# sourceMappingURL=m */", b"\xef\xbb\xbf", b"\xff", b"\0", b"\n", b" ", b"'", b'"', b"\\"]
PIECES += b"url( src( image-set( type( @import @namespace ) ( /* */ a x.png ; { } data:".split()
STYLES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join)
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
URLS = st.text(CHARACTERS | st.sampled_from("()'\"\\ \n\udc80"), min_size=1)
FRAMES = [
    ("a{b:url(%s)}", "url"),
    ("a{b:url('%s')}", "url"),
    ('a{b:url("%s")}', "url"),
    ("@import '%s';", "import"),
    ('a{b:image-set("%s" 1x)}', "url"),
]


@given(STYLES)
@example(b"url('\n")
@example(b"image-set(image-set('\\")
def test_total_ordered_apart(data: bytes) -> None:
    references = css.find(data)
    edges = [edge for reference in references for edge in (reference.start, reference.stop)]
    assert edges == sorted(edges)
    assert all(data[start:stop] for start, stop, _, _ in references)


@given(STYLES)
def test_rewriting_with_the_same_urls_finds_the_same_references(data: bytes) -> None:
    rest, pieces = 0, []
    for start, stop, url, kind in css.find(data):
        pieces += [data[rest:start], css.escape(url) if kind != "source map" else data[start:stop]]
        rest = stop
    again = b"".join([*pieces, data[rest:]])
    assert triples(again) == triples(data)


@pytest.mark.parametrize(("frame", "kind"), FRAMES)
@given(url=URLS)
def test_escaped_urls_are_read_back(frame: str, kind: str, url: str) -> None:
    assume(not url.lower().startswith(("#", "data:")))
    data = frame.encode().replace(b"%s", css.escape(url))
    assert triples(data) == [(kind, url)]


UNITS = rb"url( url(' url(x /* '\ \ @import/* @import' @namespace@ image-set( image-set(') image-set(url(' "
UNITS += rb"image-set(/* (( a - /*#sourceMappingURL=x*/ \) ') "


@pytest.mark.parametrize("unit", [*UNITS.split(b" "), b" ", b"'\n"])
def test_time_is_linear(unit: bytes) -> None:
    def find(length: int) -> None:
        data = unit * (length // max(len(unit), 1))
        for whole in (data, b"url(a)" + data + b"url(b)", b"image-set(" + data):
            css.find(whole)

    check_growth(find, 130_000)
