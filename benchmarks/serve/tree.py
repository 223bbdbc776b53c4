"""The files that are served: always the same bytes, the peers' as collectstatic and a compressor leave them.

ours/    the sources alone
peers/   also each file's fingerprinted name, and `.br` and `.gz` beside what is compressible
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import NamedTuple

from benchmarks.lib.environments import CACHE
from benchmarks.lib.files import compress, make_script, write_collected

PLACE = CACHE / "serve"
OURS, PEERS, STORE = PLACE / "ours", PLACE / "peers", PLACE / "store"
MB = 1024 * 1024


class File(NamedTuple):
    """A file: its fingerprinted URL path, its bytes, and those in brotli where that is worth it."""

    path: str
    data: bytes
    brotli: bytes


def _make_noise(length: int) -> bytes:
    return Random(length).randbytes(length)


_FILES: Mapping[str, Callable[[], bytes]] = {
    "app.js": lambda: make_script(300, 18_100),  # 4 KB in brotli
    "bundle.js": lambda: make_script(9000, 102_400),  # 29 KB in brotli
    "icon.png": lambda: _make_noise(4096),
    "photo.jpg": lambda: _make_noise(MB),
    "film.mp4": lambda: _make_noise(100 * MB),
}


def make_tree() -> Mapping[str, File]:
    """Write the missing files, and return all of them by their plain names."""
    from servestatic import collect

    OURS.mkdir(parents=True, exist_ok=True)
    for name, make in _FILES.items():
        if not (OURS / name).is_file():
            (OURS / name).write_bytes(make())
    index = collect(OURS, store=str(STORE), compress="startup")
    files: dict[str, File] = {}
    for name in _FILES:
        data, compressible = (OURS / name).read_bytes(), name.endswith(".js")
        files[name] = File(f"/static/{index.path(name)}", data, compress(data) if compressible else b"")
        write_collected(PEERS, (name, index.path(name)), data, compressible=compressible)
    return files
