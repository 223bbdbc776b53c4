"""Whatever a file is called, its URL leads to it: collected, live, from a build, by references and by the manifest."""

import json
import os
import re
import tempfile
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import servestatic
from servestatic import Directory, Index
from servestatic.assets.references import css
from tests.support.client import get

NAMES = (
    "trailing.dot.",
    "a.js.",
    "two.dots..",
    "...",
    "..x",
    ".hidden",
    "backup.202401151230",
    "x.abcdefabcdef",
    "x",
    "y.abcdefabcdef.txt",
    "y.txt",
    "100%.txt",
    "a%2Fb.txt",
    "b\\c.txt",
    "q?a=b#c.txt",
    "semi;colon+plus.txt",
    "folder.abcdefabcdef/é ü.txt",
    "日" * 80,
    "日" * 85,
    "n" * 242,
    "n" * 243 + ".js",
)
_REFERRING = "refers.css"


def write(folder: Path, names: list[str]) -> dict[str, bytes]:
    """Write files whose bytes are their names, and a stylesheet that refers to all of them."""
    files = {name: name.encode() for name in names}
    files[_REFERRING] = "".join(f'a{{background:url("{quote(name)}")}}' for name in names).encode()
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return files


def check(index: Index, files: dict[str, bytes]) -> None:
    """Ask an index for every file by both of its names, and for what the stylesheet refers to."""
    assert sorted(index) == sorted(files)
    for name, data in files.items():
        assert get(index, f"/static/{name}")[::2] == (200, data), name
        status, _, body = get(index, unquote(index.url(name)))
        assert (status, body) == (200, body if name == _REFERRING else data), name
    stylesheet = index.url(_REFERRING)
    references = [reference.url for reference in css.find(get(index, unquote(stylesheet))[2])]
    asked = [urljoin(stylesheet, reference) for reference in references]
    assert asked == [index.url(name) for name in files if name != _REFERRING]
    for name, reference in zip(files, references, strict=False):
        assert get(index, unquote(urljoin(stylesheet, reference)))[::2] == (200, files[name]), name


def check_everywhere(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = write(Path(folder, "static"), names)
        source = Directory(Path(folder, "static"), ignore=())
        index = servestatic.collect(source, store="none", index_file="")
        check(index, files)
        check(servestatic.live(source, store="none", index_file=""), files)
        out = Path(folder, "out")
        index.write(str(out))
        check(servestatic.collect(build=str(out), index_file=""), files)
        manifest = json.loads((out / "staticfiles.json").read_bytes())["paths"]
        assert manifest == {name: index.path(name) for name in files}
        for name, public in manifest.items():
            served = get(index, unquote(index.url(name)))[2]
            assert (out / public).read_bytes() == served, name


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rules for names")
def test_names() -> None:
    check_everywhere(list(NAMES))


_WORDS = st.sampled_from([".", ".", "0123456789ab", "abcdefabcdef", "a", "b", ".txt", "é", "%2e", "%", "\\", " ", "'"])
_SEGMENTS = st.lists(_WORDS, min_size=1, max_size=6).map("".join).filter(lambda each: each not in (".", ".."))
_PATHS = st.lists(_SEGMENTS, min_size=1, max_size=3).map("/".join)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rules for names")
@settings(max_examples=40, deadline=None)
@given(names=st.lists(_PATHS, min_size=1, max_size=8, unique=True))
def test_any_names(names: list[str]) -> None:
    folders = {f"{name}/"[: match.end()] for name in names for match in re.finditer("/", name)}
    assume(folders.isdisjoint(f"{name}/" for name in names))  # a path is a file or a folder
    check_everywhere(names)
