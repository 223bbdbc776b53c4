"""The index: the collected tree, what its files are called, and what they need."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from servestatic.assets.bundles import NO_BUNDLES, Bundles
from servestatic.assets.file import insert_fingerprint
from servestatic.assets.importmap import ImportMap, find_modules, is_pattern, make_importmap
from servestatic.assets.preload import Need, Preload, reach
from servestatic.assets.suggest import Suggestions
from servestatic.errors import BuildError, UnknownAsset
from servestatic.http.representation import Target
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Content, Entry, Mount, Rewritten, Row
from servestatic.serving.compression.coders import is_coded
from servestatic.serving.resources import Resources


class Index:
    """The collected static tree, ready to be served.

    `url` and `path` answer for pages, `get` for requests: out of `resources`, which know more over time.
    """

    MOST_INTEGRITY = 4096  # of the bytes of that many fingerprinted names is remembered

    def __init__(self, resources: Resources) -> None:
        """Take what requests are answered of; its first mount is the prefix."""
        self.resources = resources
        self.mounts = resources.mounts
        self.policy = resources.policy
        self.prefix = self.mounts[0].prefix
        self.writer: Callable[..., Any] = _write_nothing
        # Gives the SRI metadata of what is served; None if the bytes are not to be had.
        self.hasher: Callable[[Rewritten], str | None] = _hash_nothing
        self._matches: dict[str, tuple[str, ...]] = {}  # modules by the patterns of programs and templates
        self._integrity: dict[str, str] = {}  # by public path, of fingerprinted names
        self._suggestions: Suggestions | None = None  # for unknown names
        # What bundlers' manifests say by now: see `servestatic.pipeline.manifests`.
        self.bundles: Callable[[], Bundles] = lambda: NO_BUNDLES

    def get(self, path: str) -> Target | None:
        """Return what a URL path, percent-decoded, has to offer; None if it is no file of the tree."""
        return self.resources.get(path)

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
            found = self.resources.lookup.find_name(mount, public)
            served = self.resources.consider(found)[2] if isinstance(found, Found) else None
            if served and (metadata := self.hasher(served)):
                if public != name:  # a fingerprint names the bytes for good
                    if len(self._integrity) >= self.MOST_INTEGRITY:
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
        raise UnknownAsset(f"no source has a file {name!r}.{self._suggest(name)}")

    def _suggest(self, name: str) -> str:
        suggestions = self._suggestions
        if suggestions is None or suggestions.is_spent or self.policy.revalidate:  # files may come and go
            suggestions = self._suggestions = Suggestions(frozenset(self))
        near = suggestions.near(name.lstrip("/"))
        return f" Did you mean {near!r}?" if near else ""

    def _public_name(self, mount: Mount, name: str, packed: bytes) -> str:
        if not self.policy.fingerprints or self.policy.keeps_name(name):
            return name
        if self.resources.is_other(mount.prefix + name, packed):
            return name
        return insert_fingerprint(name, Row.unpack(packed).fingerprint)

    def write(self, out: str, *, keep_releases: int = 2, **options: Any) -> Any:
        """Write a sealed build: see `servestatic.releases.write.write`, which has more options."""
        return self.writer(self, out, keep_releases=keep_releases, **options)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the logical paths, those below the prefix first."""
        return (name for mount in self.mounts for name in mount.rows)

    def __contains__(self, name: str) -> bool:
        name = self.bundles().aliases.get(name, name)
        return any(name in mount.rows for mount in self.mounts)

    def __bool__(self) -> bool:
        """Return True, for an index without files, too: it is an index."""
        return True

    def __len__(self) -> int:
        return sum(len(mount.rows) for mount in self.mounts)

    def entries(self) -> Iterator[Entry]:
        """Yield all files, those below the prefix first."""
        for mount in self.mounts:
            for name, packed in mount.rows.items():
                row = Row.unpack(packed)
                source = self.resources.source(mount, name, row)
                served = self.resources.serve(Found(mount, name, row, fingerprinted=True), row, source)
                # Where the bytes are not to be had, those of the source are none that the digest is right for.
                served = served or Rewritten(source, row.stamp.size, _NO_DIGEST)
                public, needs = self._public_name(mount, name, packed), self.needs(mount, name)
                yield Entry(mount.prefix, name, public, row, source, served, needs)

    def contents(self) -> Iterator[Content]:
        """Yield everything that a coding is worth a try for: what public names serve, then what they do not."""
        for entry in self.entries():
            body, length, digest = entry.served
            if is_coded(entry.name, length) and digest != _NO_DIGEST:
                yield Content(digest, length, body)
        for mount in self.mounts:
            for name in mount.rewritten:
                row = Row.unpack(mount.rows[name])
                if is_coded(name, row.stamp.size) and not self.policy.is_page(name):
                    yield Content(row.digest, row.stamp.size, self.resources.source(mount, name, row))


_NO_DIGEST = b""


def _hash_nothing(_: Rewritten) -> None:
    """Hash nothing, where nobody said how bytes are read."""


def _write_nothing(*_: object, **__: object) -> object:
    raise BuildError("this index was loaded from a build: collect the sources to write another.")
