"""What changed between two releases, and what a returning visitor downloads again."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

from servestatic.assets.versions import has_deltas
from servestatic.runtime.threads import run_in_threads
from servestatic.serving.compression.coders import has_zstd
from servestatic.serving.compression.delta_coder import encode_delta, is_worth_sending

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
    changes = [*_find_changes(before.files, after.files)]
    changed = {change.path for change in changes}
    kept = [file.sent for path, file in after.files.items() if path not in changed]
    deltas = run_in_threads(partial(_measure, before, after), changes) if has_zstd() else changes
    ordered = sorted(deltas, key=lambda each: (ORDER.index(each.why), -max(each.after, each.before), each.path))
    return Comparison(before.release, after.release, len(kept), sum(kept), tuple(ordered))


def _find_changes(old: Mapping[str, Shipped], new: Mapping[str, Shipped]) -> Iterator[Change]:
    for path, file in new.items():
        earlier = old.get(path)
        if earlier is None:
            yield Change(path, "added", 0, file.sent, file.sent)
        elif (file.public, file.digest) != (earlier.public, earlier.digest):
            why: Why = "changed" if file.source != earlier.source else "references"
            yield Change(path, why, earlier.sent, file.sent, file.sent)
    yield from (Change(path, "removed", file.sent, 0, 0) for path, file in old.items() if path not in new)


def _measure(before: Side, after: Side, change: Change) -> Change:
    """Return a change with the bytes of its delta, if a server would send one."""
    path = change.path
    old, new = before.files.get(path), after.files.get(path)
    if not (old and new and new.public != path and has_deltas(path, old.size) and has_deltas(path, new.size)):
        return change
    was, now = before.read(path), after.read(path)
    delta = len(encode_delta(was, now)) if was is not None and now is not None else change.after
    return change._replace(delta=delta) if is_worth_sending(delta, change.after) else change
