"""The index: a closed table from URL paths to resources. Frozen; rows are packed and become resources on first use."""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from servestatic.assets.bundles import NO_BUNDLES, Bundles
from servestatic.assets.codings import NAMES, Codings, Encoder, FastEncoder, identity
from servestatic.assets.file import insert_fingerprint
from servestatic.assets.importmap import ImportMap, find_modules, is_pattern, make_importmap
from servestatic.assets.lookup import Found, Lookup
from servestatic.assets.media_types import media_type
from servestatic.assets.needs import Need, Preload, reach
from servestatic.assets.policy import Policy
from servestatic.assets.rows import ELSEWHERE, Content, Edits, Entry, Mount, Rewritten, Root, Row
from servestatic.errors import BuildError, UnknownAsset, nearest
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.http.representation import Missing, Preferences, Resource, Target


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
        make_memory: Callable[[], MutableMapping[str, Any]] = dict,
    ) -> None:
        """Take what the collector made; `mounts[0]` is the prefix.

        If `sealed`, no file may ever change. `make_memory` makes the mappings that keep what was found out about paths.
        """
        self._sealed = sealed
        # Real paths that a file may be in when it is read again; None: anywhere (see `Directory.follow_symlinks`).
        self.trusted: tuple[str, ...] | None = ()
        self.writer: Callable[..., Any] = _write_nothing
        # Applies edits to the source with a digest, which may be gone; None if the bytes are not to be had.
        self.rewriter: Callable[[bytes, Edits, Memory | Slice | None], Rewritten | None] = _rewrite_nothing
        # Gives the SRI metadata of what is served; None if the bytes are not to be had.
        self.hasher: Callable[[Rewritten], str | None] = _hash_nothing
        self._matches: dict[str, tuple[str, ...]] = {}  # modules by the patterns of programs and templates
        self._integrity: dict[str, str] = {}  # by public path, of fingerprinted names
        # What bundlers' manifests say by now: see `servestatic.bundles`.
        self.bundles: Callable[[], Bundles] = lambda: NO_BUNDLES
        self.codings = codings or Codings()
        self.codings.on_replace = self._forget
        self.encoder = encoder or FastEncoder()
        self.policy = policy
        self.prefix = mounts[0].prefix
        self.mounts = mounts
        self._roots = roots
        self._preferences = Preferences(NAMES)
        self._lookup = Lookup(mounts, policy)
        self._first, self._past = self._lookup.bounds
        self._resources: MutableMapping[str, Target] = make_memory()
        self._room = self.MEMORY
        self._changed: MutableMapping[str, Row] = make_memory()
        # When `deliver` last looked at, and last read again, the file behind a path; monotonic seconds.
        self.checked: dict[str, float] = {}
        self.read_again: dict[str, float] = {}

    # ------------------------------------------------------------------------------------------- for pages

    def url(self, name: str) -> str:
        """Return the URL path of the file at a logical path, percent-encoded: fingerprinted, below its mount.

        Raises:
            UnknownAsset: no source has the file.
        """
        return self._url(*self._find(name))

    def path(self, name: str) -> str:
        """Return the fingerprinted logical path, not encoded, for callers that have a base URL of their own.

        Raises:
            UnknownAsset: no source has the file.
        """
        mount, name, row = self._find(name)
        return self._public_name(mount, name, row)

    def integrity(self, name: str) -> str:
        """Return the SRI metadata (`sha384-…`) of exactly the bytes that the public name of a file serves.

        Raises:
            UnknownAsset: no source has the file, or what has taken its place cannot be read.
        """
        for _ in range(2):  # a file may change between the look at it and the reading
            mount, name, packed = self._find(name)
            public = self._public_name(mount, name, packed)
            if known := self._integrity.get(mount.prefix + public):
                return known
            found = self._lookup.find_name(mount, public)
            served = self._consider(found)[2] if isinstance(found, Found) else None
            if served and (metadata := self.hasher(served)):
                if public != name:  # a fingerprint names the bytes for good
                    if len(self._integrity) >= self.MOST_RESOURCES:
                        self._integrity.clear()
                    self._integrity[mount.prefix + public] = metadata
                return metadata
        raise UnknownAsset(f"{name!r} has changed since it was collected: its bytes are not to be had. Collect again.")

    def preload(self, name: str) -> tuple[Preload, ...]:
        """List what a browser will need with a file, without the file: what is nearest first, then in source order.

        Of a module that is its static imports, of a stylesheet what it imports and its fonts, and so on.

        Raises:
            UnknownAsset: no source has the file.
        """
        named = self._find(name)[:2]
        needs = [(each, each.mount.rows.get(each.name)) for each in self.reach(name) if each != named]
        return tuple(Preload(self._url(*each, row), each.kind) for each, row in needs if each.kind and row)

    def importmap(self, *names: str | Mapping[str, str], prefix: str = "") -> ImportMap:
        """Return an import map for some modules, ready for JSON: see `servestatic.assets.importmap`.

        Raises:
            UnknownAsset: no source has a module that is named, or none that a pattern matches.
        """
        return make_importmap(self, names, prefix, self.url)

    def match(self, written: str) -> tuple[str, ...]:
        """Return the modules that a shell pattern means, in the order of their names, or the one name that is written.

        Raises:
            UnknownAsset: a pattern means none.
        """
        if not is_pattern(written) or written in self:
            return (written,)
        if self.policy.revalidate:  # files may come and go
            return find_modules(self, written)
        if written not in self._matches:
            self._matches[written] = find_modules(self, written)
        return self._matches[written]

    def reach(self, *names: str) -> Iterator[Need]:
        """Yield some files and all that a browser needs with them, breadth first, each once.

        Raises:
            UnknownAsset: no source has a file.
        """
        return reach([Need(mount, found) for mount, found, _ in map(self._find, names)], self.mounts, self.needs)

    def needs(self, mount: Mount, name: str) -> tuple[str, ...]:
        """Return what a file needs by its text, then what it needs by a manifest."""
        needs, more = mount.needs.get(name, ()), self.bundles().needs.get(name, ())
        return (*needs, *(each for each in more if each not in needs)) if more else needs

    def later(self, name: str) -> tuple[str, ...]:
        """Return the modules that a bundled one may ask for by `import()`."""
        return tuple(each for each in self.bundles().later.get(name, ()) if each in self)

    def _url(self, mount: Mount, name: str, row: bytes) -> str:
        return quote(mount.prefix + self._public_name(mount, name, row))

    def _find(self, name: str) -> tuple[Mount, str, bytes]:
        name = self.bundles().aliases.get(name, name)
        for mount in self.mounts:
            if (row := mount.rows.get(name)) is not None:
                return mount, name, row
        raise UnknownAsset(f"no source has a file {name!r}.{nearest(name, self)}")

    def _public_name(self, mount: Mount, name: str, packed: bytes) -> str:
        if not self.policy.fingerprints or self.policy.keeps_name(name) or self._is_other(mount.prefix + name, packed):
            return name
        return insert_fingerprint(name, Row.unpack(packed).fingerprint)

    def write(self, out: str, *, keep_releases: int = 2, **options: Any) -> Any:
        """Write a sealed build: see `servestatic.sealed.writing.write`, which has more options."""
        return self.writer(self, out, keep_releases=keep_releases, **options)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the logical paths, those below the prefix first."""
        return (name for mount in self.mounts for name in mount.rows)

    def __contains__(self, name: str) -> bool:
        name = self.bundles().aliases.get(name, name)
        return any(name in mount.rows for mount in self.mounts)

    def __len__(self) -> int:
        return sum(len(mount.rows) for mount in self.mounts)

    def entries(self) -> Iterator[Entry]:
        """Yield all files, those below the prefix first."""
        for mount in self.mounts:
            for name, packed in mount.rows.items():
                row = Row.unpack(packed)
                source = self._source(mount, name, row)
                served = self._serve(Found(mount, name, row, fingerprinted=True), row, source)
                # Where the bytes are not to be had, those of the source are none that the digest is right for.
                served = served or Rewritten(source, row.stamp.size, _NO_DIGEST)
                public, needs = self._public_name(mount, name, packed), self.needs(mount, name)
                yield Entry(mount.prefix, name, public, row, source, served, needs)

    def contents(self) -> Iterator[Content]:
        """Yield everything that a coding is worth a try for: what public names serve, then what they do not."""
        entries = (entry for entry in self.entries() if media_type(entry.name).compressible)
        for entry in entries:
            if entry.served.digest != _NO_DIGEST:
                yield Content(entry.served.digest, entry.served.length, entry.served.body)
        for mount in self.mounts:
            for name in mount.rewritten:
                if media_type(name).compressible and not self.policy.is_page(name):
                    row = Row.unpack(mount.rows[name])
                    yield Content(row.digest, row.stamp.size, self._source(mount, name, row))

    # ---------------------------------------------------------------------------------------- for requests

    def get(self, path: str) -> Target | None:
        """Return what a URL path, percent-decoded, has to offer; None if it is no file of the tree."""
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
        found = self._lookup.find(path)
        if isinstance(found, Found) and self._sealed and digest != found.row.digest:
            source = self._source(found.mount, found.name, found.row)
            return self.lose(path, source) if isinstance(source, Slice) else Missing(())
        if isinstance(found, Found):
            self._changed[found.key] = found.row._replace(stamp=stamp, digest=digest)
        return self.refresh(path)

    def lose(self, path: str, source: Slice) -> Missing:
        """Take note that the source at a path is gone, until it is there again."""
        missing = Missing(self.policy.fields(path), path, source)
        self._remember(path, missing, self.codings.generation)
        return missing

    def hold(self, resource: Resource, body: Slice, data: bytes) -> None:
        """Hold in memory the bytes of a body that is a whole representation, where there is room."""
        representations = tuple(
            replace(each, body=Memory(data)) if each.body == body else each for each in resource.representations
        )
        changed = representations != resource.representations and len(data) <= self._room
        if changed and self.amend(resource, representations=representations):
            self._room -= len(data)

    def amend(self, resource: Resource, **changes: Any) -> bool:
        """Change a resource, if it still is what its path has to offer."""
        generation = self.codings.generation
        if current := self._resources.get(resource.path) is resource:
            self._remember(resource.path, replace(resource, **changes), generation)
        return current

    def _remember(self, path: str, target: Target, generation: int) -> None:
        """Keep what a path has to offer for the next request, at most `MOST_RESOURCES` of them.

        What was made at another generation of the codings may be of a row that was replaced meanwhile.
        """
        if path not in self._resources and len(self._resources) >= self.MOST_RESOURCES:
            self._forget()
        self._resources[path] = target
        if generation != self.codings.generation:
            self._resources.pop(path, None)

    def _forget(self) -> None:
        self._resources.clear()
        self.checked.clear()
        self.read_again.clear()
        self._room = self.MEMORY

    def _look_up(self, path: str) -> Target | None:
        generation = self.codings.generation
        found = self._lookup.find(path)
        if not isinstance(found, Found):
            return found
        row, source, served = self._consider(found)
        if served:
            target: Target = self._make(path, found, row, source, served)
        else:
            target = Missing(self.policy.fields(found.name), path, source if isinstance(source, Slice) else None)
        self._remember(path, target, generation)
        return target

    def _consider(self, found: Found) -> tuple[Row, Memory | Slice, Rewritten | None]:
        """Return the present state of a row, its source, and what the name serves; None if that is not to be had."""
        row = self._changed.get(found.key, found.row)
        source = self._source(found.mount, found.name, row)
        return row, source, self._serve(found, row, source)

    def _serve(self, found: Found, row: Row, source: Memory | Slice) -> Rewritten | None:
        """Return what a name serves, whose source is now as `row` says; None if that is not to be had."""
        same = row.digest == found.row.digest
        rewritten = found.mount.rewritten.get(found.name) if found.fingerprinted or (found.page and same) else None
        if isinstance(rewritten, Edits):
            return self.rewriter(found.row.digest, rewritten, source if same else None)
        if rewritten is None and (same or not found.fingerprinted):
            return Rewritten(source, row.stamp.size, row.digest)
        return rewritten

    def is_source(self, path: str, body: Slice) -> bool:
        """Tell whether a body that a path serves is of its source, or else was made of it and can be made again."""
        found = self._lookup.find(path)
        source = self._source(found.mount, found.name, found.row) if isinstance(found, Found) else None
        return isinstance(source, Slice) and source.path == body.path

    def encode_again(self, path: str) -> Resource | Missing:
        """Forget the coded representations of a path, as after one was lost: they are made again when asked for."""
        found = self._lookup.find(path)
        served = self._consider(found)[2] if isinstance(found, Found) else None
        if served:
            self.codings.drop(served.digest)
        return self.refresh(path)

    def _make(self, path: str, found: Found, row: Row, source: Memory | Slice, served: Rewritten) -> Resource:
        kind = media_type(found.name)
        coded = self.codings.get(served.digest) if kind.compressible else ()
        return Resource(
            path=path,
            representations=(identity(*served), *(coded or ())),
            fields=self.policy.fields(found.name),
            metadata=self.policy.metadata(found.name, utf8=row.utf8, fingerprinted=found.fingerprinted),
            last_modified=_date(row.stamp) if served.body is source else None,
            untried=served.digest if coded is None else None,
            negotiated=coded is None or bool(coded),
            follows=source if isinstance(source, Slice) and not found.fingerprinted else None,
            preferences=self._preferences,
        )

    def _source(self, mount: Mount, name: str, row: Row) -> Memory | Slice:
        place = mount.apart[name] if row.root == ELSEWHERE else self._roots[row.root].place(name)
        return Memory(place) if isinstance(place, bytes) else Slice(place, 0, row.stamp.size, row.stamp)


_NO_DIGEST = b""


def _rewrite_nothing(*_: object) -> None:
    """Rewrite nothing, where every file serves its own bytes."""


def _hash_nothing(_: Rewritten) -> None:
    """Hash nothing, where nobody said how bytes are read."""


def _write_nothing(*_: object, **__: object) -> object:
    raise BuildError("this index was loaded from a build: collect the sources to write another.")


def _date(stamp: Stamp) -> int | None:
    """The date of the source, where it is one that HTTP can write (years 1 to 9999); whole seconds.

    A date that was in the future when the file got it must not be sent (RFC 9110 §8.8.2.1).
    """
    seconds = stamp.mtime_ns // 1_000_000_000
    real = stamp.inode and stamp.mtime_ns <= stamp.ctime_ns
    return seconds if real and -62_135_596_800 <= seconds <= 253_402_300_799 else None
