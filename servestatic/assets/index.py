"""The index: a closed table from URL paths to resources. Frozen; rows are packed and become resources on first use.

No path is ever joined from a request: what is not a row is not there.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote

from servestatic.assets.codings import Codings, Encoder, FastEncoder, identity
from servestatic.assets.file import insert_fingerprint, split_fingerprint
from servestatic.assets.media_types import media_type
from servestatic.assets.policy import Policy
from servestatic.assets.rows import ELSEWHERE, Content, Entry, Mount, Rewritten, Root, Row
from servestatic.errors import BuildError, UnknownAsset, nearest
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.http.representation import Missing, Preferences, Redirect, Resource, Target


class Index:
    """The collected static tree, ready to be served.

    `get` answers for requests, `url` and `path` for pages. Coded representations live in `codings`, beside it.
    """

    MOST_RESOURCES = 4096  # made and remembered; more than that in use at a time costs a few microseconds each
    MEMORY = 32 * 1024 * 1024  # bytes of small bodies that are held

    def __init__(
        self,
        mounts: tuple[Mount, ...],
        roots: tuple[Root, ...],
        policy: Policy,
        codings: Codings | None = None,
        encoder: Encoder | None = None,
        *,
        sealed: bool = False,
    ) -> None:
        """Take what the collector made; `mounts[0]` is the prefix. If `sealed`, no file may ever change."""
        self._sealed = sealed
        # Real paths that a file may be in when it is read again; None: anywhere (see `Directory.follow_symlinks`).
        self.trusted: tuple[str, ...] | None = ()
        self.writer: Callable[..., object] = _write_nothing
        self.codings = codings or Codings()
        self.encoder = encoder or FastEncoder()
        self.policy = policy
        self.prefix = mounts[0].prefix
        self._mounts = mounts
        self._roots = roots
        self._most_specific_first = sorted(mounts, key=lambda mount: -len(mount.prefix))
        self._preferences = Preferences()
        self._first, self._past = _bounds(
            tuple(mount.prefix.rstrip("/") if policy.index_file else mount.prefix for mount in mounts)
        )
        self._resources: dict[str, Target] = {}
        self._room = self.MEMORY
        self._generation = self.codings.generation
        self._changed: dict[str, Row] = {}
        # When `deliver` last looked at, and last read again, the file behind a path; monotonic seconds.
        self.checked: dict[str, float] = {}
        self.read_again: dict[str, float] = {}

    # ------------------------------------------------------------------------------------------- for pages

    def url(self, name: str) -> str:
        """Return the URL path of the file at a logical path, percent-encoded: fingerprinted, below its mount.

        Raises:
            UnknownAsset: no source has the file.
        """
        mount, row = self._find(name)
        return quote(mount.prefix + self._public_name(mount, name, row))

    def path(self, name: str) -> str:
        """Return the fingerprinted logical path, not encoded, for callers that have a base URL of their own.

        Raises:
            UnknownAsset: no source has the file.
        """
        mount, row = self._find(name)
        return self._public_name(mount, name, row)

    def _find(self, name: str) -> tuple[Mount, bytes]:
        for mount in self._mounts:
            if (row := mount.rows.get(name)) is not None:
                return mount, row
        raise UnknownAsset(f"no source has a file {name!r}.{nearest(name, self)}")

    def _public_name(self, mount: Mount, name: str, packed: bytes) -> str:
        if not self.policy.fingerprints or self.policy.keeps_name(name) or self._is_other(mount.prefix + name, packed):
            return name
        return insert_fingerprint(name, Row.unpack(packed).fingerprint)

    def write(self, out: str, *, keep_releases: int = 2) -> object:
        """Write a sealed build: see `servestatic.sealed.write`."""
        return self.writer(self, out, keep_releases=keep_releases)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the logical paths, those below the prefix first."""
        return (name for mount in self._mounts for name in mount.rows)

    def __len__(self) -> int:
        return sum(len(mount.rows) for mount in self._mounts)

    def entries(self) -> Iterator[Entry]:
        """Yield all files, those below the prefix first."""
        for mount in self._mounts:
            for name, packed in mount.rows.items():
                row = Row.unpack(packed)
                source = self._source(mount, name, row)
                served = mount.rewritten.get(name) or Rewritten(source, row.stamp.size, row.digest)
                yield Entry(mount.prefix, name, self._public_name(mount, name, packed), row, source, served)

    def contents(self) -> Iterator[Content]:
        """Yield everything that a coding is worth a try for: what public names serve, then what they do not."""
        entries = [entry for entry in self.entries() if media_type(entry.name).compressible]
        for entry in entries:
            yield Content(entry.served.digest, entry.served.length, entry.served.body)
        for entry in entries:
            if entry.served.digest != entry.row.digest and not self.policy.is_page(entry.name):
                yield Content(entry.row.digest, entry.row.stamp.size, entry.source)

    # ---------------------------------------------------------------------------------------- for requests

    def get(self, path: str) -> Target | None:
        """Return what a URL path, percent-decoded, has to offer; None if it is no file of the tree."""
        if self._generation != self.codings.generation:
            self._generation = self.codings.generation
            self._forget()
        if self._first <= path < self._past:
            return self._resources.get(path) or self._look_up(path)
        return None

    def _is_other(self, key: str, packed: bytes) -> bool:
        """Tell whether a file is another by now, so that what its fingerprint names is not to be had."""
        return key in self._changed and self._changed[key].digest != Row.unpack(packed).digest

    def refresh(self, path: str) -> Resource | Missing:
        """Make anew what a path has to offer, as after a row of `codings` was filled for the first time."""
        self._resources.pop(path, None)
        target = self._look_up(path)
        return target if isinstance(target, (Resource, Missing)) else Missing(())

    def renew(self, path: str, stamp: Stamp, digest: bytes) -> Resource | Missing:
        """Take note that the source at a path is now another, and return what the path has to offer then.

        A plain URL offers the new bytes; a fingerprinted one offers them only if they are those of its name.
        """
        found = self._find_row(path)
        if isinstance(found, _Found) and self._sealed and digest != found.row.digest:
            source = self._source(found.mount, found.name, found.row)
            return self.lose(path, source) if isinstance(source, Slice) else Missing(())
        if isinstance(found, _Found):
            self._changed[found.key] = found.row._replace(stamp=stamp, digest=digest)
        return self.refresh(path)

    def lose(self, path: str, source: Slice) -> Missing:
        """Take note that the source at a path is gone, until it is there again."""
        missing = Missing(self.policy.fields(path), path, source)
        self.remember(path, missing)
        return missing

    def hold(self, resource: Resource, body: Slice, data: bytes) -> None:
        """Hold in memory the bytes of a body that is a whole representation, where there is room."""
        representations = tuple(
            replace(each, body=Memory(data)) if each.body == body else each for each in resource.representations
        )
        if representations != resource.representations and len(data) <= self._room:
            self._room -= len(data)
            self.remember(resource.path, replace(resource, representations=representations))

    def remember(self, path: str, target: Target) -> None:
        """Keep what a path has to offer for the next request, at most `MOST_RESOURCES` of them."""
        if len(self._resources) >= self.MOST_RESOURCES:
            self._forget()
        self._resources[path] = target

    def _forget(self) -> None:
        self._resources.clear()
        self.checked.clear()
        self.read_again.clear()
        self._room = self.MEMORY

    def _look_up(self, path: str) -> Target | None:
        found = self._find_row(path)
        if not isinstance(found, _Found):
            return found
        row = self._changed.get(found.key, found.row)
        target: Target = self._make(path, found, row)
        if found.fingerprinted and not found.rewritten and row.digest != found.row.digest:
            source = self._source(found.mount, found.name, row)
            target = Missing(target.fields, path, source if isinstance(source, Slice) else None)
        self.remember(path, target)
        return target

    def _find_row(self, path: str) -> "_Found | Missing | Redirect | None":
        for mount in self._most_specific_first:
            if path.startswith(mount.prefix):
                found = self._find_name(mount, path[len(mount.prefix) :])
                if found is not None:
                    return found
            elif f"{path}/" == mount.prefix and self.policy.index_file in mount.rows:
                return self._redirect(path)
        if not path.isascii() and (composed := normalize("NFC", path)) != path:
            return self._find_row(composed)
        return None

    def _find_name(self, mount: Mount, name: str) -> "_Found | Missing | Redirect | None":
        """A fingerprint of ours comes before a file that happens to be called so."""
        if kept := mount.kept.get(name):
            return _Found(mount, name, Row.unpack(kept), fingerprinted=True)
        if not name or name.endswith("/"):
            name += self.policy.index_file
        parts = split_fingerprint(name) if self.policy.fingerprints else None
        original = mount.rows.get(parts[0]) if parts and not self.policy.keeps_name(parts[0]) else None
        if parts and original:
            row = Row.unpack(original)
            if row.fingerprint == parts[1]:
                return _Found(mount, parts[0], row, fingerprinted=True)
        if packed := mount.rows.get(name):
            return _Found(mount, name, Row.unpack(packed), fingerprinted=False, page=self.policy.is_page(name))
        if self.policy.index_file and f"{name}/{self.policy.index_file}" in mount.rows:
            return self._redirect(name)
        return Missing(self.policy.fields(name)) if original else None

    def _redirect(self, path: str) -> Redirect:
        """A folder's URL ends with a slash; written relative, it is right behind any prefix and host (§10.2.2)."""
        page = self.policy.index_file
        location = f"./{quote(path.rpartition('/')[2])}/"
        return Redirect(location, self.policy.freshness(page, fingerprinted=False), self.policy.fields(page))

    def _make(self, path: str, found: "_Found", row: Row) -> Resource:
        kind = media_type(found.name)
        source = self._source(found.mount, found.name, row)
        rewritten = found.rewritten if row.digest == found.row.digest or found.fingerprinted else None
        plain = identity(*rewritten) if rewritten else identity(source, row.stamp.size, row.digest)
        digest = rewritten.digest if rewritten else row.digest
        coded = self.codings.get(digest) if kind.compressible else ()
        return Resource(
            path=path,
            representations=(plain, *(coded or ())),
            fields=self.policy.fields(found.name),
            metadata=self.policy.metadata(found.name, utf8=row.utf8, fingerprinted=found.fingerprinted),
            last_modified=None if rewritten else _date(row.stamp),
            untried=digest if coded is None else None,
            negotiated=coded is None or bool(coded),
            follows=source if isinstance(source, Slice) and not found.fingerprinted else None,
            preferences=self._preferences,
        )

    def _source(self, mount: Mount, name: str, row: Row) -> Memory | Slice:
        place = mount.apart[name] if row.root == ELSEWHERE else self._roots[row.root].place(name)
        return Memory(place) if isinstance(place, bytes) else Slice(place, 0, row.stamp.size, row.stamp)


