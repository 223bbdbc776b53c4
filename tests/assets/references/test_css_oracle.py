"""The references of real style sheets against tinycss2. REFERENCES_CORPUS names a folder of them."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from servestatic.assets.references import css

CORPUS = os.environ.get("REFERENCES_CORPUS", "")
FILES = sorted(path for path in Path(CORPUS).rglob("*.css") if path.is_file()) if CORPUS else []

pytestmark = pytest.mark.skipif(not CORPUS, reason="REFERENCES_CORPUS names no folder of style sheets")

SETS = ("image-set", "-webkit-image-set")


def by_tinycss2(data: bytes) -> list[tuple[str, str]]:
    """Return kind and URL of every reference but source maps, read from tinycss2's component values."""
    tokens = importlib.import_module("tinycss2").parse_component_value_list(data.decode("utf-8", "surrogateescape"))
    return [(kind, url) for kind, url in references(tokens, "") if url and not left_out(url)]


def left_out(url: str) -> bool:
    return url.startswith("#") or url[:5].lower() == "data:"


def references(tokens: list[Any], function: str) -> Iterator[tuple[str, str]]:
    """Walk component values; `rule` is the at-keyword whose string or URL is still to come."""
    rule = ""
    for token in tokens:
        if token.type in ("whitespace", "comment") or (rule == "namespace" and token.type == "ident"):
            continue
        kind = "import" if rule == "import" else "url"
        inside = getattr(token, "lower_name", "") if token.type == "function" else ""
        url = token.value if token.type == "string" and (rule == "import" or function in SETS) else None
        url = url or target(token, inside)
        if url and rule != "namespace":
            yield kind, url
        nested = getattr(token, "content", None) or getattr(token, "arguments", None) or []
        yield from references(nested, inside)
        rule = token.lower_value if token.type == "at-keyword" else ""


def target(token: Any, inside: str) -> str | None:
    """Return what a url token, a url() or a src() names."""
    if token.type == "url":
        return str(token.value)
    arguments = getattr(token, "arguments", [])
    significant = [value for value in arguments if value.type not in ("whitespace", "comment")]
    if inside in ("url", "src") and significant and significant[0].type == "string":
        return str(significant[0].value)
    return None


@pytest.mark.parametrize("path", FILES, ids=str)
def test_agrees_with_tinycss2(path: Path) -> None:
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    ours = [(kind, url) for _, _, url, kind in css.find(data) if kind != "source map"]
    assert ours == by_tinycss2(data)
