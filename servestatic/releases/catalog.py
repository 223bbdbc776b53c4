"""The catalog: a release as pages and requests see it. Frozen; it knows no encoder, store or thread."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from servestatic.assets.bundles import Bundles
from servestatic.assets.coding import is_coded
from servestatic.assets.names import insert_fingerprint
from servestatic.assets.patterns import is_pattern
from servestatic.assets.policy import Policy
from servestatic.assets.preload import Need, find_modules, reach
from servestatic.errors import BuildError, UnknownAsset
from servestatic.http.message import Blob, Memory, Slice
from servestatic.http.representation import Missing, Redirect
from servestatic.releases.lookup import Found, Lookup
from servestatic.releases.rows import ELSEWHERE, Edits, Entry, Mount, Release, Row

if TYPE_CHECKING:
    from servestatic.assets.suggest import Suggestions

# Applies edits to the source with a SHA-256; None if neither the source nor the result is available.
Rewrite: TypeAlias = Callable[[bytes, Edits, Memory | Slice | None], Blob | None]


class Catalog:
    """What the files of a release are called, what they need, and which bytes their names serve.

    Args:
        release: the files.
        policy: which names have fingerprints, and which are pages.
        rewrite: applies edits.
        bundles: returns the contents of bundlers' manifests, which may change while a live index is served.
    """

    def __init__(self, release: Release, policy: Policy, rewrite: Rewrite, bundles: Callable[[], Bundles]) -> None:
        self.mounts = release.mounts
        self.prefix = release.mounts[0].prefix
        self.policy = policy
        self.bundles = bundles
        self.sealed = release.sealed
        self.identify = release.identify
        self._roots = release.roots
        self._rewrite = rewrite
        self._lookup = Lookup(release.mounts, policy)
        self._by_prefix = {mount.prefix: mount for mount in release.mounts}
        self._matches: dict[str, tuple[str, ...]] = {}  # modules by the patterns that programs and templates use
        self._suggestions: Suggestions | None = None  # for unknown names
        self.bounds = self._lookup.bounds

    @property
    def own(self) -> Mapping[str, Row]:
        """The files below the prefix, by logical path."""
        return self.mounts[0].rows

    @property
    def has_others(self) -> bool:
        """Whether files may be elsewhere, such as at the root of the site."""
        return len(self.mounts) > 1

    # ------------------------------------------------------------------------------------------ by URL path

    def find(self, path: str) -> Found | Missing | Redirect | None:
        """Find what a URL path, percent-decoded, names; None if it names no file of the release."""
        return self._lookup.find(path)

    def split(self, path: str) -> Iterator[tuple[Mount, str]]:
        """Yield the mounts that a URL path is below, the most specific first, with the names that it is there."""
        return self._lookup.split(path)

    def enter(self, path: str) -> Redirect:
        """Redirect from a path without its final slash to the same path with it."""
        return self._lookup.enter(path)

    def find_public(self, file: Found, public: str) -> Found | None:
        """Find what a public name of a file serves."""
        found = self._lookup.find_name(file.mount, public)
        return found if isinstance(found, Found) else None

    # ------------------------------------------------------------------------------------------ by logical path

    def locate(self, name: str) -> Found:
        """Return the file at a logical path, by its public name.

        Raises:
            UnknownAsset: no source has the file.
        """
        name = self.bundles().aliases.get(name, name)
        for mount in self.mounts:
            if (row := mount.rows.get(name)) is not None:
                return Found(mount, name, row, fingerprinted=True)
        raise UnknownAsset(f"no source has a file {name!r}.{self._suggest(name)}")

    def _suggest(self, name: str) -> str:
        from servestatic.assets.suggest import Suggestions

        suggestions = self._suggestions
        if suggestions is None or suggestions.is_spent or self.policy.revalidate:  # files may come and go
            suggestions = self._suggestions = Suggestions(self._list_names())
        near = suggestions.near(name.lstrip("/"))
        return f" Did you mean {near!r}?" if near else ""

    def _list_names(self) -> frozenset[str]:
        with suppress(BuildError):  # the document of a build is damaged, as a look-up has logged
            return frozenset(self)
        return frozenset()

    def locate_need(self, need: Need) -> Found | None:
        """Return a needed file by its public name; None if it no longer exists."""
        mount = self._by_prefix[need.mount]
        row = mount.rows.get(need.name)
        return None if row is None else Found(mount, need.name, row, fingerprinted=True)

    def public_name(self, file: Found) -> str:
        """Return the name that pages use: fingerprinted, except for pages and files that keep their names."""
        if not self.policy.fingerprints or self.policy.keeps_name(file.name):
            return file.name
        return insert_fingerprint(file.name, file.row.fingerprint)

    def match(self, written: str) -> tuple[str, ...]:
        """Return the modules that a shell pattern matches, sorted by name; a plain name as it is.

        Raises:
            UnknownAsset: the pattern matches none.
        """
        if not is_pattern(written) or written in self:
            return (written,)
        if self.policy.revalidate:  # files may come and go
            return find_modules(self, written)
        if written not in self._matches:
            self._matches[written] = find_modules(self, written)
        return self._matches[written]

    def reach(self, *names: str) -> Iterator[Need]:
        """Yield files and everything that a browser needs with them, breadth first, each once.

        Raises:
            UnknownAsset: no source has a file.
        """
        start = [Need(file.mount.prefix, file.name) for file in map(self.locate, names)]
        return reach(start, self._by_prefix, self._list_needs, self.bundles().files)

    def _list_needs(self, need: Need) -> tuple[str, ...] | None:
        # The row comes first: a live row brings its needs up to date.
        return self.needs(need) if need.name in self._by_prefix[need.mount].rows else None

    def needs(self, need: Need) -> tuple[str, ...]:
        """Return what a file needs according to its text, then according to a manifest."""
        by_text, more = self._by_prefix[need.mount].needs.get(need.name, ()), self.bundles().needs.get(need.name, ())
        return (*by_text, *(name for name in more if name not in by_text)) if more else by_text

    def later(self, name: str) -> tuple[str, ...]:
        """Return the modules that a bundled one may load by `import()`."""
        return tuple(other for other in self.bundles().later.get(name, ()) if other in self)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the logical paths, those below the prefix first."""
        return (name for mount in self.mounts for name in mount.rows)

    def __contains__(self, name: str) -> bool:
        name = self.bundles().aliases.get(name, name)
        return any(name in mount.rows for mount in self.mounts)

    def __len__(self) -> int:
        return sum(len(mount.rows) for mount in self.mounts)

    # ------------------------------------------------------------------------------------------ bytes

    def source(self, mount: Mount, name: str, row: Row) -> Memory | Slice:
        """Return the bytes of a row's file: in memory, or as a slice of the file."""
        path = mount.apart[name] if row.root == ELSEWHERE else self._roots[row.root].path_of(name)
        return path if isinstance(path, Memory) else Slice(path, 0, row.stamp.size, row.stamp, self.sealed)

    def serve(self, found: Found, row: Row, source: Memory | Slice) -> Blob | None:
        """Return what a name serves while the state of its source is `row`; None if those bytes are unavailable."""
        same = row.digest == found.row.digest
        rewritten = found.mount.rewritten.get(found.name) if found.fingerprinted or (found.page and same) else None
        if isinstance(rewritten, Edits):
            return self._rewrite(found.row.digest, rewritten, source if same else None)
        if rewritten is None and (same or not found.fingerprinted):
            return Blob(source, row.stamp.size, row.digest)
        return rewritten

    def entries(self) -> Iterator[Entry]:
        """Yield all files, those below the prefix first."""
        for mount in self.mounts:
            for name, row in mount.rows.items():
                file = Found(mount, name, row, fingerprinted=True)
                source = self.source(mount, name, file.row)
                # If the bytes are unavailable, the source stands in, under a digest that nothing has.
                served = self.serve(file, file.row, source) or Blob(source, file.row.stamp.size, _NO_DIGEST)
                needs = self.needs(Need(mount.prefix, name))
                yield Entry(mount.prefix, name, self.public_name(file), file.row, source, served, needs)

    def contents(self) -> Iterator[Blob]:
        """Yield what may be worth a coding: the bytes of public names, then those of plain names alone."""
        for entry in self.entries():
            if is_coded(entry.name, entry.served.length) and entry.served.digest != _NO_DIGEST:
                yield entry.served
        for mount in self.mounts:
            for name in mount.rewritten:
                row = mount.rows.get(name)
                if row and is_coded(name, row.stamp.size) and not self.policy.is_page(name):
                    yield Blob(self.source(mount, name, row), row.stamp.size, row.digest)


_NO_DIGEST = b""
