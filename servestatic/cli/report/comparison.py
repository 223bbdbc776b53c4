"""What changed between two releases, and what a returning visitor downloads again."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from servestatic.cli.deltas import Files, measure_deltas
from servestatic.serving.compression.delta_coder import is_worth_sending

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


class Side(NamedTuple):
    """A release: its files by the paths of a report, and a function that reads what the public name of one serves."""

    release: str
    files: Mapping[str, Shipped]
    read: Callable[[str], bytes | None]


class Change(NamedTuple):
    """A file that differs, with the bytes that were and are downloaded for it.

    Attributes:
        why: "references" if the file itself is the same, but something that it refers to has another fingerprint.
        delta: bytes for a browser that has the old file and takes deltas; as `after` where there is no delta.
    """

    path: str
    why: Why
    before: int
    after: int
    delta: int


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

    @property
    def again_as_deltas(self) -> int:
        """The same, if their browser takes deltas."""
        return sum(change.delta for change in self.changes if change.why in ("changed", "references"))

    def describe(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return {
            "before": self.before,
            "after": self.after,
            "kept": {"files": self.kept, "sent": self.kept_bytes},
            "again": self.again,
            "again_as_deltas": self.again_as_deltas,
            "new": self.total("added"),
            "changes": [change._asdict() for change in self.changes],
        }


def compare(before: Side, after: Side) -> Comparison:
    """Compare two releases, and make the deltas that a server would make.

    Raises:
        OSError: the place of a release cannot be reached.
    """
    changes = {change.path: change for change in _find_changes(before.files, after.files)}
    kept = [file.sent for path, file in after.files.items() if path not in changes]
    (_, old), (paths, new) = (_list_public(side, changes) for side in (before, after))
    for name, delta in measure_deltas(old, new).items():
        change = changes[paths[name]]
        if is_worth_sending(delta, change.after):
            changes[change.path] = change._replace(delta=delta)
    ordered = sorted(changes.values(), key=_rank)
    return Comparison(before.release, after.release, len(kept), sum(kept), tuple(ordered))


def _rank(change: Change) -> tuple[int, int, str]:
    return ORDER.index(change.why), -max(change.after, change.before), change.path


def _find_changes(old: Mapping[str, Shipped], new: Mapping[str, Shipped]) -> Iterator[Change]:
    for path, file in new.items():
        earlier = old.get(path)
        if earlier is None:
            yield Change(path, "added", 0, file.sent, file.sent)
        elif (file.public, file.digest) != (earlier.public, earlier.digest):
            why: Why = "changed" if file.source != earlier.source else "references"
            yield Change(path, why, earlier.sent, file.sent, file.sent)
    yield from (Change(path, "removed", file.sent, 0, 0) for path, file in old.items() if path not in new)


def _list_public(side: Side, paths: Mapping[str, Change]) -> tuple[dict[str, str], Files]:
    """Return the paths of some files by their public paths, and the files by these."""
    public = {_public_path(path, file): path for path, file in side.files.items() if path in paths}
    sizes = {name: side.files[path].size for name, path in public.items()}
    return public, Files(sizes, lambda name: side.read(public[name]))


def _public_path(path: str, file: Shipped) -> str:
    """Return a path of a report with the public name as its last part."""
    folder, slash, _ = path.rpartition("/")
    return folder + slash + file.public.rpartition("/")[2]
