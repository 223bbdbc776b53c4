"""The references of HTML pages. An id names the section of the WHATWG standard that decides the row."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from servestatic.assets.references import html
from tests.support.growth import check_growth

FOUND = [
    pytest.param(b'<img src="a.png">', ["a.png"], id="§4.8.3 img"),
    pytest.param(b"<script src=a.js></script>", ["a.js"], id="§4.12.1 script"),
    pytest.param(
        b"<video src=a.mp4 poster=a.png><source src=b.mp4><track src=c.vtt>",
        ["a.mp4", "a.png", "b.mp4", "c.vtt"],
        id="§4.8.8 video",
    ),
    pytest.param(
        b"<audio src=a.ogg></audio><embed src=b.pdf><input type=image src=c.png>",
        ["a.ogg", "b.pdf", "c.png"],
        id="§4.8.9 audio, embed, input",
    ),
    pytest.param(
        b'<img poster=n srcset="a.png, b.png 2x" src=c.png>', ["a.png", "b.png", "c.png"], id="§4.8.4.2.1 srcset"
    ),
    pytest.param(
        b'<source srcset=" a.png 1x ,,b.png 480w,\nc.png">',
        ["a.png", "b.png", "c.png"],
        id="§4.8.4.3.10 spaces, commas",
    ),
    pytest.param(
        b'<img srcset="a.png,, b,c.png 2x, data:,n,m 3x, d.png">',
        ["a.png", "b,c.png", "d.png"],
        id="§4.8.4.3.10 commas within",
    ),
    pytest.param(b'<img srcset="a.png (x, y) 2x, b.png">', ["a.png", "b.png"], id="§4.8.4.3.10 parentheses"),
    pytest.param(b'<img srcset="a.png (x, n.png">', ["a.png"], id="§4.8.4.3.10 unclosed parenthesis"),
    pytest.param(b'<link rel="stylesheet" href="a.css">', ["a.css"], id="§4.6.7.23 stylesheet"),
    pytest.param(b'<link href="a.css" rel="alternate StyleSheet">', ["a.css"], id="§4.6.7 tokens, any case"),
    pytest.param(
        b"<link rel='shortcut icon' href=a.ico><link rel=apple-touch-icon href=b.png>",
        ["a.ico", "b.png"],
        id="§4.6.7.8 icon",
    ),
    pytest.param(
        b"<link rel=mask-icon href=a.svg><link rel=manifest href=b.json>", ["a.svg", "b.json"], id="§4.6.7.10 manifest"
    ),
    pytest.param(
        b"<link rel=preload as=font href=a.woff2><link rel=modulepreload href=b.js><link rel=prefetch href=c.js>",
        ["a.woff2", "b.js", "c.js"],
        id="§4.6.7.16 preload",
    ),
    pytest.param(
        b'<link rel=preload as=image imagesrcset="a.png, b.png 2x" href=c.png>',
        ["a.png", "b.png", "c.png"],
        id="§4.2.4.2 imagesrcset",
    ),
    pytest.param(
        b"<IMG SRC=A.PNG><ScRiPt SRC='b.js'></sCrIpT><img src=c.png>",
        ["A.PNG", "b.js", "c.png"],
        id="§13.2.5.8 any case",
    ),
    pytest.param(b"<img\nalt = '>' src\t=\f'a.png' />", ["a.png"], id="§13.2.5.34 spaces, quoted >"),
    pytest.param(b"<img/src=a.png/alt=b>", ["a.png/alt=b"], id="§13.2.5.38 unquoted slash"),
    pytest.param(b"<img src=a.png/>", ["a.png/"], id="§13.2.5.38 unquoted value before />"),
    pytest.param(b"<img alt src=a.png>", ["a.png"], id="§13.2.5.34 attribute without value"),
    pytest.param(b"<img =src=n src=a.png>", ["a.png"], id="§13.2.5.32 name with ="),
    pytest.param(b"<img src=a.png src=n>", ["a.png"], id="§13.2.5.33 the first one counts"),
    pytest.param(b"<img src='a'alt='b'><img alt=\"\"src=c>", ["a", "c"], id="§13.2.5.39 no space between"),
    pytest.param(b"<img src='\n a b.png\t'>", ["a b.png"], id="§2.4.3 white space around"),
    pytest.param(
        b"<img src='a?b=1&amp;c=2&d=3&copy=4&copy;&#x2F;&#47&lt'>",
        ["a?b=1&c=2&d=3&copy=4©//<"],
        id="§13.2.5.72 entities",
    ),
    pytest.param(
        b"<img src='a&#0;&#xD800;&#x110000;&notit;&x;&'>",
        ["a\ufffd\ufffd\ufffd&notit;&x;&"],
        id="§13.2.5.80 bad entities",
    ),
    pytest.param("<img src=ü.png>".encode(), ["ü.png"], id="UTF-8"),
    pytest.param(b"\xef\xbb\xbf<!DOCTYPE html '>'><img src=\xfc.png>", ["\udcfc.png"], id="byte order mark, not UTF-8"),
    pytest.param(
        b"<!DOCTYPE a><img src=a><?b <img src=n>?><img src=c><!b><img src=d></ <img src=n>",
        ["a", "c", "d"],
        id="§13.2.5.41 bogus comments",
    ),
    pytest.param(b"</><img src=a></p title='<img src=n>'><img src=b>", ["a", "b"], id="§13.2.5.7 end tags"),
    pytest.param(b"a < b <3 <img src=a>", ["a"], id="§13.2.5.6 no tag"),
    pytest.param(
        b"<!--><img src=a><!---><img src=b><!-- <img src=n> --!><img src=c>", ["a", "b", "c"], id="§13.2.5.43 comments"
    ),
    pytest.param(b"<!-- - -- > -- <img src=n> ---><img src=a>", ["a"], id="§13.2.5.51 dashes"),
    pytest.param(b"<textarea><img src=n></textareas></textarea ><img src=a>", ["a"], id="§13.2.5.2 textarea"),
    pytest.param(b"<TITLE><img src=n><!--</Title><img src=a>", ["a"], id="§13.2.5.2 title"),
    pytest.param(b"<script>'<img src=n>'</script><img src=a>", ["a"], id="§13.2.5.4 script"),
    pytest.param(
        b"<script><!-- <script></script> <img src=n> --></script><img src=a>", ["a"], id="§13.2.5.25 script in a script"
    ),
    pytest.param(b"<script><!-- </script><img src=a>--></script>", ["a"], id="§13.2.5.20 comment in a script"),
    pytest.param(b"<script><!--><script></script><img src=a>", ["a"], id="§13.2.5.21 short comment in a script"),
    pytest.param(
        b"<script src=a.js><!-- <script> --></script><img src=b>", ["a.js", "b"], id="§13.2.5.31 end of the comment"
    ),
    pytest.param(
        b"<style>a{}<img src=n></style><iframe><img src=n></iframe><img src=a>", ["a"], id="§13.2.5.3 raw text"
    ),
    pytest.param(b"<svg><title><![CDATA[<img src=n>]]></title><style/></svg><img src=a>", ["a"], id="§13.2.5.69 CDATA"),
    pytest.param(b"<svg/><p><![CDATA[><img src=a>]]>", ["a"], id="§13.2.5.42 no CDATA in HTML"),
    pytest.param(b"<svg><path><div><script>'<img src=n>'</script><img src=a>", ["a"], id="§13.2.6.5 unclosed svg"),
    pytest.param(b"<noscript><link rel=stylesheet href=a.css></noscript>", ["a.css"], id="§4.12.2 noscript"),
    pytest.param(b"<template><img src=a></template>", ["a"], id="§4.12.3 template"),
    pytest.param(b"<img src=a><plaintext><img src=n>", ["a"], id="§13.2.5.5 plaintext"),
    pytest.param(b"<style>a{b:url(a.png)}@import 'b.css';</style>", ["a.png", "b.css"], id="§4.2.6 style"),
    pytest.param(b'<style type=TEXT/CSS media=print>a{b:url("a.png")}</style>', ["a.png"], id="§4.2.6 type"),
    pytest.param(
        b"<script type=module>import './a.js'; new URL('b.js', import.meta.url)</script>",
        ["./a.js", "b.js"],
        id="§8.1.3 module",
    ),
    pytest.param(
        b'<script type="importmap">{"imports":{"a":"./a.js","b/":"./n/","c":"https://n"},"scopes":{"/d/":{"a":"/e.js"}}}</script>',
        ["./a.js", "/e.js"],
        id="§8.1.5.3 import map",
    ),
    pytest.param(b"<img data-servestatic=off src=n><img data-servestatic=on src=a>", ["a"], id="opt-out: element"),
    pytest.param(
        b"<meta name=servestatic content=on><html data-servestatic=''><img src=a>", ["a"], id="opt-out: not off"
    ),
    pytest.param(b"<base target=_top><img src=a>", ["a"], id="§4.2.3 base without href"),
]
NOTHING = [
    pytest.param(b"", id="empty page"),
    pytest.param(
        b"<a href=n><iframe src=n></iframe><meta property=og:image content=n><form action=n>", id="where it leads"
    ),
    pytest.param(b"<link rel=canonical href=n><link href=n><link rel='next author' href=n>", id="§4.6.7 other links"),
    pytest.param(b"<object data=n><div src=n><my-img src=n><imgs src=n><image src=n>", id="other elements"),
    pytest.param(
        b"<img src=''><img src=' '><img src=#n><img src='data:,n'><img src=DATA:,n><img srcset=', '>", id="no files"
    ),
    pytest.param(b"<!-- <img src=n>", id="§13.2.5.45 unclosed comment"),
    pytest.param(b"<img src=n", id="§13.2.5.32 unclosed tag"),
    pytest.param(b"<p a='><img src=n>", id="§13.2.5.37 unclosed quote"),
    pytest.param(b"<script>'</scripts><img src=n>", id="§13.2.5.4 unclosed script"),
    pytest.param(
        b"<script>import('./n.js')</script><script type=text/template><img src=n></script>", id="§4.12.1 other scripts"
    ),
    pytest.param(b"<script type=module src=''>import './n.js'</script>", id="§4.12.1 src counts"),
    pytest.param(b"<style type=text/less>a{b:url(n)}</style>", id="§4.2.6 other type"),
    pytest.param(b"<svg><style>a{b:url(n)}</style></svg>", id="§13.2.6.5 style in svg is no raw text"),
    pytest.param(
        b"<style>a{b:url(n?a&b) url('n\\27.png') url('n(1).png')}</style>", id="not spelled alike in CSS and HTML"
    ),
    pytest.param(b"<script type=module>import './n\\x27.js'</script>", id="not spelled alike in JavaScript and HTML"),
    pytest.param(
        b'<script type=importmap>{"imports":{"a":"./n.js"},"integrity":{"./n.js":"sha"}}</script>',
        id="§8.1.5.3 integrity",
    ),
    pytest.param(b'<script type=importmap>{"imports":{"a":"./n.js",}}</script>', id="§8.1.5.3 no JSON"),
    pytest.param(
        b"<script integrity=sha256- src=n></script><link rel=stylesheet href=n integrity>", id="SRI §3.4 integrity"
    ),
    pytest.param(b"<base href=/b/><img src=n>", id="§4.2.3 base"),
    pytest.param(b"<img src=n><base href=''>", id="§4.2.3 base behind"),
    pytest.param(b"<html lang=en data-servestatic=OFF><img src=n>", id="opt-out: page"),
    pytest.param(b'<img src=n><meta content="off" name="servestatic">', id="opt-out: meta"),
    pytest.param(b"<style data-servestatic=off>a{b:url(n)}</style>", id="opt-out: style"),
]


def urls(data: bytes) -> list[str]:
    return [reference.url for reference in html.find(data)]


@pytest.mark.parametrize(("data", "expected"), FOUND)
def test_references(data: bytes, expected: list[str]) -> None:
    assert urls(data) == expected


@pytest.mark.parametrize("data", NOTHING)
def test_no_reference(data: bytes) -> None:
    assert urls(data) == []


def test_kinds() -> None:
    data = b"<img src=a><style>@import 'b'</style><script type=module>import('./c')</script>"
    assert [reference.kind for reference in html.find(data)] == ["url", "import", "dynamic import"]


def test_spans_are_of_the_urls_alone() -> None:
    data = "é<img src=' a&amp;b ' srcset='c 1x,d'><style>e{f:url( 'g' )}</style>".encode()
    assert [data[start:stop] for start, stop, _, _ in html.find(data)] == [b"a&amp;b", b"c", b"d", b"g"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("../a-b_c~1.png?v=1#(x),%20", b"../a-b_c~1.png?v=1#(x),%20"),
        ("?a=1&b=2", b"?a=1&amp;b=2"),
        ("\"'<>`", b"&#34;&#39;&#60;&#62;&#96;"),
        (",a b\n,,", b"%2Ca%20b%0A%2C%2C"),
        ("ü\udcfc", "ü".encode() + b"\xfc"),
    ],
)
def test_escape(url: str, text: bytes) -> None:
    assert html.escape(url) == text


PIECES = [b"<img src=", b"<img srcset='", b"<link rel=icon href=", b"<script type=module>", b"<script type=importmap>"]
PIECES += [b'{"imports":{"a":"./a.js"}}', b"import './a.js'", b" ", b"\n", b"\xff", b"\xef\xbb\xbf", b"\0", b'"']
PIECES += b"<script> </script> <style> </style> <!-- --> <svg> </svg> <![CDATA[ ]]> <p </p> > / = ' &".split()
PIECES += [b"&amp;", b",", b"a", b"url(b)"]
PAGES = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join)
CHARACTERS = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=" ") | st.sampled_from(
    "'\"<>&`=/;,\udc80"
)
FRAMES = ["<img src=%s>", "<img alt=b src=%s/x>", "<img src='%s'>", '<img src="%s">', "<img srcset='%s 2x, n'>"]


@given(PAGES)
@example(b"<img src='&#99999999999999999999;'>")
@example(b"<link rel='\xff' href=a>")
def test_total_ordered_apart(data: bytes) -> None:
    references = html.find(data)
    edges = [edge for reference in references for edge in (reference.start, reference.stop)]
    assert edges == sorted(edges)
    assert all(data[start:stop] for start, stop, _, _ in references)


@given(PAGES)
def test_rewriting_with_plain_urls_finds_as_many_references(data: bytes) -> None:
    references = html.find(data)
    rest, pieces = 0, []
    for start, stop, _, _ in references:
        pieces += [data[rest:start], b"./z.js"]
        rest = stop
    again = html.find(b"".join([*pieces, data[rest:]]))
    assert [(kind, url) for _, _, url, kind in again] == [(kind, "./z.js") for _, _, _, kind in references]


@pytest.mark.parametrize("frame", FRAMES)
@given(name=st.text(CHARACTERS))
@example(name="<?")
@example(name="{{")
@example(name="{<$%")
def test_escaped_urls_are_read_back(frame: str, name: str) -> None:
    """Unless a template engine could fill them in: `find` returns no such URL, so none has to be escaped."""
    url = f"./{name}-"
    found = urls(frame.encode().replace(b"%s", html.escape(url)))
    whole = url + ("/x" if "/x" in frame else "")
    if any(opening in url for opening in ("{{", "{%", "${", "<%", "<?")):
        assert whole not in found
    else:
        assert found[0] == whole


@given(st.text(" \t,()ab").map(str.encode), st.integers(0, 5))
@example(b"," * 1000, 0)
def test_in_a_srcset_every_look_for_a_candidate_finds_something(data: bytes, start: int) -> None:
    """What fails, after a look at all that follows, would be tried again at the next byte."""
    while start < len(data):
        candidate = html._CANDIDATE.match(data, start)
        assert candidate
        assert candidate.end() > start
        start = candidate.end()


TEMPLATES = [
    "{{ a }}",
    "{{ f(a, b) }}/c.png",
    "./{{a}}.js",
    "{% static 'a.css' %}",
    "${a}/b.js",
    "<%= a %>",
    "<?php a ?>",
]


@pytest.mark.parametrize("expression", TEMPLATES)
@pytest.mark.parametrize(
    "frame",
    [
        '<img src="%s">',
        "<img src=%s>",
        "<link rel=stylesheet href='%s'>",
        '<img srcset="%s 1x, %s 2x">',
        "<img srcset='a.png 1x, %s 2x'>",
        '<style>a{background:url("%s")}</style>',
        '<script type=module>import a from "./%s"</script>',
        '<script type=importmap>{"imports": {"a": "./%s"}}</script>',
    ],
)
def test_what_template_engines_fill_in_is_no_url(frame: str, expression: str) -> None:
    page = frame.replace("%s", expression) + '<img src="z.png">'
    found = urls(page.encode())
    assert [url for url in found if "{" in url or "<" in url] == []
    assert found[-1:] == (["z.png"] if expression.count("'") == 0 or "'" not in frame else found[-1:])


UNITS = [
    b"<",
    b"<a",
    b"<a b='",
    b"<!--",
    b"<!-- -",
    b"<script>",
    b"<script><!--",
    b"<script><!--<script>",
    b"<title>",
    b"</",
]
UNITS += [
    b"<img srcset='(",
    b"<img srcset=a,",
    b"<img src=&",
    b"<svg>",
    b"<![CDATA[",
    b"<svg><![CDATA[",
    b"<a b= ",
    b"<a =",
    b"&#0",
]
UNITS += [
    b"<style>url(",
    b"<script type=module>import/*",
    b"<script type=importmap>[",
    b"<a / ",
    b"<img a=b ",
    b"<?",
    b"</title",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(unit: bytes) -> None:
    def find(length: int) -> None:
        for head, tail in ((b"", b""), (b"<img ", b">"), (b"<img srcset='", b"'>")):
            html.find(head + unit * (length // len(unit)) + tail)
            html.find(head + unit + unit[-1:] * length + tail)

    check_growth(find, 70_000)
