"""The references of JavaScript. An id names the section of ECMA-262 (or ECMA-426) that decides the row."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from servestatic.assets.references import javascript
from tests.support.growth import check_growth

IMPORTED = [
    pytest.param(b"import x from './b.js'", id="§16.2.2 no semicolon"),
    pytest.param(b'import x from "./b.js";', id="§16.2.2 semicolon"),
    pytest.param(b"import './b.js'", id="§16.2.2 bare"),
    pytest.param(b"`${ ( } import './n.js' `; import './b.js'", id="§12.9.6 a bracket that is open in a substitution"),
    pytest.param(b'import{a}from"./b.js";import c from"react"', id="§16.2.2 minified"),
    pytest.param(b'import"./b.js"', id="§16.2.2 minified bare"),
    pytest.param(b"import * as x from './b.js'", id="§16.2.2 namespace"),
    pytest.param(b"import d, {a as b} from './b.js'", id="§16.2.2 default and names"),
    pytest.param(b"import d from './b.js' with {type:'text'}", id="§16.2.2 attributes"),
    pytest.param(b"import d from './b.js' /* with {type:'json'} */", id="§16.2.2 no attributes"),
    pytest.param(b"import from from './b.js'", id="§16.2.2 a binding named from"),
    pytest.param(b"import defer * as x from './b.js'", id="import defer"),
    pytest.param(b"import source x from './b.js'", id="import source"),
    pytest.param(b"export * from './b.js'", id="§16.2.3 all"),
    pytest.param(b'export*from"./b.js"', id="§16.2.3 minified"),
    pytest.param(b"export * as 'any name' from './b.js'", id="§16.2.3 string name"),
    pytest.param(b"export {\n  a, // from './n.js'\n  b\n} from './b.js'", id="§16.2.3 comment in it"),
    pytest.param(b"import/*'*/x/**/from/**/'./b.js'", id="§12.4 comments"),
    pytest.param(b"import x from // './n.js'\n './b.js'", id="§12.4 line comment"),
    pytest.param(b"// It ends with a dot.\nimport './b.js'", id="§12.4 dot in a comment"),
    pytest.param("import\u00a0x\u2028from\ufeff'./b.js'".encode(), id="§12.2 wide spaces"),
    pytest.param(b"\xef\xbb\xbfimport x from './b.js'", id="§12.2 byte order mark"),
    pytest.param(b"#!/usr/bin/env node it's `\nimport './b.js'", id="§12.5 hashbang"),
    pytest.param(b"\xef\xbb\xbf#! `\nimport './b.js'", id="§12.5 hashbang, byte order mark"),
    pytest.param(rb"import './\x62.js'", id="§12.9.4 hex escape"),
    pytest.param(rb"import './\u0062\u{2e}js'", id="§12.9.4 Unicode escapes"),
    pytest.param(b"import './b\\\n.js'", id="§12.9.4 line continuation"),
    pytest.param(b"import './b\\\r\n.js'", id="§12.9.4 line continuation, CR LF"),
    pytest.param(b"'\\\n`';import './b.js'", id="§12.9.4 string over two lines"),
    pytest.param(b"a = 'it\n;import './b.js'", id="a string that does not end spoils its line only"),
    pytest.param("'\u2028';import './b.js'".encode(), id="§12.9.4 line separator in a string"),
    pytest.param("// '\u2028import './b.js'".encode(), id="§12.4 line separator ends a comment"),
]
CALLED = [
    pytest.param(b"import('./b.js')", id="§13.3.10"),
    pytest.param(b"x=await import( './b.js' )", id="§13.3.10 spaces"),
    pytest.param(b"import(/* webpackChunkName: 'n' */ './b.js')", id="§13.3.10 comment"),
    pytest.param(b"import('./b.js', {with: {type: 'json'}})", id="§13.3.10 options"),
    pytest.param(b"import('./b.js',)", id="§13.3.10 trailing comma"),
    pytest.param(b"import(`./b.js`)", id="§13.2.8 template without substitution"),
    pytest.param(b"[...import('./b.js')]", id="§13.2.5 spread"),
    pytest.param(b"import.defer('./b.js')", id="import.defer"),
    pytest.param(b"import . source ('./b.js')", id="import.source"),
    pytest.param(b"`a ${import('./b.js')} './n.js'`", id="§12.9.6 substitution"),
    pytest.param(b"`${`${`${{a:1}}`}`}${import('./b.js')}`", id="§12.9.6 nested templates"),
    pytest.param(b"`\\${`;import('./b.js')", id="§12.9.6 escaped substitution"),
    pytest.param(b"`$`+`$$`;import('./b.js')", id="§12.9.6 dollars"),
    pytest.param(b"`${'}'}${/}`/}`;import('./b.js')", id="§12.9.6 braces in literals"),
    pytest.param(b"`${a}` / 2; import('./b.js'); 2 / `'`", id="§12.9.6 a template is divided"),
]
ASSETS = [
    pytest.param(b"new URL('./b.js', import.meta.url)", id="§13.3.12"),
    pytest.param(b'new Worker(new URL("./b.js",import.meta.url),{type:"module"})', id="§13.3.12 in new Worker"),
    pytest.param(b"new URL(`./b.js`, import.meta.url,)", id="§13.3.12 template, trailing comma"),
    pytest.param(b"new URL(/**/'./b.js'/**/,/**/import . meta.url/**/).href", id="§13.3.12 comments"),
]
RESOLVED = [
    pytest.param(b"import.meta.resolve('./b.js')", id="import.meta.resolve"),
    pytest.param(b"f(import.meta.resolve(`./b.js`))", id="import.meta.resolve template"),
    pytest.param(b'import . meta\n.resolve?.( /**/ "./b.js", x)', id="import.meta.resolve optional"),
]
TYPED = [
    (b"import d from './b.js' with {type:'json'}", "json import"),
    (b"import d from './b.js'with{type:\"json\"};", "json import"),
    (b"import d from './b.js' with { 'type': 'css', };", "css import"),
    (b"import './b.js' /**/ with // so\n { \"type\" : 'css' }", "css import"),
    (b"export { default } from './b.js' with { type: 'json' }", "json import"),
]
# What opens a regular expression and what divides: the quote hides the import, or opens a string that ends before.
SLASHES = [
    pytest.param(code, id=f"§12.1 {code!r}")
    for code in (
        b'/"/;', b'a = /"/;', b'f(/"/, 1);', b'[/"/];', b'!/"/.test(a);', b'a ? /"/ : /\'/;',
        b'return /"/;', b'typeof /"/;',
        b'() => /"/;', b'a && /"/;', b'{}\n/"/.test(a);', b'if (a) /"/.test(a);', b'while(a)/"/.test(a);',
        b'for (a of b) /"/.test(a);', b'for await (a of b) /"/.test(a);', b'if (f(")")) /"/.test(a);',
        b'if (a) {} /"/.test(a);', b'else {} /"/.test(a);', b'do {} /"/;', b'try {} finally {} /"/.test(a);',
        b'function f() {}\n/"/.test(a);', b'() => {}\n/"/.test(a);', b'class A extends B {}\n/"/.test(a);',
        b'a = b // c\n/"/ //";', b'a /* b */ / "/"; /"/;', b'a = /* b */ /"/;', b'a = // b\n/"/;', b'a = 1 / /"/;',
        b'/[/"]/;', b'/[\\]/"]/;', b'/\\/"/;', b'/[[a]"]/v;', b'/a/g / /"/;', b'/a/ / "/"; /"/;', b'...(/"/);',
        b'a / 2; "/";', b'a[0] / 2; "/";', b'(a) / 2; "/";', b'f(")") / 2; "/";', b'(a / b) / 2; "/";',
        b'a++ / 2; "/";',
        b'a-- / 2; "/";', b'a + +/"/;', b'1. / 2; "/";', b'"a" / 2; "/";', b'`a` / 2; "/";', b'a.return / 2; "/";',
        b'a.if(b) / 2; "/";', b'this / 2; "/";', b'$return / 2; "/";', b'returns / 2; "/";', b'a = {} / 2; "/";',
        b'a = {b: {}} / 2; "/";', b'return {} / 2; "/";', b'f({} / 2); "/";', b'if (a) {} else b = c / 2; "/";',
        b'a = b\n/ 2; "/";', b'a\n/* c */ // d\n/ 2; "/";', b'a = "//"\n/ 2; "/";', b'`${a}` / 2; "/";',
        b'`${{a} / 2} "/"`;', b'`${(")") / 2}${"/"}`;', b'if (`${a}`) /"/.test(a);', b'( // (\n a) / 2; "/";',
        b'if (a /* ( */) /"/.test(a);', b'...typeof /"/;',
        b'export default /"/;', b'break\n/"/;', b'a =\xc2\xa0/"/;', b'a\xe2\x80\xa9/ 2; "/";', b'if (a) // b\r/"/;',
        b'// b (\r(a) / 2; "/";', b'f("(", a, (b)) / 2; "/";', b'if (f("(", (b))) /"/.test(a);',
    )
]  # fmt: skip
MAPPED = [
    pytest.param(b"a\n//# sourceMappingURL=b.map", ["b.map"], id="ECMA-426 last line"),
    pytest.param(b"a\n//@ sourceMappingURL=b.map\n\n", ["b.map"], id="ECMA-426 old form"),
    pytest.param(b"a;//# sourceMappingURL=b.map", ["b.map"], id="one-line minified file"),
    pytest.param(b"'http://';a//# sourceMappingURL=b.map", ["b.map"], id="one-line minified file with //"),
    pytest.param(b"a\n/*# sourceMappingURL=b.map */", ["b.map"], id="ECMA-426 block comment"),
    pytest.param(b"a\n//# sourceMappingURL=b.map\n// end\n/* end */", ["b.map"], id="ECMA-426 comments behind"),
    pytest.param(b"//# sourceMappingURL=n.map\na\n//# sourceMappingURL=b.map", ["b.map"], id="the last one"),
    pytest.param(b"//# sourceMappingURL=n.map\na", [], id="ECMA-426 not at the end"),
    pytest.param(b"'//# sourceMappingURL=n.map'", [], id="in a string"),
    pytest.param(b"a='//# sourceMappingURL=n.map' //", [], id="in a string, comment behind"),
    pytest.param(b"a=`\n//# sourceMappingURL=n.map\n//`", [], id="in a template"),
    pytest.param(b"a=`\n//# sourceMappingURL=n.map\n/*`/**/", [], id="in a template, comment behind"),
    pytest.param(b"// //# sourceMappingURL=n.map", [], id="in a line comment"),
    pytest.param(b"/*\n/*# sourceMappingURL=n.map */", [], id="in a block comment"),
    pytest.param(b"//# sourceMappingURL=data:application/json,{}", [], id="data:"),
    pytest.param(b"//# sourceMappingURL=", [], id="empty"),
    pytest.param(b"//# sourceMappingURL=a b", [], id="ECMA-426 space"),
    pytest.param("//# sourceMappingURL=ü“.map".encode(), ["ü“.map"], id="other than ASCII"),
    pytest.param("//# sourceMappingURL=b.map\u2028".encode(), ["b.map"], id="§12.3 line separator ends the comment"),
    pytest.param("//# sourceMappingURL=b.map \u2029\n".encode(), ["b.map"], id="§12.3 paragraph separator"),
    pytest.param("//# sourceMappingURL=n\u2028.map".encode(), [], id="§12.3 code behind a line separator"),
    pytest.param("/*# sourceMappingURL=n\u2028.map*/".encode(), [], id="a line separator cannot be escaped here"),
]
# What Vite writes before the code of a chunk; vite/src/node/plugins/importAnalysisBuild.ts.
LISTED = [
    pytest.param(
        b'const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./a.js","./a.css"])))=>i.map(i=>d[i]);\n',
        ["./a.js", "./a.css"],
        id="Vite 5.2 and later, base ./",
    ),
    pytest.param(
        b'const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["assets/a.js"])))=>i.map(i=>d[i]);',
        ["assets/a.js"],
        id="Vite 5.2 and later, any other base",
    ),
    pytest.param(
        b"function __vite__mapDeps(indexes) {\n  if (!__vite__mapDeps.viteFileDeps) {\n"
        b'    __vite__mapDeps.viteFileDeps = ["assets/a.js","assets/b.js"]\n  }',
        ["assets/a.js", "assets/b.js"],
        id="Vite 5.0",
    ),
    pytest.param(
        b'const __vite__fileDeps=["./a.js"],__vite__map=i=>i.map(i=>__vite__fileDeps[i]);', ["./a.js"], id="Vite 5.1"
    ),
    pytest.param(
        b"const\n\t__vite__mapDeps = (i, m = __vite__mapDeps, d = (m.f || (m.f = [\n './a.js',\n './b.js',\n])))",
        ["./a.js", "./b.js"],
        id="printed by another tool",
    ),
    pytest.param(b'__vite__fileDeps=["./a.js",base+"n.js","./n.js"]', ["./a.js"], id="to what is no text"),
    pytest.param(b'__vite__fileDeps=["/cdn/n.js"]', [], id="absolute, by renderBuiltUrl"),
    pytest.param(b"load(()=>1,__vite__mapDeps([0,1]))", [], id="a use of the list"),
    pytest.param(b'__vite__fileDeps=other("./n.js"),[ "./n.js"]', [], id="another value"),
    pytest.param(b"'__vite__fileDeps=[\"./n.js\"]'", [], id="in a string"),
    pytest.param(b'x.__vite__fileDeps=["./n.js"];my__vite__fileDeps=["./n.js"]', [], id="other names"),
]
NOTHING = [
    pytest.param(b"", id="empty file"),
    pytest.param(b"// import './n.js'\n/* import('./n.js') */", id="§12.4 comments"),
    pytest.param(b"/* import './n.js'", id="§12.4 unclosed comment"),
    pytest.param(b"'import \"./n.js\"'; \"import('./n.js')\"", id="§12.9.4 strings"),
    pytest.param(b"`import('./n.js')`", id="§12.9.6 template"),
    pytest.param(b"`${a}import('./n.js')`", id="§12.9.6 template behind a substitution"),
    pytest.param(b"`${a}import('./n.js')${b}import './n.js'", id="§12.9.6 unclosed template"),
    pytest.param(b"/import('.\\/n.js')/; /[/]import('.\\/n.js')/", id="§12.9.5 regular expressions"),
    pytest.param(b"import(`./${x}.js`); import(x); import('./n' + x); import('./n' ? x : y)", id="§13.3.10 computed"),
    pytest.param(b"import 'react'; import x from 'https://n/n.js'; import('n'); import ''", id="no paths"),
    pytest.param(b"foo.import('./n.js'); foo?.import('./n.js'); foo. /**/ import('./n.js')", id="§13.3.2 properties"),
    pytest.param(b"this.#import('./n.js'); $import('./n.js'); \xc3\xbcimport('./n.js'); imports('./n.js')", id="names"),
    pytest.param(b"({import: './n.js', from: './n.js'}); class A { import() {} from() {} }", id="§13.2.5 methods"),
    pytest.param(b"import.meta.url; import.meta('./n.js')", id="§13.3.12 import.meta"),
    pytest.param(b"new URL('./n.js', base); new URL(x, import.meta.url); URL('./n.js', import.meta.url)", id="URLs"),
    pytest.param(b"new URL('./n.js', import.meta.url + x); new a.URL('./n.js', import.meta.url)", id="other URLs"),
    pytest.param(b"new URL('', import.meta.url); new URL('data:,n', import.meta.url)", id="URLs that are no paths"),
    pytest.param(b"import.meta.resolve('n.js'); import.meta.resolve('.n.js')", id="bare names"),
    pytest.param(b"import.meta.resolve(`./${n}.js`); import.meta.resolve('./n.js' + x)", id="computed"),
    pytest.param(b"x.import.meta.resolve('./n.js'); '`import.meta.resolve(`./n.js`)`'", id="other resolve"),
    pytest.param(b"importScripts('./n.js'); require('./n.js'); Array.from('./n.js')", id="other functions"),
]


def found(data: bytes) -> list[tuple[str, str]]:
    return [(reference.kind, reference.url) for reference in javascript.find(data)]


@pytest.mark.parametrize("data", IMPORTED)
def test_imports(data: bytes) -> None:
    assert found(data) == [("import", "./b.js")]


@pytest.mark.parametrize("data", CALLED)
def test_dynamic_imports(data: bytes) -> None:
    assert found(data) == [("dynamic import", "./b.js")]


@pytest.mark.parametrize(("data", "kind"), TYPED)
def test_imports_of_json_and_css(data: bytes, kind: str) -> None:
    assert found(data) == [(kind, "./b.js")]


@pytest.mark.parametrize("data", ASSETS + RESOLVED)
def test_assets(data: bytes) -> None:
    assert found(data) == [("url", "./b.js")]


@pytest.mark.parametrize("data", SLASHES)
def test_slashes(data: bytes) -> None:
    """A wrong guess swaps what is quoted and what is not, up to the end of the line and beyond."""
    assert found(data + b"import('./b.js');'import(\"./n.js\")'") == [("dynamic import", "./b.js")]


@pytest.mark.parametrize(("data", "urls"), MAPPED)
def test_source_maps(data: bytes, urls: list[str]) -> None:
    assert found(data) == [("source map", url) for url in urls]


@pytest.mark.parametrize(("data", "urls"), LISTED)
def test_what_vite_preloads(data: bytes, urls: list[str]) -> None:
    assert found(data) == [("bundled", url) for url in urls]


@pytest.mark.parametrize("data", NOTHING)
def test_no_reference(data: bytes) -> None:
    assert found(data) == []


def test_spans_are_of_the_text_inside_the_quotes() -> None:
    data = "/* é */ import './a.js'; import(`./b.js`); new URL(\"\\x63\", import.meta.url)".encode()
    spans = [data[start:stop] for start, stop, _, _ in javascript.find(data)]
    assert spans == [b"./a.js", b"./b.js", b"\\x63"]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (rb"./\u{1F600}\ud83d\ude00", "./\U0001f600\U0001f600"),
        (rb"./\ud83d\udc80x\udc80", "./\U0001f480x\ufffd"),
        (rb"./\u{d800}\u{110000}\u{000061}", "./\ufffd\ufffda"),
        (rb"./\n\t\0\q\'\\", "./\n\t\0q'\\"),
        (b"./\xff", "./\udcff"),
    ],
)
def test_escapes_are_decoded(text: bytes, url: str) -> None:
    assert found(b"import '" + text + b"'") == [("import", url)]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("../a-b_c~1.js?v=1&w=%20#(x)", b"../a-b_c~1.js?v=1&w=%20#(x)"),
        ("ü.js", "ü.js".encode()),
        ("\udcfc$a", b"\xfc$a"),
        ("'\"`\\\n${", rb"\x27\x22\x60\x5c\x0a\x24{"),
        ("\u2028", rb"\u2028"),
    ],
)
def test_escape(url: str, text: bytes) -> None:
    assert javascript.escape(url) == text


PIECES = [b"\xef\xbb\xbf", b"\xff", b"\n", b" ", b"//# sourceMappingURL=m", b"import './b.js'", b"import('./b.js')"]
PIECES += [b"__vite__fileDeps=[", b"'a',"]
PIECES += b"import from './ import( new URL( ' \" ` ${ { } ( ) / // /* */ \\ [ ] a . ; , = if return ++".split()
SCRIPTS = st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=30).map(b"".join)
CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from("'\"`\\\n${\u2028\udc80")
FRAMES = [
    ("__vite__fileDeps=['%s']", "bundled"),
    ("import '%s'", "import"),
    ('export * from "%s"', "import"),
    ("import(`%s`)", "dynamic import"),
    ("new URL('%s', import.meta.url)", "url"),
    ("import.meta.resolve('%s')", "url"),
    ("import '%s' with {type: 'json'}", "json import"),
]


@given(SCRIPTS)
@example(b"`${import/*")
@example(b"/\\")
def test_total_ordered_apart(data: bytes) -> None:
    references = javascript.find(data)
    edges = [edge for reference in references for edge in (reference.start, reference.stop)]
    assert edges == sorted(edges)
    assert all(data[start:stop] for start, stop, _, _ in references)


@given(SCRIPTS)
def test_rewriting_with_the_same_urls_finds_the_same_references(data: bytes) -> None:
    rest, pieces = 0, []
    for start, stop, url, _ in javascript.find(data):
        pieces += [data[rest:start], javascript.escape(url)]
        rest = stop
    assert found(b"".join([*pieces, data[rest:]])) == found(data)


@pytest.mark.parametrize(("frame", "kind"), FRAMES)
@given(url=st.text(CHARACTERS))
def test_escaped_urls_are_read_back(frame: str, kind: str, url: str) -> None:
    url = "./" + url
    assert found(frame.encode().replace(b"%s", javascript.escape(url))) == [(kind, url)]


@given(SCRIPTS)
def test_what_follows_the_last_candidate_does_not_matter(data: bytes) -> None:
    references = javascript.find(data + b"\n")
    assume(b"sourceMappingURL" not in data)
    assert javascript.find(data + b"\nvar a = 1;") == references


UNITS = b"import/* import/**/ from/* import('./ import'./a' `${ ` ' /* // / )/ }/ (a)/ =/[ =/[]/ \\ {( ({ ( } if(')')/"
UNITS += b" import'./a'/* import.meta.resolve(/**/ import.meta.resolve('./a/* import'./a'with/**/{"
UNITS += b" __vite__fileDeps=[ __vite__fileDeps= __vite__fileDeps=['a', "
UNITS += b"new/**/URL( =/a `${/ [ a //#sourceMappingURL=x /*#sourceMappingURL=x*/ "


@pytest.mark.parametrize("unit", [*UNITS.split(b" "), b" ", b"\n/", b"new URL('", b"import\n"])
def test_time_is_linear(unit: bytes) -> None:
    def find(length: int) -> None:
        data = unit * (length // max(len(unit), 1))
        for whole in (data, data + b"\nimport './b.js'", b"`${" + data + b"import('./b.js')"):
            javascript.find(whole)

    check_growth(find, 60_000)