def _bounds(prefixes: tuple[str, ...]) -> tuple[str, str]:
    """Every path below a prefix lies between these two in the order of strings, which is faster than startswith."""
    if not all(prefix and prefix.isascii() for prefix in prefixes):
        return "", "\U0010ffff"  # everything: "/" without its slash, or a prefix that paths may spell in two ways
    return min(prefixes), max(prefix[:-1] + chr(ord(prefix[-1]) + 1) for prefix in prefixes)


class _Found(NamedTuple):
    """A row that a path leads to, and by which of its two names."""

    mount: Mount
    name: str
    row: Row
    fingerprinted: bool
    page: bool = False

    @property
    def key(self) -> str:
        return self.mount.prefix + self.name

    @property
    def rewritten(self) -> Rewritten | None:
        return self.mount.rewritten.get(self.name) if self.fingerprinted or self.page else None


def _write_nothing(*_: object, **__: object) -> object:
    raise BuildError("this index was loaded from a build: collect the sources to write another.")


def _date(stamp: Stamp) -> int | None:
    """The date of the source, where it is one that HTTP can write (years 1 to 9999); whole seconds.

    A date that was in the future when the file got it must not be sent (RFC 9110 §8.8.2.1).
    """
    seconds = stamp.mtime_ns // 1_000_000_000
    real = stamp.inode and stamp.mtime_ns <= stamp.ctime_ns
    return seconds if real and -62_135_596_800 <= seconds <= 253_402_300_799 else None
