"""The table of coded representations, which improves while the catalog stays frozen."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from servestatic.assets.coding import MAX_CODED
from servestatic.http.message import Memory
from servestatic.http.representation import Representation


class Codings:
    """Coded representations by the SHA-256 of the bytes that they encode.

    Rows are replaced whole, so a reader sees either the old row or the new one. `generation` grows with each
    replacement; then `on_replace` is called, so that what was made from older rows is forgotten.
    """

    __slots__ = ("_making", "_on_replace", "_rows", "generation")

    SWEPT = 4096  # rows; whenever so many were added, those that can be adopted again are forgotten

    def __init__(self, on_replace: Callable[[], object]) -> None:
        self._rows: dict[bytes, tuple[Representation, ...]] = {}
        self._making: dict[bytes, list[int]] = {}  # lengths of the bytes that are being encoded now
        self._on_replace = on_replace
        self.generation = 0

    def get(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the coded representations of the bytes with this digest; None if none were tried yet."""
        return self._rows.get(digest)

    def add(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Fill a row for the first time. Resources without it stay valid, so the generation stays."""
        if len(self._rows) % self.SWEPT == self.SWEPT - 1:
            self._sweep()
        self._rows[digest] = representations

    def is_made(self, digest: bytes) -> bool:
        """Return whether a thread is making a row."""
        return digest in self._making

    @contextmanager
    def make(self, digest: bytes, length: int) -> Iterator[bool]:
        """Hold the right to make a row for `length` bytes; yields False if another thread has it.

        It also yields False where more than `MAX_CODED` bytes would be encoded at a time, since all are in memory.
        """
        mine = [length]
        if self._making.setdefault(digest, mine) is not mine:
            yield False
            return
        try:
            yield sum(size for (size,) in [*self._making.values()]) <= MAX_CODED
        finally:
            del self._making[digest]

    def _sweep(self) -> None:
        for digest, row in [*self._rows.items()]:
            if not any(isinstance(representation.body, Memory) for representation in row):
                self._rows.pop(digest, None)

    def drop(self, digest: bytes) -> None:
        """Drop a row of which something was lost."""
        self._rows.pop(digest, None)

    def replace(self, digest: bytes, representations: tuple[Representation, ...]) -> None:
        """Replace a row, before the generation grows."""
        self._rows[digest] = representations
        self.generation += 1
        self._on_replace()
