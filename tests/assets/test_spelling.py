"""One spelling of a path in everything that is written: browsers run a module twice if two URLs of it differ."""

from __future__ import annotations

import json
import os
from html import escape
from typing import TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import unquote, urljoin

import pytest

from servestatic import collect
from servestatic.assets.names import encode
from servestatic.assets.references import SYNTAXES, extension, javascript
from servestatic.frameworks.markup import Page
from servestatic.frameworks.names import Names
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

# RFC 3986 §3.3: pchar = unreserved / pct-encoded / sub-delims / ":" / "@". Browsers leave these as they are, too.
PCHAR = "-._~!$&'()*+,;=:@"
SPELLED = {sign: sign for sign in PCHAR} | {
    " ": "%20",
    '"': "%22",
    "#": "%23",
    "%": "%25",
    "<": "%3C",
    ">": "%3E",
    "?": "%3F",
    "[": "%5B",
    "\\": "%5C",
    "]": "%5D",
    "^": "%5E",
    "`": "%60",
    "{": "%7B",
    "|": "%7C",
    "}": "%7D",
    "ü": "%C3%BC",
}
# How files write a reference.
REFERRING = {
    "in.css": 'a{b:url("%s")}',
    "in.js": 'import "%s";',
    "in.html": '<script type=module src="%s"></script>',
    "in.webmanifest": '"%s"',
}


@pytest.mark.parametrize("sign", SPELLED)
def test_encode(sign: str) -> None:
    assert encode(f"/a{sign}b/{sign}") == f"/a{SPELLED[sign]}b/{SPELLED[sign]}"
    assert unquote(encode(sign)) == sign


def refer(references: list[str]) -> dict[str, str]:
    """Write files that refer to each of some URLs."""
    texts = {name: "\n".join(form % each for each in references) for name, form in REFERRING.items()}
    images = [{"src": each} for each in references]
    return texts | {"in.webmanifest": json.dumps({"icons": images}, ensure_ascii=False)}


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rules for names")
@pytest.mark.parametrize("sign", SPELLED)
def test_every_url_is_spelled_the_same(sign: str, tmp_path: Path) -> None:
    """That for a page, the link that preloads, the import map, and those in files, however they were written there."""
    name, spelled = f"a{sign}b/m{sign}.js", f"/static/a{SPELLED[sign]}b/m{SPELLED[sign]}."
    encoded = encode(name)
    needless = "/".join("".join(f"%{byte:02x}" for byte in part.encode()) for part in name.split("/"))
    forms = dict.fromkeys((encoded, needless, encode(normalize("NFD", name)), encoded.replace("%C3%BC", "ü")))
    references = [f"{before}{form}" for before in ("./", "/static/") for form in forms]
    index = collect(write(tmp_path, refer(references) | {name: "export default 1"}), store="none")

    url = index.url(name)
    assert url.startswith(spelled)
    assert index.importmap(name)["imports"] == {f"{spelled}js": url}
    assert f'href="{escape(url)}"' in Page(index, index.url).modulepreload(name)
    unknown = f"a{sign}b/no"
    assert Names(index).url(unknown) == f"/static/{encode(unknown)}" or sign in "?#"
    for referring in REFERRING:
        served = get(index, unquote(index.url(referring)))[2]
        urls = [reference.url for reference in SYNTAXES[extension(referring)].find(served)]
        assert [urljoin(index.url(referring), each) for each in urls] == [url] * len(references), referring


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rules for names")
@pytest.mark.parametrize("sign", SPELLED)
def test_a_module_within_a_page_goes_on_working(sign: str, tmp_path: Path) -> None:
    """What HTML and JavaScript escape differently, such as `&` for `%26`, is not written into a script."""
    name = f"a{sign}b.js"
    spelled = "".join(f"%{byte:02X}" for byte in sign.encode())
    page = f'<script type=module>import "./a{spelled}b.js"</script>'
    index = collect(write(tmp_path, {name: "export default 1", "in.html": page}), store="none")
    served = get(index, "/static/in.html")[2].removeprefix(b"<script type=module>").removesuffix(b"</script>")
    (reference,) = javascript.find(served)
    assert urljoin("/static/in.html", reference.url) == (f"/static/a{spelled}b.js" if sign in "&'" else index.url(name))
