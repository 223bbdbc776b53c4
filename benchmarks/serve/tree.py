"""The files that are served: the same bytes for everybody, the peers' as collectstatic and a compressor leave them.

ours/    the sources alone
peers/   also each file's fingerprinted name, and `.br` and `.gz` beside what is compressible
"""

import gzip
import sys
from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from benchmarks.lib.environments import HERE
from benchmarks.serve.environments import PLACE

OURS, PEERS = PLACE / "ours", PLACE / "peers"
NOWHERE = "/lights/42/"  # no file: the application answers
MB = 1024 * 1024


class File(NamedTuple):
    """A file: its fingerprinted URL path, its bytes, and those in brotli where that is worth it."""

    path: str
    data: bytes
    brotli: bytes


def _write_script(words: int, length: int) -> bytes:
    """Write something like a script, always the same; the fewer words, the better it compresses."""
    choose = Random(1)
    known = [
        bytes(choose.choices(b"abcdefghijklmnopqrstuvwxyz", k=choose.randint(2, 9))).decode() for _ in range(words)
    ]
    lines: list[str] = []
    size = 0
    while size < length:
        name, left, right, value = choose.choices(known, k=4)
        lines.append(f"export function {name}({left}) {{ return {right}({left}, {value!r}); }}\n")
        size += len(lines[-1])
    return "".join(lines).encode()[: length - 1] + b"\n"


def _write_noise(length: int) -> bytes:
    return Random(length).randbytes(length)


_FILES: Mapping[str, Callable[[], bytes]] = {
    "app.js": lambda: _write_script(300, 18_100),  # 4 KB in brotli
    "bundle.js": lambda: _write_script(9000, 102_400),  # 29 KB in brotli
    "icon.png": lambda: _write_noise(4096),
    "photo.jpg": lambda: _write_noise(MB),
    "film.mp4": lambda: _write_noise(100 * MB),
}


def make_tree() -> Mapping[str, File]:
    """Write the files that are not there yet, and return all of them by their plain names."""
    sys.path.insert(0, str(HERE.parent))  # this tree's package, installed or not
    import brotli

    from servestatic import collect

    OURS.mkdir(parents=True, exist_ok=True)
    PEERS.mkdir(parents=True, exist_ok=True)
    for name, write in _FILES.items():
        if not (OURS / name).is_file():
            (OURS / name).write_bytes(write())
    index = collect(OURS, store=str(PLACE / "store"), compress="startup")
    files: dict[str, File] = {}
    for name in _FILES:
        data = (OURS / name).read_bytes()
        coded = brotli.compress(data, quality=11) if name.endswith(".js") else b""
        files[name] = File(f"/static/{index.path(name)}", data, coded)
        _write_for_peers(name, index.path(name), data, coded)
    return files


def _write_for_peers(name: str, fingerprinted: str, data: bytes, coded: bytes) -> None:
    for each in (name, fingerprinted):
        variants = {each: data}
        if coded:
            variants |= {f"{each}.br": coded, f"{each}.gz": gzip.compress(data, 9, mtime=0)}
        for path, content in variants.items():
            if not (PEERS / path).is_file() or (PEERS / path).stat().st_size != len(content):
                (PEERS / path).write_bytes(content)
