"""The index: a collected tree, ready to be served, as programs and templates use it."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from servestatic.assets.names import encode
from servestatic.assets.preload import Need, Preload
from servestatic.errors import UnknownAsset
from servestatic.http.representation import Target
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.releases.statistics import Statistics
from servestatic.serving.integrity import Hasher
from servestatic.serving.resources import Resources

if TYPE_CHECKING:
    from servestatic.assets.importmap import ImportMap


class Index:
    """The collected static files, ready to be served.

    Pages use `url` and `path`, adapters use `get`.
    """

    MAX_INTEGRITY = 4096  # fingerprinted names whose integrity is remembered

    def __init__(self, catalog: Catalog, resources: Resources, write: Callable[..., Any]) -> None:
        """Combine a catalog, its resources, and the function that writes sealed builds."""
        self.catalog = catalog
        self.resources = resources
        self.policy = catalog.policy
        self.prefix = catalog.prefix
        self._write = write
        self._hasher = Hasher()
        self._integrity: dict[str, str] = {}  # by public path, of fingerprinted names

    def get(self, path: str) -> Target | None:
        """Return what a percent-decoded URL path serves; None if there is no such file."""
        return self.resources.resolve(path)

    # ------------------------------------------------------------------------------------------- for pages

    def url(self, name: str) -> str:
        """Return the URL path of the file at a logical path, percent-encoded: fingerprinted, below its mount.

        Raises:
            UnknownAsset: no source has the file.
        """
        self.resources.begin()
        return self._url(self.catalog.locate(name))

    def _url(self, file: Found) -> str:
        return encode(file.mount.prefix + self._public_name(file))

    def path(self, name: str) -> str:
        """Return the fingerprinted logical path, not encoded, for callers with a base URL of their own.

        Raises:
            UnknownAsset: no source has the file.
        """
        return self._public_name(self.catalog.locate(name))

    def _public_name(self, file: Found) -> str:
        """Return the public name; the plain one if the file has changed, since its fingerprinted URL is then gone."""
        return file.name if self.resources.has_changed(file) else self.catalog.public_name(file)

    def integrity(self, name: str) -> str:
        """Return the SRI metadata (`sha384-…`) of exactly the bytes that the public name of a file serves.

        Raises:
            UnknownAsset: no source has the file, or it has changed and cannot be read.
        """
        for _ in range(2):  # a file may change between look-up and reading
            file = self.catalog.locate(name)
            public = self._public_name(file)
            if known := self._integrity.get(file.mount.prefix + public):
                return known
            found = self.catalog.find_public(file, public)
            if found and (metadata := self._hash(found)):
                if public != file.name:  # the bytes of a fingerprinted name never change
                    if len(self._integrity) >= self.MAX_INTEGRITY:
                        self._integrity.clear()
                    self._integrity[file.mount.prefix + public] = metadata
                return metadata
        raise UnknownAsset(f"{name!r} has changed since it was collected: its bytes are unavailable. Collect again.")

    def _hash(self, found: Found) -> str | None:
        """Return the SRI metadata of what a name serves, or did when it was kept; None if the bytes are unavailable."""
        served = self.resources.consider(found)[2]
        metadata = self._hasher.hash(served) if served else None
        kept = self.resources.others.recall(found) if metadata is None else None
        return self._hasher.hash(kept) if kept else metadata

    def preload(self, name: str) -> tuple[Preload, ...]:
        """List the files that a browser needs with a file: the nearest first, then in source order.

        A module needs its static imports, a stylesheet its imports and fonts, and so on.

        Raises:
            UnknownAsset: no source has the file.
        """
        _, *needs = self.reach(name)
        files = [(self.catalog.locate_need(need), need.kind) for need in needs]
        return tuple(Preload(self._url(file), kind) for file, kind in files if file and kind)

    def importmap(self, *names: str | Mapping[str, str], prefix: str = "") -> "ImportMap":
        """Return an import map for some modules, ready for JSON: see `servestatic.assets.importmap`.

        Raises:
            UnknownAsset: no source has a module that is named, or a pattern matches none.
        """
        from servestatic.assets.importmap import make_importmap  # few pages have one

        return make_importmap(self, names, prefix, self.url)

    def match(self, written: str) -> tuple[str, ...]:
        """Return the modules that a shell pattern matches: see `Catalog.match`."""
        return self.catalog.match(written)

    def reach(self, *names: str) -> Iterator[Need]:
        """Yield files and all that a browser needs with them: see `Catalog.reach`."""
        return self.catalog.reach(*names)

    def later(self, name: str) -> tuple[str, ...]:
        """Return the modules that a bundled one may load by `import()`."""
        return self.catalog.later(name)

    # ------------------------------------------------------------------------------------------- as a whole

    @property
    def release(self) -> str:
        """The id of the release: 16 hex digits, the same on every machine for the same files, names and prefix.

        It changes whenever the URL or the bytes of a file change. In a live index, it is read from the disk each time,
        and is the same only on this machine.
        """
        return self.catalog.identify()

    def statistics(self) -> Statistics:
        """Count what this process has served, and what it has done for clients of other releases.

        In a Python without the global interpreter lock, a few responses of several threads may be missing.
        """
        deltas, others, answered = self.resources.deltas, self.resources.others, self.resources.answered
        return others.statistics._replace(
            served=answered[200] + answered[206], not_modified=answered[304], **deltas.made._asdict() if deltas else {}
        )

    def write(self, out: str, *, keep_releases: int = 2, **options: Any) -> Any:
        """Write a sealed build: see `servestatic.releases.write.write`, which has more options.

        Raises:
            BuildError: the build cannot be written, or this index was loaded from one.
        """
        return self._write(self.catalog, out, keep_releases=keep_releases, **options)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the logical paths, those below the prefix first."""
        return iter(self.catalog)

    def __contains__(self, name: str) -> bool:
        return name in self.catalog

    def __len__(self) -> int:
        return len(self.catalog)

    def __bool__(self) -> bool:
        """Return True, even for an index without files."""
        return True

    def __repr__(self) -> str:
        count = len(self)
        return f"<Index of {count:,} file{'s' if count != 1 else ''} below {self.prefix!r}>"
