"""Which references become links, which are broken, and which are not ours to resolve."""

from __future__ import annotations

import pytest

from servestatic.assets.file import File
from servestatic.assets.policy import Policy
from servestatic.assets.references import Kind, Reference
from servestatic.assets.tree import link, merge

PLAIN = Policy(fingerprints=True, revalidate=False, max_age=60, cors="all")
NAMES = ("css/app.css", "js/app.js", "js/lib/index.html", "about.html", "js/bare.js")
# URL, kind, mounts of the tree, whether no application answers; what becomes of it.
REFERENCES: list[tuple[str, Kind, bool, str]] = [
    ("app.js", "import", False, "link"),
    ("/static/css/app.css", "url", False, "link"),
    ("../about.html", "url", False, "page"),
    ("https://a/b.js", "import", False, "nothing"),
    ("gone.js", "import", False, "broken"),
    ("gone.png", "url", False, "broken"),
    ("../../../above.png", "url", False, "broken"),
    ("folder/", "url", False, "nothing"),
    ("gone", "import", False, "nothing"),
    ("gone", "dynamic import", False, "nothing"),
    ("bare", "import", False, "nothing"),
    ("gone", "url", False, "broken"),
    ("../about", "url", False, "nothing"),
    ("lib", "url", False, "nothing"),
    ("gone.js", "bundled", False, "nothing"),
    ("/api/users", "url", False, "nothing"),
    ("/logo.png", "url", False, "nothing"),
    ("/static/gone.png", "url", False, "broken"),
    ("/api/users", "url", True, "nothing"),
    ("/logo.png", "url", True, "broken"),
]


def file(name: str, content: bytes = b"", mount: str | None = None) -> File:
    return File(name, content, None, "test", mount)


@pytest.mark.parametrize(("url", "kind", "alone", "becomes"), REFERENCES)
def test_what_becomes_of_a_reference(url: str, kind: Kind, alone: bool, becomes: str) -> None:
    tree = merge([*map(file, NAMES), file("robots.txt", mount="/")], "/static/")
    policy = PLAIN._replace(alone=alone, index_files=("home.html", "index.html"))
    links, broken = link("/static/js/app.js", [Reference(0, 9, url, kind)], tree, policy)
    assert [len(links), len(broken)] == {"link": [1, 0], "broken": [0, 1]}.get(becomes, [0, 0])


def test_the_first_of_a_name_wins() -> None:
    one, two, other = file("a.css", b"1"), file("a.css", b"2"), file("a.css", b"3", mount="/")
    tree = merge([one, two, other], "/static/")
    assert tree.files == {"/static/a.css": one, "/a.css": other}
    assert (tree.hidden, tree.mounts) == ([(one, two)], ["/static/", "/"])


def test_a_policy_without_headers_adds_none() -> None:
    fields = PLAIN.metadata("a.css", "/static/a.css", utf8=True, fingerprinted=False)
    assert [name for name, _ in fields] == ["Content-Type", "Cache-Control", "X-Content-Type-Options"]
