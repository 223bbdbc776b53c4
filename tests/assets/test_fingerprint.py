"""Fingerprints change exactly when the bytes served under them change."""

import hashlib
import random
import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servestatic.assets.fingerprint import Link, Node, fingerprint_leaf, fingerprint_nodes, rewrite
from servestatic.assets.names import insert_fingerprint, split_fingerprint


@pytest.mark.parametrize(
    ("plain", "fingerprinted"),
    [
        ("app.css", "app.0123456789ab.css"),
        ("css/app.min.css", "css/app.min.0123456789ab.css"),
        ("LICENSE", "LICENSE.0123456789ab"),
        ("v1.2/LICENSE", "v1.2/LICENSE.0123456789ab"),
        (".htaccess", ".htaccess.0123456789ab"),
        (".well-known/security.txt", ".well-known/security.0123456789ab.txt"),
        ("a.tar.gz", "a.tar.0123456789ab.gz"),
        ("ünï c.txt", "ünï c.0123456789ab.txt"),
        ("line\nbreak.js", "line\nbreak.0123456789ab.js"),
        ("end.", "end.0123456789ab."),
        ("a.js.", "a.js.0123456789ab."),
        ("two.dots..", "two.dots..0123456789ab."),
        ("...", "...0123456789ab."),
        ("..a", "..0123456789ab.a"),
        ("backup.202401151230", "backup.0123456789ab.202401151230"),
        (".202401151230", ".202401151230.0123456789ab"),
        ("a.abcdefabcdef.b", "a.abcdefabcdef.0123456789ab.b"),
    ],
)
def test_names(plain: str, fingerprinted: str) -> None:
    assert insert_fingerprint(plain, "0123456789ab") == fingerprinted
    assert split_fingerprint(fingerprinted) == (plain, "0123456789ab")


@pytest.mark.parametrize(
    "name",
    [
        "app.css",
        "app.0123456789AB.css",
        "app.0123456789a.css",
        "app.0123456789abc.css",
        "0123456789ab/app.css",
        "0123456789ab",
        ".0123456789ab",
        "folder/.0123456789ab",
        ".0123456789ab.css",
        "a.b.0123456789ab",
        "a..0123456789ab",
    ],
)
def test_names_without_fingerprint(name: str) -> None:
    assert split_fingerprint(name) is None


_PARTS = st.sampled_from([".", "/", "0123456789ab", "abcdefabcdef", "a", ".css", "é", "\n", " "])


@settings(max_examples=600, deadline=None)
@given(parts=st.lists(_PARTS, min_size=1, max_size=7), fingerprint=st.sampled_from(["0123456789ab", "abcdefabcdef"]))
def test_splitting_is_the_inverse_of_inserting(parts: list[str], fingerprint: str) -> None:
    """Of every name that a file can have, and of no other."""
    name = "".join(parts)
    if name.rpartition("/")[2] not in ("", ".", ".."):
        assert split_fingerprint(insert_fingerprint(name, fingerprint)) == (name, fingerprint)
    split = split_fingerprint(name)
    assert split is None or insert_fingerprint(*split) == name


def test_rewrite() -> None:
    from servestatic.assets.fingerprint import Edit

    assert rewrite(b"0123456789", []) == b"0123456789"
    assert rewrite(b"0123456789", [Edit(0, 1, b"a"), Edit(1, 3, b""), Edit(9, 10, b"zz")]) == b"a345678zz"


Sources = Mapping[str, str]  # a file's text; `<name>` is a reference
_REFERENCE = re.compile(r"<(\w+)>")


def serve(sources: Sources, *, blind: frozenset[str] = frozenset()) -> dict[str, tuple[str, bytes]]:
    """Return the fingerprint and the bytes of each file; references in `blind` files are not seen."""
    nodes, leaves = {}, {}
    for name, text in sources.items():
        links = [
            Link(match.start(1), match.end(1), match[1], match[1])
            for match in _REFERENCE.finditer(text)
            if match[1] in sources and name not in blind
        ]
        digest = hashlib.sha256(text.encode()).digest()
        if links:
            nodes[name] = Node(name, digest, links)
        else:
            leaves[name] = fingerprint_leaf(digest)
    named, edits = fingerprint_nodes(nodes, leaves, lambda base, link, print_: f"{link.target}.{print_}".encode())
    return {
        name: ((named | leaves)[name], rewrite(text.encode(), edits.get(name, []))) for name, text in sources.items()
    }


def graphs() -> st.SearchStrategy[dict[str, str]]:
    names = [f"f{number}" for number in range(7)]
    text = st.lists(st.sampled_from([*names, "x", "y"]), max_size=4).map(
        lambda parts: "".join(f"<{part}>" if part in names else part for part in parts)
    )
    return st.dictionaries(st.sampled_from(names), text, max_size=7)


@settings(max_examples=400, deadline=None)
@given(before=graphs(), change=graphs(), blind=st.frozensets(st.sampled_from(["f0", "f1", "f2"])))
def test_a_fingerprint_changes_exactly_with_the_bytes(
    before: dict[str, str], change: dict[str, str], blind: frozenset[str]
) -> None:
    """Between two states of the sources, or two scanners of which one sees less."""
    first, second = serve(before), serve(before | dict(list(change.items())[:1]), blind=blind)
    for name in first.keys() & second.keys():
        assert (first[name][0] == second[name][0]) == (first[name][1] == second[name][1]), name


@settings(max_examples=200, deadline=None)
@given(sources=graphs(), seed=st.integers())
def test_the_order_of_files_does_not_matter(sources: dict[str, str], seed: int) -> None:
    shuffled = list(sources.items())
    random.Random(seed).shuffle(shuffled)
    assert serve(sources) == serve(dict(shuffled))


@settings(max_examples=200, deadline=None)
@given(sources=graphs())
def test_every_written_reference_names_what_is_served(sources: dict[str, str]) -> None:
    served = serve(sources)
    for _, data in served.values():
        for name, fingerprint in re.findall(rb"<(\w+)\.(\w+)>", data):
            assert served[name.decode()][0] == fingerprint.decode()


@pytest.mark.parametrize("closed", [False, True], ids=["chain", "circle"])
def test_ten_thousand_deep(closed: bool) -> None:
    depth = 10_000
    sources = {f"n{number}": f"<n{number + 1}>" for number in range(depth)}
    sources[f"n{depth}"] = "<n0>" if closed else "end"
    assert len({fingerprint for fingerprint, _ in serve(sources).values()}) == depth + 1


def test_known_answers() -> None:
    """These names are in the caches of the world: a change of the format must be meant."""
    served = serve({"a": "<b>", "b": "leaf", "c": "<d>", "d": "<c>"})
    assert {name: fingerprint for name, (fingerprint, _) in served.items()} == {
        "a": "83d25c527d5b",
        "b": "9d48eb18df8f",
        "c": "2742ff673135",
        "d": "c46e729d399d",
    }
