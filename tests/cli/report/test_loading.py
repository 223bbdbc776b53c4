"""What a page loads: the rounds in which a browser learns of files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.command import call
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path

FILES: dict[str, str | bytes] = {
    "a.js": "import './b.js'; import('./later.js')",
    "b.js": "import './c.js'; import './a.js'",
    "c.js": "let c",
    "later.js": "let later",
    "site.css": "@import 'base.css'; a{background:url(a.svg)}",
    "base.css": "@font-face{font-family:f;src:url(f.woff2)}",
    "f.woff2": b"wOF2",
    "a.svg": "<svg/>",
}
PAGES = [
    ("", {}),
    ("<script type=module src=a.js></script>", {"a.js": 1, "b.js": 2, "c.js": 3}),
    ("<script type=module>import './b.js'</script>", {"b.js": 1, "c.js": 2, "a.js": 2}),
    ("<link rel=stylesheet href=site.css>", {"site.css": 1, "base.css": 2, "f.woff2": 3}),
    ("<img src=a.svg><img src=/a.svg?x#y><img src=missing.svg><img src=//host/a.svg>", {"a.svg": 1}),
    (
        "<link rel=modulepreload href=b.js><link rel=modulepreload href=c.js><script type=module src=a.js></script>",
        {"b.js": 1, "c.js": 1, "a.js": 1},
    ),
    (
        '<script type=importmap>{"imports": {"c": "./c.js"}}</script><script type=module src=b.js></script>',
        {"b.js": 1, "c.js": 2, "a.js": 2},
    ),
    ('<script type=importmap>{"imports": {"c": "./c.js"}}</script>', {}),
]


@pytest.mark.parametrize(("page", "rounds"), PAGES, ids=[page or "nothing" for page, _ in PAGES])
def test_rounds(page: str, rounds: dict[str, int], tmp_path: Path) -> None:
    write(tmp_path / "static", FILES | {"index.html": page})
    found = json.loads(call(tmp_path, "report", "--page", "/", "--json").out)["page"]
    assert {each["path"]: each["round"] for each in found["files"]} == {"index.html": 0, **rounds}
    most = max(rounds.values(), default=0)
    assert (found["rounds"], found["saved_rounds"]) == (most, max(0, most - 1))


def test_files_of_the_first_round_that_lead_to_others(tmp_path: Path) -> None:
    write(
        tmp_path / "static", FILES | {"index.html": "<script type=module src=a.js></script><link rel=icon href=a.svg>"}
    )
    found = json.loads(call(tmp_path, "report", "--page", "/", "--json").out)["page"]
    assert found["preload"] == ["a.js"]
    named_by = {each["path"]: each["named_by"] for each in found["files"]}
    assert named_by["b.js"] == ["a.js"]
    assert named_by["a.js"] == ["index.html", "b.js"]


def test_a_page_with_more_files_than_a_picture_holds(tmp_path: Path) -> None:
    modules = {f"m{number}.js": f"import './m{number + 1}.js'; {'x' * number}" for number in range(60)}
    many = "".join(f"<img src=i{number}.svg>" for number in range(40))
    images: dict[str, str | bytes] = {f"i{number}.svg": "<svg/>" for number in range(40)}
    write(tmp_path / "static", images | modules | {"index.html": f"<script type=module src=m0.js></script>{many}"})
    assert call(tmp_path, "report", "--page", "/", "--html", "r.html").code == 0
    text = (tmp_path / "r.html").read_text("utf-8")
    assert "and 25 more" in text
    assert "Round 24" in text
    assert "Round 25" not in text
    assert "m59.js" in text
