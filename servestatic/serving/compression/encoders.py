"""Who makes rows of the table of codings, and how much of what they make is in memory."""

from typing import Protocol

from servestatic.http.representation import Representation
from servestatic.serving.compression.coders import encode_fast

ROOM = 32 * 1024 * 1024  # bytes of fast codings in memory; beyond it, identity has to do


class Room:
    """What is held in memory, in bytes by digest, and whether there is room for more."""

    def __init__(self, size: int = ROOM) -> None:
        self._size = size
        self._held: dict[bytes, int] = {}

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._held

    def has_room(self) -> bool:
        """Return whether more may be held."""
        return sum([*self._held.values()]) < self._size

    def add(self, digest: bytes, size: int) -> None:
        """Note that so many bytes are held."""
        self._held[digest] = size

    def drop(self, digest: bytes) -> None:
        """Note that nothing is held any more."""
        self._held.pop(digest, None)


class Encoder(Protocol):
    """Makes rows of the table of codings."""

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the finished row for bytes with this SHA-256, if it was made before."""

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Make a row for the first request, in milliseconds."""

    def has_room(self) -> bool:
        """Return whether a row may be made that is held in memory."""

    def drop(self, digest: bytes) -> None:
        """Note that the row for some bytes was dropped: its room is free."""


class FastEncoder:
    """An encoder without a store: fast codings, made in each process, as far as there is room."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = Room(room)

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Nothing was made before."""
        return None

    def encode(self, digest: bytes, data: bytes) -> tuple[Representation, ...]:
        """Encode, as long as the sum of what was made has room in memory; then identity has to do."""
        made = encode_fast(data) if self._room.has_room() else ()
        self._room.add(digest, sum(each.length for each in made))
        return made

    def has_room(self) -> bool:
        """Return whether more codings may be made."""
        return self._room.has_room()

    def drop(self, digest: bytes) -> None:
        """Give back the room of a row."""
        self._room.drop(digest)
