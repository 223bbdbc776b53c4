"""Real packages go through collecting, and come out the same but for the names in their references.

Whether a reference resolves is decided here by `urllib.parse.urljoin` and the list of files; what a reference is, by
es-module-lexer (in Node.js) and tinycss2. Our own scanners only say which bytes may differ.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from benchmarks.corpus.counts import PREFIX, TABLE, Corpus, Served, collect_corpus, count, find, get, render
from benchmarks.corpus.fetch import CACHE, PYTHON_PACKAGE
from servestatic import collect
from servestatic.assets.references import extension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = list[tuple[str, str]]  # kind and URL, in order

MODULES = Path(__file__).parent / "modules.mjs"
LEXER = CACHE / "node_modules" / "es-module-lexer" / "dist" / "lexer.js"
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.[^./?#]+(?:[?#]|\Z)|[?#]|\Z)")
LEAST = 60_000_000  # bytes
SETS = ("image-set", "-webkit-image-set")


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return collect_corpus()


@pytest.fixture(scope="module")
def served(corpus: Corpus) -> list[Served]:
    """Every file and what is served for it; that it is served at all, with its length, is checked on the way."""
    return list(corpus.served())


def resolve(corpus: Corpus, base: str, url: str) -> str | None:
    """Return the logical path of the file that a browser would ask for, if it is one of the corpus."""
    parts = urlsplit(urljoin(f"//host{base}", url))
    path = unquote(parts.path)
    if parts.scheme or parts.netloc != "host" or not path.startswith(PREFIX) or urlsplit(url).path == "":
        return None
    name = path.removeprefix(PREFIX)
    return name if name in corpus.names else None


def problem(corpus: Corpus, file: Served, before: str, behind: str) -> str | None:
    """Say what is wrong with a reference that was `before` and is `behind` now."""
    target = resolve(corpus, PREFIX + file.name, before)
    if target is None or corpus.index.policy.is_page(target):
        return None if before == behind else f"{before!r} names no file, and became {behind!r}"
    reached = urlsplit(urljoin(f"//host{corpus.index.url(file.name)}", behind))
    if reached.path != corpus.index.url(target) or corpus.index.get(unquote(reached.path)) is None:
        return f"{before!r} became {behind!r}, which is not the fingerprinted name of {target}"
    old = urlsplit(before)
    if (old.query, old.fragment) != (reached.query, reached.fragment):
        return f"{before!r} became {behind!r} and lost its query or fragment"
    return None


def test_size(served: list[Served], tell: Callable[[str], None]) -> None:
    size = sum(len(file.source) for file in served)
    rewritten = sum(file.data != file.source for file in served)
    tell(f"corpus: {len(served)} files, {size / 1e6:.1f} MB, {rewritten} rewritten")
    assert size > LEAST


def test_nothing_but_references_changes(served: list[Served]) -> None:
    """What is between two references is the same, byte for byte; a source with none is served as it is."""
    changed = []
    for file in served:
        before, behind = find(file.name, file.source), find(file.name, file.data)
        if between(file.source, before) != between(file.data, behind):
            changed.append(file.name)
    assert changed == []


def between(data: bytes, references: list[Any]) -> list[bytes]:
    """Cut the references out."""
    starts = [0, *(reference.stop for reference in references)]
    stops = [*(reference.start for reference in references), len(data)]
    return [data[start:stop] for start, stop in zip(starts, stops, strict=True)]


def test_a_plain_name_serves_the_source(corpus: Corpus, served: list[Served]) -> None:
    """But a page, which is served rewritten, as it has no other name."""
    plain = [file for file in served if not corpus.index.policy.is_page(file.name)]
    assert [file.name for file in plain if get(corpus.index, PREFIX + file.name) != file.source] == []
    assert [file.name for file in plain if not FINGERPRINT.search(file.path)] == []


def test_every_reference_that_resolves_is_fingerprinted(corpus: Corpus, served: list[Served]) -> None:
    problems = []
    for file in served:
        before, behind = find(file.name, file.source), find(file.name, file.data)
        assert [one.kind for one in before] == [other.kind for other in behind], file.name
        pairs = [(one.url, other.url) for one, other in zip(before, behind, strict=True)]
        problems += [f"{file.name}: {said}" for pair in pairs if (said := problem(corpus, file, *pair))]
    assert problems == []


def test_modules_of_scopes_have_one_url(corpus: Corpus, tmp_path: Path) -> None:
    """A page that loads them by a tag, and a module that imports them, ask for the same URL."""
    modules = [name for name in corpus.names if name.startswith("@") and extension(name) in (".js", ".mjs")]
    assert len(modules) > 100
    forms = ("./{}", f"{PREFIX}{{}}")
    entry = "".join(f'import "{form.format(name)}";\n' for name in modules for form in forms)
    (tmp_path / "entry.js").write_text(entry)
    index = collect(tmp_path, *corpus.folders, prefix=PREFIX, store="none")
    served = find("entry.js", get(index, unquote(url := index.url("entry.js"))))
    asked = [urljoin(url, reference.url) for reference in served]
    assert asked == [index.url(name) for name in modules for _ in forms]


# ------------------------------------------------------------------------------------------------------ oracles


def test_es_module_lexer_sees_the_same(
    corpus: Corpus, served: list[Served], tmp_path: Path, tell: Callable[[str], None]
) -> None:
    """Before and behind, but for the names; and what it sees resolve, is fingerprinted."""
    scripts = [file for file in served if extension(file.name) in (".js", ".mjs")]
    before = by_es_module_lexer([file.source for file in scripts], tmp_path)
    behind = by_es_module_lexer([file.data for file in scripts], tmp_path)
    read = [found for found in before if found is not None]
    tell(f"es-module-lexer: {len(read)} of {len(scripts)} scripts read, {sum(map(len, read))} references")
    assert len(read) > 5000
    assert compare(corpus, scripts, before, behind) == []


def test_tinycss2_sees_the_same(corpus: Corpus, served: list[Served], tell: Callable[[str], None]) -> None:
    """Before and behind, but for the names; and what it sees resolve, is fingerprinted."""
    sheets = [file for file in served if extension(file.name) == ".css"]
    changed = [file for file in sheets if file.data != file.source]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        before = pool.map(by_tinycss2, [file.source for file in sheets], chunksize=16)
        behind = pool.map(by_tinycss2, [file.data for file in changed], chunksize=16)
        seen = dict(zip([file.name for file in sheets], before, strict=True))
        later = seen | dict(zip([file.name for file in changed], behind, strict=True))
    references = sum(map(len, seen.values()))
    tell(f"tinycss2: {len(sheets)} style sheets, {references} references")
    assert references > 100
    assert compare(corpus, sheets, list(seen.values()), list(later.values())) == []


def compare(corpus: Corpus, files: list[Served], before: list[Found | None], behind: list[Found | None]) -> list[str]:
    """List what is wrong; None is a file that the oracle cannot read, before and behind."""
    problems = []
    for file, olds, news in zip(files, before, behind, strict=True):
        if olds is None or news is None or [kind for kind, _ in olds] != [kind for kind, _ in news]:
            problems += [] if olds is news is None else [f"{file.name}: other references than before"]
            continue
        for (kind, old), (_, new) in zip(olds, news, strict=True):
            if kind in BARE and not old.startswith(("./", "../", "/")):
                said = None if old == new else f"{old!r} is no path, and became {new!r}"
            else:
                said = problem(corpus, file, old, new)
            problems += [f"{file.name}: {said}"] if said else []
    return problems


BARE = ("static", "dynamic")  # kinds of references in which a name without `./` is no path


def by_es_module_lexer(scripts: list[bytes], folder: Path) -> list[Found | None]:
    """Ask Node.js, through files, what the imports of scripts are."""
    paths = [folder / f"{number}.js" for number in range(len(scripts))]
    for path, data in zip(paths, scripts, strict=True):
        path.write_bytes(data)
    node = shutil.which("node")
    if node is None:
        pytest.fail("Node.js is missing.", pytrace=False)
    names = "".join(f"{path}\n" for path in paths)
    run = subprocess.run([node, MODULES, LEXER], input=names, capture_output=True, text=True, check=True)
    return [answer and [(kind, url) for kind, url in answer] for answer in map(json.loads, run.stdout.splitlines())]


def by_tinycss2(data: bytes) -> Found:
    """Return kind and URL of every reference but source maps, read from component values."""
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return list(walk(importlib.import_module("tinycss2").parse_component_value_list(text), ""))


def walk(tokens: list[Any], function: str) -> Iterator[tuple[str, str]]:
    """Walk component values; `rule` is the at-keyword whose string or URL is still to come."""
    rule = ""
    for token in tokens:
        if token.type in ("whitespace", "comment") or (rule == "namespace" and token.type == "ident"):
            continue
        inside = token.lower_name if token.type == "function" else ""
        url = target(token, inside)
        if token.type == "string" and (rule == "import" or function in SETS):
            url = token.value
        if url and rule != "namespace":
            yield rule or "url", url
        yield from walk(getattr(token, "content", None) or getattr(token, "arguments", None) or [], inside)
        rule = token.lower_value if token.type == "at-keyword" else ""


def target(token: Any, inside: str) -> str | None:
    """Return what a url token, a url() or a src() names."""
    if token.type == "url":
        return str(token.value)
    values = [value for value in getattr(token, "arguments", []) if value.type not in ("whitespace", "comment")]
    is_named = inside in ("url", "src") and bool(values) and values[0].type == "string"
    return str(values[0].value) if is_named else None


# ------------------------------------------------------------------------------------------------------- table


def test_the_table_is_true(corpus: Corpus) -> None:
    """Of the packages whose versions are pinned, that is, of all but Django's."""
    assert rows(render(count(corpus))) == rows(TABLE.read_text("utf-8")), "run python -m benchmarks.corpus.counts"


def rows(table: str) -> list[str]:
    return [line for line in table.splitlines() if PYTHON_PACKAGE not in line and "**all**" not in line]
