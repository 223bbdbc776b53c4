"""What changed between two releases, and what a returning visitor downloads again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from servestatic.assets.names import insert_fingerprint
from servestatic.releases.document import Document
from servestatic.releases.rows import Row

Why: TypeAlias = Literal["added", "changed", "references", "removed"]
ORDER: tuple[Why, ...] = ("changed", "references", "added", "removed")


class Shipped(NamedTuple):
    """A file as one release serves it.

    Attributes:
        source: SHA-256 of the file.
        public: the name that pages use.
        digest: SHA-256 of what that serves.
        size: bytes of that.
        sent: bytes of its best coding.
        coding: the best coding; empty if that is the identity.
    """

    source: bytes
    public: str
    digest: bytes
    size: int
    sent: int
    coding: str


class Change(NamedTuple):
    """A file that differs, with the bytes that were and are downloaded for it.

    `why` is "references" if the file itself is the same, but something that it refers to has another fingerprint.
    """

    path: str
    why: Why
    before: int
    after: int


class Comparison(NamedTuple):
    """Two releases side by side; `kept` files and their bytes are served from a visitor's cache."""

    before: str
    after: str
    kept: int
    kept_bytes: int
    changes: tuple[Change, ...]

    def total(self, *whys: Why) -> int:
        """Return the bytes of these changes as they are downloaded."""
        return sum(change.after for change in self.changes if change.why in whys)

    @property
    def again(self) -> int:
        """What a visitor downloads again who has all files of the release before."""
        return self.total("changed", "references")

    def describe(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "kept": {"files": self.kept, "sent": self.kept_bytes},
            "again": self.again,
            "new": self.total("added"),
            "changes": [change._asdict() for change in self.changes],
        }


def compare(before: str, old: Mapping[str, Shipped], after: str, new: Mapping[str, Shipped]) -> Comparison:
    """Compare the files of two releases, by logical path; `before` and `after` are their ids."""
    changes = [*_find_changes(old, new)]
    changes.sort(key=lambda change: (ORDER.index(change.why), -max(change.after, change.before), change.path))
    changed = {change.path for change in changes}
    kept = [file.sent for path, file in new.items() if path not in changed]
    return Comparison(before, after, len(kept), sum(kept), tuple(changes))


def _find_changes(old: Mapping[str, Shipped], new: Mapping[str, Shipped]) -> Iterator[Change]:
    for path, file in new.items():
        earlier = old.get(path)
        if earlier is None:
            yield Change(path, "added", 0, file.sent)
        elif (file.public, file.digest) != (earlier.public, earlier.digest):
            yield Change(path, "changed" if file.source != earlier.source else "references", earlier.sent, file.sent)
    yield from (Change(path, "removed", file.sent, 0) for path, file in old.items() if path not in new)


def list_shipped(document: Document) -> dict[str, Shipped]:
    """Return the files of a release by logical path; those of other mounts than its prefix by URL path.

    Raises:
        BuildError: the document is damaged.
    """
    return {
        ("" if prefix == document.prefix else prefix) + name: _read(document, prefix, name, row)
        for prefix, sealed in document.mounts.items()
        for name, row in sealed.plain.items()
    }


def _read(document: Document, prefix: str, name: str, row: Row) -> Shipped:
    public = insert_fingerprint(name, row.fingerprint) if row.named else name
    served = (document.mounts[prefix].find_public(public) if row.named else None) or row
    coded = (document.codings.find(served.digest) or {}).items()
    return _ship(row.digest, public, served, ((coding, row.length) for coding, row in coded if row.length))


def _ship(source: bytes, public: str, served: Row, coded: Iterable[tuple[str, int]]) -> Shipped:
    size = served.stamp.size
    coding, sent = min(coded, key=lambda pair: pair[1], default=("", size))
    return Shipped(source, public, served.digest, size, sent, coding)
