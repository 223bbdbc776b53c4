"""Blocks: keys and values together with the SHA-256 of their bytes, which every pointer to the block has.

A table is a tree of blocks (a Merkle tree). A leaf has keys, in order, with their values; a block above it has the
first key of each block below and, as the value, a pointer to that block. So the pointer to the topmost block determines
the whole table, and a look-up reads one block of each level, however large the table is.
"""

from collections.abc import Callable
from hashlib import sha256
from itertools import accumulate
from struct import Struct, pack, unpack_from
from typing import NamedTuple, TypeAlias

from servestatic.errors import BuildError

Pair: TypeAlias = tuple[bytes, bytes]  # key and value
Read: TypeAlias = Callable[[int, int], bytes]  # from a position so many bytes; fewer at the end of the file

MAX_BLOCK = 64 * 1024 * 1024  # bytes; a value has a block of its own if it is long
_MAX_FILE = 2**48  # bytes
_MAX_FORKS = 4096  # that stay in memory: those of two million names
_NUMBER = Struct("<I")
_POINTER = Struct("<QI32s")


class Pointer(NamedTuple):
    """Where a block is, and the SHA-256 of its bytes; `start` counts from the end of the file's head."""

    start: int
    length: int
    digest: bytes

    def pack(self) -> bytes:
        """Return the pointer as a value."""
        return _POINTER.pack(*self)

    @classmethod
    def unpack(cls, packed: bytes) -> "Pointer":
        """Undo `pack`.

        Raises:
            ValueError: it is something else.
        """
        if len(packed) != _POINTER.size:
            raise ValueError("not a pointer to a block")
        return cls(*_POINTER.unpack(packed))


def pack_block(parts: list[bytes]) -> bytes:
    """Return a block of keys and values, in turn: their number, where each ends, and their bytes.

    Raises:
        BuildError: a value is too long.
    """
    block = b"".join((pack(f"<{len(parts) + 1}I", len(parts) // 2, *accumulate(map(len, parts))), *parts))
    if len(block) > MAX_BLOCK:
        raise BuildError(f"{max(map(len, parts)):,} bytes about a single file are too much for a release.")
    return block


class Block(NamedTuple):
    """A verified block; `ends` are those of its keys and values in turn, counted from `base`."""

    data: bytes
    base: int
    ends: tuple[int, ...]

    @classmethod
    def unpack(cls, data: bytes) -> "Block":
        """Undo `pack_block`.

        Raises:
            ValueError: it is something else.
        """
        count = _NUMBER.unpack_from(data)[0] if len(data) >= _NUMBER.size else 0
        base = _NUMBER.size * (1 + 2 * count)
        if not count or base > len(data):
            raise ValueError("a block without keys")
        ends = unpack_from(f"<{2 * count}I", data, _NUMBER.size)
        if ends[-1] != len(data) - base or (*sorted(ends),) != ends:
            raise ValueError("a block with keys out of place")
        return cls(data, base, ends)

    @property
    def numbers(self) -> range:
        """The numbers of its keys."""
        return range(len(self.ends) // 2)

    def key(self, number: int) -> bytes:
        """Return a key."""
        start = self.ends[2 * number - 1] if number else 0
        return self.data[self.base + start : self.base + self.ends[2 * number]]

    def value(self, number: int) -> bytes:
        """Return the value of a key."""
        return self.data[self.base + self.ends[2 * number] : self.base + self.ends[2 * number + 1]]


class Fork(NamedTuple):
    """A verified block above the leaves: the first keys of the blocks below it, and the pointers to them."""

    firsts: list[bytes]
    pointers: list[Pointer]

    @classmethod
    def of(cls, block: Block) -> "Fork":
        """Return a block as a fork.

        Raises:
            ValueError: its values are not pointers.
        """
        values = map(block.value, block.numbers)
        return cls([*map(block.key, block.numbers)], [*map(Pointer.unpack, values)])


class Blocks:
    """The blocks of a file, which is on disk or in memory. Forks stay in memory once they are read.

    Args:
        read: reads bytes after the head.
        name: of the file, for messages.
    """

    def __init__(self, read: Read, name: str) -> None:
        self.name = name
        self._read = read
        self._forks: dict[bytes, Fork] = {}

    def leaf(self, pointer: Pointer) -> Block:
        """Read and verify a block.

        Raises:
            ValueError: it is damaged.
            OSError: it cannot be read.
        """
        start, length, digest = pointer
        data = self._read(start, length) if start < _MAX_FILE and length <= MAX_BLOCK else b""
        if len(data) != length or sha256(data).digest() != digest:
            raise ValueError(f"the block at {start} has other bytes")
        return Block.unpack(data)

    def fork(self, pointer: Pointer) -> Fork:
        """Read and verify a block above the leaves; raises the same."""
        known = self._forks.get(pointer.digest)
        if known is None:
            known = Fork.of(self.leaf(pointer))
            if len(self._forks) >= _MAX_FORKS:
                self._forks.clear()
            self._forks[pointer.digest] = known
        return known
