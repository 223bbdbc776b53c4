"""Files that are the same in every run, and what a peer's collectstatic and a compressor leave of them."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from random import Random

import brotli


def make_script(words: int, length: int) -> bytes:
    """Make something like a script, without a reference to another file; the fewer words, the better it compresses."""
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


def compress(data: bytes) -> bytes:
    """Return the bytes of brotli that every contender sends."""
    return bytes(brotli.compress(data, quality=11))


def write_collected(folder: Path, names: Iterable[str], data: bytes, *, compressible: bool) -> None:
    """Write a file under its names, the plain and the fingerprinted one, with `.br` and `.gz` beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    variants = {"": data}
    if compressible:
        variants |= {".br": compress(data), ".gz": gzip.compress(data, 9, mtime=0)}
    for name in names:
        for suffix, content in variants.items():
            path = folder / f"{name}{suffix}"
            if not path.is_file() or path.read_bytes() != content:
                path.write_bytes(content)
