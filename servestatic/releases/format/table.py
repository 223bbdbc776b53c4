"""Tables: sorted maps in a file, of which a look-up reads and verifies a few blocks."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from servestatic.errors import BuildError
from servestatic.releases.format.blocks import Block, Blocks, Fork, Pair, Pointer, pack_block

_SIZE = 2048  # bytes after which a block is full
_MAX_LEVELS = 16
_MAX_LAST = 64 * 1024  # bytes of a leaf that stays in memory


class Location(NamedTuple):
    """Where a table is, as the head of its file names it.

    Attributes:
        top: the topmost block.
        levels: of the tree, leaves included.
        size: number of its keys.
        longest: bytes of its longest key.
    """

    top: Pointer
    levels: int
    size: int
    longest: int

    def as_json(self) -> list[Any]:
        """Return the location in the form that heads have."""
        return [self.top.start, self.top.length, self.top.digest.hex(), *self[1:]]

    @classmethod
    def from_json(cls, row: Any) -> "Location":
        """Undo `as_json`.

        Raises:
            TypeError, ValueError: it is something else.
        """
        start, length, digest, levels, count, longest = row
        numbers = start, length, levels, count, longest
        if (
            any(type(number) is not int or not 0 <= number < 2**63 for number in numbers)
            or not 0 < levels <= _MAX_LEVELS
        ):
            raise ValueError("not the location of a table")
        return cls(Pointer(start, length, bytes.fromhex(digest)), levels, count, longest)


def write_table(pairs: Iterable[Pair], blocks: bytearray) -> Location | None:
    """Append the blocks of a table to those of a file, and return its location; None if it has no keys.

    `pairs` are in ascending order of keys.

    Raises:
        BuildError: a value is too long.
    """
    count = longest = levels = 0

    def measure() -> Iterator[Pair]:
        nonlocal count, longest
        for pair in pairs:
            count += 1
            longest = max(longest, len(pair[0]))
            yield pair

    def point_to(block: bytes) -> Pointer:
        blocks.extend(block)
        return Pointer(len(blocks) - len(block), len(block), hashlib.sha256(block).digest())

    level = [(first, point_to(block)) for first, block in _pack_level(measure(), least=1)]
    while level:
        levels += 1
        if len(level) == 1:
            return Location(level[0][1], levels, count, longest)
        pointers = ((first, pointer.pack()) for first, pointer in level)
        level = [(first, point_to(block)) for first, block in _pack_level(pointers, least=2)]
    return None


def _pack_level(pairs: Iterable[Pair], least: int) -> Iterator[Pair]:
    """Yield the blocks of a level with their first keys; all but the last have at least so many pairs."""
    parts: list[bytes] = []
    size = 0
    for pair in pairs:
        parts += pair
        size += len(pair[0]) + len(pair[1])
        if size >= _SIZE and len(parts) >= 2 * least:
            yield parts[0], pack_block(parts)
            parts, size = [], 0
    if parts:
        yield parts[0], pack_block(parts)


class Table:
    """A table of bytes. The leaf that was looked into last stays in memory: names that are looked up in order share it.

    Every method raises BuildError if a block is damaged or cannot be read.
    """

    def __init__(self, blocks: Blocks, location: Location | None) -> None:
        self._blocks = blocks
        self._location = location
        self._last: tuple[Pointer, Block] | None = None
        self.name = blocks.name
        self.longest = location.longest if location else 0

    def __len__(self) -> int:
        return self._location.size if self._location else 0

    def find(self, key: bytes) -> bytes | None:
        """Return the value of a key; None if there is none."""
        if self._location is None:
            return None
        try:
            return self._find(key, *self._location[:2])
        except (ValueError, OSError) as error:
            raise self.damaged(error) from error

    def _find(self, key: bytes, pointer: Pointer, levels: int) -> bytes | None:
        for _ in range(levels - 1):
            fork = self._blocks.fork(pointer)
            number = bisect_right(fork.firsts, key)
            if not number:
                return None
            pointer = fork.pointers[number - 1]
        leaf = self._look_into(pointer)
        number = bisect_left(leaf.numbers, key, key=leaf.key)
        return leaf.value(number) if number in leaf.numbers and leaf.key(number) == key else None

    def _look_into(self, pointer: Pointer) -> Block:
        last = self._last  # at once, since another thread may look elsewhere
        if last and last[0] == pointer:
            return last[1]
        leaf = self._blocks.leaf(pointer)
        if pointer.length <= _MAX_LAST:
            self._last = pointer, leaf
        return leaf

    def items(self) -> Iterator[Pair]:
        """Yield all keys with their values, in order."""
        for leaf in self.read_leaves():
            yield from ((leaf.key(number), leaf.value(number)) for number in leaf.numbers)

    def read_leaves(self) -> Iterator[Block]:
        """Yield all leaves, in order."""
        if self._location is None:
            return
        count, last = 0, b""
        try:
            for leaf in self._descend(*self._location[:2]):
                count += len(leaf.numbers)
                if (last and leaf.key(0) <= last) or count > len(self):
                    raise ValueError("its blocks are not in order")
                yield leaf
                last = leaf.key(leaf.numbers[-1])
            if count != len(self):
                raise ValueError("it does not have all of its keys")
        except (ValueError, OSError) as error:
            raise self.damaged(error) from error

    def _descend(self, pointer: Pointer, levels: int) -> Iterator[Block]:
        block = self._blocks.leaf(pointer)
        if levels == 1:
            yield block
        else:
            for below in Fork.of(block).pointers:
                yield from self._descend(below, levels - 1)

    def damaged(self, error: Exception) -> BuildError:
        """Return the error for a table that is not as it should be."""
        return BuildError(f"{self.name} is damaged: {error}. Write it again.")
