"""The trees that are measured: 60 MB as real sites have them, and many small files."""

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.corpus.fetch import LISTS, fetch
from benchmarks.lib.environments import CACHE, HERE, install, is_made

PLACE = CACHE / "start"
REQUIREMENTS = HERE / "requirements-site.txt"
SIZE = 63_000_000  # bytes; the next package would make it 72 MB
SMALL = 50_000  # files
# Where the applications' files are in their packages.
_APPLICATIONS = ("django/contrib/admin", "unfold", "tinymce", "rest_framework", "drf_spectacular_sidecar")
_WORDS = [f"{first}{second}" for first in ("get", "set", "on", "to", "is") for second in ("Row", "Item", "Page", "Key")]


class Source(NamedTuple):
    """A directory, and the path before its files' names."""

    directory: str
    under: str


class Tree(NamedTuple):
    """Directories that are served together: how many files and bytes, and a digest of the names and lengths."""

    sources: tuple[Source, ...]
    files: int
    size: int
    digest: str


def make_site() -> Tree:
    """Return the real tree: static files of Django applications, and npm packages of the corpus up to `SIZE`.

    The packages are those that corpus/package.json names, the smallest first, as long as they fit.

    Raises:
        CannotRunError: the packages cannot be installed.
    """
    packages = _unpack()
    sources = [Source(str(packages / path / "static"), "") for path in _APPLICATIONS]
    room = SIZE - sum(size for source in sources for _, size in _list(source))
    modules = fetch()
    named = json.loads((HERE / "corpus" / LISTS[0]).read_text("utf-8"))["dependencies"]
    added = [Source(str(modules / name), name) for name in named]
    for size, source in sorted((sum(size for _, size in _list(source)), source) for source in added):
        if size <= room:
            room -= size
            sources.append(source)
    return _describe(sources)


def _unpack() -> Path:
    """Unpack the applications' packages, unless that is done."""
    place, wanted = PLACE / "packages", REQUIREMENTS.read_text("utf-8")
    stamp = place / "made-of"
    if not is_made(stamp, wanted):
        print("Fetching the applications of the site …", file=sys.stderr)
        install(sys.executable, "--no-deps", "--upgrade", "--target", place, "-r", REQUIREMENTS)
        stamp.write_text(wanted, "utf-8")
    return place


def make_small(*, linked: bool) -> Tree:
    """Write `SMALL` files of 200 to 2,000 bytes, always the same, 100 in a folder.

    Scripts (45 %), stylesheets (15 %) and drawings (10 %) of made-up words, the rest random bytes as pictures. If
    `linked`, each script imports two others of its folder, and each stylesheet names a picture.
    """
    place = PLACE / ("linked" if linked else "apart")
    stamp = place.with_suffix(".made")
    if not stamp.is_file():
        print(f"Writing {SMALL} small files …", file=sys.stderr)
        choose = Random(1)
        for number in range(SMALL):
            path = place / _name_small(number)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_write_small(number, choose, linked=linked))
        stamp.write_text("whole\n")
    return _describe([Source(str(place), "")])


def _name_small(number: int) -> str:
    kind = ("js", "js", "css", "png", "js", "svg", "png", "js", "png", "js")[number % 10]
    kind = "css" if number % 20 == 9 else kind
    return f"part{number // 10000}/folder{number // 100}/module-{number}.{kind}"


def _write_small(number: int, choose: Random, *, linked: bool) -> bytes:
    name = _name_small(number)
    length = choose.randint(200, 2000)
    if name.endswith(".png"):
        return choose.randbytes(length)
    lines: list[str] = []
    if linked and name.endswith(".js"):
        others = (f"module-{number // 10 * 10}.js", f"module-{number // 10 * 10 + 4}.js")
        lines += [f'import {{ {choose.choice(_WORDS)} }} from "./{name}";\n' for name in others]
    elif linked and name.endswith(".css"):
        lines.append(f'.i{number} {{ background: url("module-{number // 10 * 10 + 3}.png"); }}\n')
    while sum(map(len, lines)) < length:
        one, two, three = choose.choices(_WORDS, k=3)
        value = choose.randint(0, 1 << 20)
        lines.append(_LINES[name.rpartition(".")[2]].format(one=one, two=two, three=three, value=value))
    return "".join(lines).encode()


_LINES = {
    "js": "export function {one}{value}({two}) {{ return {three}({two}, {value}); }}\n",
    "css": ".{one}-{value} {{ margin: {value}px; color: #{value:06x}; }}\n",
    "svg": '<path id="{one}{value}" d="M{value} 0L10 {value}z" class="{two} {three}"/>\n',
}


def _describe(sources: list[Source]) -> Tree:
    listed = sorted(chain.from_iterable(map(_list, sources)))
    digest = hashlib.sha256(json.dumps(listed).encode()).hexdigest()
    return Tree(tuple(sources), len(listed), sum(size for _, size in listed), digest)


def _list(source: Source) -> Iterator[tuple[str, int]]:
    root = Path(source.directory)
    for path in root.rglob("*"):
        if path.is_file():
            yield f"{source.under}/{path.relative_to(root)}", path.stat().st_size
