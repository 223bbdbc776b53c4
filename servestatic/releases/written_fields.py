"""What a place's files were written with: fields and bytes. A list shows neither, so a file of the place does."""

import hashlib
from collections.abc import Iterable

from servestatic.errors import BuildError
from servestatic.http.message import Blob, Fields
from servestatic.releases.columns import encode
from servestatic.releases.document import FOLDER
from servestatic.releases.format.file import Tables, hold_tables
from servestatic.releases.place import Place

FIELDS = f"{FOLDER}/fields"
_MAX_SIZE = 256 * 1024 * 1024  # bytes
_DIGITS = 16  # bytes of a digest


class WrittenFields:
    """Digests of fields and bytes by path; those of a place that keeps no fields never differ.

    A coding counts as the bytes that it encodes: another version of a coder does not change what a file is.

    Raises:
        OSError: the place cannot be reached.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._known = _read(place) if place.keeps else {}
        self._noted: dict[bytes, bytes] = {}
        self._keys: dict[str, bytes] = {}  # by path: most are asked for twice
        self._texts: dict[Fields, str] = {}  # most files have the fields of others

    def differ(self, path: str, blob: Blob, fields: Fields) -> bool:
        """Return whether a file was written with other fields or bytes, or it is unknown with which."""
        return bool(self._place.keeps) and self._known.get(self._key(path)) != self._pack(blob, fields)

    def note(self, path: str, blob: Blob, fields: Fields) -> None:
        """Note with which fields and bytes a file was written."""
        self._noted[self._key(path)] = self._pack(blob, fields)

    def save(self, existing: Iterable[str]) -> None:
        """Save what was noted, with what is known of the files that exist.

        Raises:
            OSError: the place cannot be written.
        """
        if self._noted and self._place.keeps:
            keys = {*map(self._key, existing)}
            known = {key: value for key, value in self._known.items() if key in keys}
            tables = Tables()
            tables.add("fields", sorted((known | self._noted).items()))
            self._place.replace(FIELDS, tables.finish())

    def _key(self, path: str) -> bytes:
        key = self._keys.get(path)
        if key is None:
            key = self._keys[path] = _digest(path)
        return key

    def _pack(self, blob: Blob, fields: Fields) -> bytes:
        text = self._texts.get(fields)
        if text is None:
            kept = {name: value for name, value in fields if name in self._place.keeps}
            text = self._texts[fields] = "".join(f"\n{name}: {value}" for name, value in sorted(kept.items()))
        return _digest(blob.digest.hex() + text)


def _digest(text: str) -> bytes:
    return hashlib.sha256(encode(text)).digest()[:_DIGITS]


def _read(place: Place) -> dict[bytes, bytes]:
    """Read what is known; nothing if it is damaged."""
    content = place.read(FIELDS, _MAX_SIZE)
    try:
        return dict(hold_tables(content, f"{place.name}/{FIELDS}").table("fields").items()) if content else {}
    except BuildError:
        return {}
