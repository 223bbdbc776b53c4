"""Builds of as many names as one likes: one file is real, names and rows of all others are made up."""

import heapq
import shutil
from collections.abc import Iterator
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.start.site import STYLESHEET, read_sources

_ASKED = 2000  # names that are looked up


def write_names(out: Path, number: int) -> None:
    """Write a build of the site's stylesheet, and add names without files to its document."""
    from servestatic import collect
    from servestatic.releases.document import RELEASES
    from servestatic.releases.format.file import Tables, open_tables

    shutil.rmtree(out, ignore_errors=True)
    with TemporaryDirectory() as folder:
        stylesheet = Path(folder, STYLESHEET)
        stylesheet.parent.mkdir(parents=True)
        shutil.copy(Path(read_sources()[0][0], STYLESHEET), stylesheet)
        collect(folder, store="none", compress="build").write(str(out))
    (document,) = (out / RELEASES).iterdir()
    file, tables = open_tables(str(document)), Tables()
    for name in file.head["tables"]:
        pairs = file.table(name).items()
        tables.add(name, heapq.merge(pairs, _list_rows(number), key=itemgetter(0)) if name == "0 plain" else pairs)
    document.write_bytes(tables.finish(**{key: value for key, value in file.head.items() if key != "tables"}))


def time_lookup(out: Path, number: int) -> float:
    """Return the seconds for the first look-up of a name: the median of many names, all over the release.

    Others were looked up before, so that the blocks above the leaves are in memory.
    """
    from servestatic import collect
    from servestatic.assets.names import insert_fingerprint

    def spell(chosen: int) -> str:
        name = _name(chosen)
        return f"/static/{insert_fingerprint(name, _digest(name).hex()[:12])}"

    find, took, step = collect(build=str(out), store="none").catalog.find, [], max(number // _ASKED, 2)
    for path in map(spell, range(0, number, step)):
        find(path)
    for path in map(spell, range(step // 2, number, step)):
        start = perf_counter()
        found = find(path)
        took.append(perf_counter() - start)
        assert found, path
    return median(took)


def _list_rows(number: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield names with their rows, in order of the names."""
    from servestatic.http.message import Stamp
    from servestatic.releases.rows import Row

    for name in map(_name, range(number)):
        digest = _digest(name)
        row = Row(digest, digest.hex()[:12], Stamp(0, 0, 1000, 0, 0), 0, utf8=True, named=True)
        yield name.encode(), row.pack(where=False)


def _name(number: int) -> str:
    return f"part{number // 10000:03}/folder{number // 100:05}/module-{number:07}.js"


def _digest(name: str) -> bytes:
    return sha256(name.encode()).digest()
