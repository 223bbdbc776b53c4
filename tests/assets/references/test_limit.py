"""Of a file with very many references, the first are followed; one warning names the file."""

from __future__ import annotations

import logging
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.assets.references import MAX_REFERENCES, SYNTAXES, css, javascript
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The beginning of a file, a reference, and the end.
FORMS = {
    "urls.css": ("", "a{b:url(a.png)}", ""),
    "set.css": ("a{b:image-set(", "'a.png' 1x,", ")}"),
    "map.css": ("", "a{b:url(a.png)}", "/*# sourceMappingURL=a.map */"),
    "imports.js": ("", "import './a.js';", ""),
    "map.js": ("", "import('./a.js');", "\n//# sourceMappingURL=a.map"),
    "images.html": ("", "<img src=a.png>", ""),
    "set.html": ("<img srcset='", "a.png 1x, ", "'>"),
    "style.html": ("<style>", "a{b:url(a.png)}", "</style><img src=a.png>"),
    "modules.html": ('<script type=importmap>{"imports":{"a":"./a.js"', ',"b":"./a.js"', "}}</script>"),
    "icons.webmanifest": ('{"icons":[{"src":"a.png"}', ',{"src":"a.png"}', "]}"),
}


@pytest.fixture(autouse=True)
def _low(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("references.css", "references.html", "references.javascript", "references.webmanifest"):
        monkeypatch.setattr(f"servestatic.assets.{module}.MAX_REFERENCES", 10)
    for module in ("steps", "findings"):
        monkeypatch.setattr(f"servestatic.pipeline.{module}.MAX_REFERENCES", 10)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(("count", "found"), [(9, 9), (10, 10), (11, 11), (5000, 11)])
def test_what_is_found(name: str, count: int, found: int) -> None:
    """At most one more than is followed, so that it shows."""
    start, unit, end = FORMS[name]
    more = start.count("a.") + end.count("a.")
    find = SYNTAXES[name[name.index(".") :]].find
    references = find((start + unit * (count - more) + end).encode())
    assert len(references) == found


@pytest.mark.parametrize(
    ("places", "unit"), [(css._candidates, b"url(a) src('b') "), (javascript._candidates, b"import'./b';from'./c';")]
)
def test_places_are_looked_for_one_by_one(places: Callable[[bytes], Iterator[tuple[int, object]]], unit: bytes) -> None:
    """A million of them take no memory."""
    found = places(unit * 1000)
    assert iter(found) is found
    first = [at for at, *_ in islice(found, 100)]
    assert first == sorted({*first})


@pytest.mark.parametrize("live", [False, True])
def test_one_warning_names_the_file(tmp_path: Path, caplog: pytest.LogCaptureFixture, live: bool) -> None:
    text = "a{b:url(b.png)}" * 12
    make = servestatic.live if live else servestatic.collect
    index = make(write(tmp_path, {"a.css": text, "b.png": "b", "few.css": text[: 15 * 10]}))
    for _ in range(2):
        served = get(index, index.url("a.css"))[2].decode()
        index.url("few.css")
    fingerprinted = index.path("b.png")
    assert served == "".join(f"a{{b:url({fingerprinted if number < 10 else 'b.png'})}}" for number in range(12))
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 1
    assert re.search(r"too many references \(1\):\n.*/a\.css: .* the first 10 ", warnings[0])


def test_the_limit_is_documented() -> None:
    page = Path(__file__).parents[3] / "docs/explanation/fingerprints.md"
    assert f"{MAX_REFERENCES:,}" in page.read_text("utf-8")
