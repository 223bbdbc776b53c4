"""Notes: files of the store that spare the next start or build some work. One that is damaged counts as absent."""

from collections.abc import Iterable

from servestatic.assets.keys import make_key
from servestatic.errors import BuildError
from servestatic.releases.format.blocks import Pair
from servestatic.releases.format.file import TableFile, Tables, open_tables
from servestatic.store import Store


class Note:
    """One note of a store, by all that it depends on.

    Args:
        store: None if there is none; then nothing is noted.
        about: what the note is about, and what would make it useless.
    """

    def __init__(self, store: Store | None, *about: str) -> None:
        self._store = store
        self.key = make_key(*about)

    @property
    def has_store(self) -> bool:
        """Whether anything is noted."""
        return self._store is not None

    def open(self) -> TableFile | None:
        """Open the file of the note; None if there is none, or if it belongs to another note."""
        path = self._store.find_note(self.key) if self._store else None
        try:
            file = open_tables(path) if path else None
        except (OSError, BuildError):
            return None
        return file if file and file.head.get("key") == self.key else None

    def save(self, content: bytes) -> TableFile | None:
        """Write the file of the note, whose head has the key, and open it; None if it cannot be written."""
        written = self._store and self._store.save_note(self.key, content)
        return self.open() if written else None

    def read_pairs(self) -> dict[bytes, bytes]:
        """Read a note of pairs; empty if there is none."""
        file = self.open()
        try:
            return dict(file.table("pairs").items()) if file else {}
        except BuildError:
            return {}

    def save_pairs(self, pairs: Iterable[Pair]) -> None:
        """Write a note of pairs."""
        if self._store:
            tables = Tables()
            tables.add("pairs", sorted(pairs))
            self.save(tables.finish(key=self.key))
