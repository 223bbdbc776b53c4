"""The fields of Compression Dictionary Transport (RFC 9842)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servestatic.http.dictionary import offer_dictionary, read_dictionary, write_dictionary

TEXT = write_dictionary(bytes(range(32)))

DICTIONARIES = {
    TEXT: bytes(range(32)),
    f" {TEXT}": None,
    TEXT.replace("8=", "9="): None,
    "": None,
    ":": None,
    "::": None,
    TEXT[1:]: None,
    TEXT[:-1]: None,
    TEXT.replace("A", "-", 1): None,
    TEXT.replace("=", ""): None,
    f"{TEXT}, {TEXT}": None,
    f"{TEXT};a=1": None,
    f":{'A' * 60}:": None,
    ":" * 20_000: None,
}


@pytest.mark.parametrize(("text", "digest"), DICTIONARIES.items(), ids=range(len(DICTIONARIES)))
def test_reading(text: str, digest: bytes | None) -> None:
    assert read_dictionary(text) == digest


def test_absent() -> None:
    assert read_dictionary(None) is None


@given(st.binary(min_size=32, max_size=32))
def test_written_and_read(digest: bytes) -> None:
    assert read_dictionary(write_dictionary(digest)) == digest


PATTERNS = {
    ("app.", ".js"): 'match="app.*.js"',
    ("a%20b.", ".css"): 'match="a%20b.*.css"',
    ("a+b(1)*?.", ".js"): r'match="a\\+b\\(1\\)\\*\\?.*.js"',
    ("a:b{c}.", ".js"): r'match="a{\\:}b\\{c\\}.*.js"',
    ("jquery-3.7.1.min.", ".js"): 'match="jquery-3.7.1.min.*.js"',
    ("LICENSE.", ""): 'match="LICENSE.*"',
}


@pytest.mark.parametrize(("parts", "value"), PATTERNS.items(), ids=list(PATTERNS.values()))
def test_patterns(parts: tuple[str, str], value: str) -> None:
    assert offer_dictionary(*parts) == (("Use-As-Dictionary", value),)


@pytest.mark.parametrize("before", ["", ".", ".."])
def test_patterns_of_all_files(before: str) -> None:
    assert offer_dictionary(before, ".js") == ()
