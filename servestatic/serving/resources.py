"""What URL paths offer now: resources are made on first use, remembered, and rebuilt when a file changes."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from servestatic.assets.coding import NAMES, is_coded
from servestatic.assets.versions import offer_deltas
from servestatic.disk.trust import Within
from servestatic.http.dictionary import DELTA
from servestatic.http.message import Blob, Fields, Memory, Slice, Stamp
from servestatic.http.preferences import IDENTITY, Preferences
from servestatic.http.representation import Missing, Redirect, Representation, Resource, Target, represent
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.releases.rows import Row
from servestatic.serving.cache import TargetCache
from servestatic.serving.compression.deltas import Deltas
from servestatic.serving.compression.encoders import Encoder
from servestatic.serving.compression.table import Codings
from servestatic.serving.draft import Draft, Offer, date_of, logical_name
from servestatic.serving.other_releases import OtherReleases

if TYPE_CHECKING:
    from servestatic.releases.history import History


class Resources:
    """All mutable state of serving one catalog.

    Args:
        catalog: the files.
        codings: coded representations by digest.
        encoder: makes rows of codings.
        cache: the targets that were made; codings clear it when they replace a row.
        within: returns where links may lead from a path when its file is read again; None: anywhere.
        history: other releases; None if there are none.
        deltas: makes differences between releases; None if none are sent.
        begin: starts what works beside requests: called when a URL is written or looked up, so after a server forked.
    """

    def __init__(
        self,
        catalog: Catalog,
        codings: Codings,
        encoder: Encoder,
        cache: TargetCache,
        *,
        within: Callable[[str], Within],
        history: "History | None" = None,
        deltas: Deltas | None = None,
        begin: Callable[[], object] = lambda: None,
    ) -> None:
        self.catalog = catalog
        self.others = OtherReleases(catalog, history)
        self.deltas = deltas
        self.begin = begin
        self.codings = codings
        self.encoder = encoder
        self.cache = cache
        self.within = within
        # For adapters, which have no time for a call: the targets made, and the bounds of all paths that name anything.
        self.made = cache.targets
        self.first, self.past = catalog.bounds
        self.answered = [0] * 600  # responses that adapters have sent, by their status
        self.preferences = Preferences((*NAMES, DELTA))
        self._changed: dict[str, Row] = {}
        self._coded: dict[str, bytes] = {}  # by path: digests of bytes with codings in memory

    def get(self, path: str) -> Offer | None:
        """Return what a percent-decoded URL path serves; None if there is no such file."""
        if self.first <= path < self.past:
            return self.made.get(path) or self.draft(path)
        return None

    def draft(self, path: str) -> Draft | Missing | Redirect | None:
        """Look up what a path offers, ignoring what was made for it."""
        self.begin()
        found = self.catalog.find(path)
        if not isinstance(found, Found):
            return found
        row, source, served = self.consider(found)
        if served is None:
            return self._miss(path, found, source)
        return self._offer(path, found, row, source, served)

    def _offer(self, path: str, found: Found, row: Row, source: Memory | Slice, served: Blob) -> Draft:
        tried = not is_coded(found.name, served.length) or self.codings.get(served.digest) is not None
        follows = source if isinstance(source, Slice) and not found.fingerprinted else None
        return Draft(path, found, row, source, served, None if tried else served.digest, follows)

    def _miss(self, path: str, found: Found | None, source: Memory | Slice) -> Missing:
        follows = source if isinstance(source, Slice) else None
        fields = self.catalog.policy.fields(logical_name(found, path) if found else path, path)
        return Missing(fields, path, follows, named=found is not None and found.fingerprinted)

    def seek(self, missing: Missing) -> Draft | Missing:
        """Look for what is missing in other releases, and in what was kept of this one; reads disk and network."""
        found, served = self.others.seek(missing.path) or (None, None)
        if found is None or served is None:
            return missing
        return self._offer(missing.path, found, found.row, served.body, served)

    def make(self, draft: Draft, before: Resource | None = None) -> Resource:
        """Make the resource of a draft with the codings that exist; a body that `before` held stays in memory."""
        generation, policy = self.codings.generation, self.catalog.policy
        found, served, name = draft.found, draft.served, logical_name(draft.found, draft.path)
        coded = self.codings.get(served.digest) if is_coded(found.name, served.length) else ()
        resource = Resource(
            path=draft.path,
            representations=(represent(IDENTITY, served), *(coded or ())),
            fields=policy.fields(name, draft.path),
            metadata=policy.metadata(name, draft.path, utf8=draft.row.utf8, fingerprinted=found.fingerprinted),
            last_modified=date_of(draft.row.stamp) if served.body is draft.source else None,
            untried=served.digest if coded is None else None,
            negotiated=coded is None or bool(coded),
            follows=draft.follows,
            preferences=self.preferences,
            dictionary=self._offer_deltas(name, served.length, fingerprinted=found.fingerprinted),
            held=_keep_identity(before, served),
        )
        self._remember(draft.path, resource, generation)
        return resource

    def _offer_deltas(self, name: str, length: int, *, fingerprinted: bool) -> Fields:
        if self.deltas is None or not (fingerprinted or self.catalog.policy.immutable(name)):
            return ()
        return offer_deltas(name, length, fingerprinted=fingerprinted)

    def refresh(self, path: str) -> Resource | Missing:
        """Rebuild what a path offers, after something that it was made from has changed."""
        self.made.pop(path, None)
        offer = self.draft(path)
        if isinstance(offer, Draft):
            return self.make(offer)
        return offer if isinstance(offer, Missing) else Missing(())

    def resolve(self, path: str) -> Target | None:
        """Return what a path offers to requests; its resource is made if necessary."""
        offer = self.get(path)
        return self.make(offer) if isinstance(offer, Draft) else offer

    def _remember(self, path: str, target: Target, generation: int) -> None:
        """Keep a target, unless a row of codings was replaced while it was being made."""
        self.cache.remember(path, target)
        if generation != self.codings.generation:
            self.made.pop(path, None)

    def hold(self, resource: Resource, body: Slice, data: bytes) -> None:
        """Hold the bytes of a whole representation in memory, if there is room."""
        if self.made.get(resource.path) is resource and self.cache.hold(len(data)):
            resource.hold(body, data)

    def amend(self, resource: Resource, **changes: Any) -> None:
        """Change a resource, if it is still what its path offers."""
        generation = self.codings.generation
        if self.made.get(resource.path) is resource:
            self._remember(resource.path, replace(resource, **changes), generation)

    # ------------------------------------------------------------------------------------------ when a file changes

    def renew(self, path: str, stamp: Stamp, digest: bytes) -> Resource | Missing:
        """Note the new state of the source at a path, and return what the path offers now.

        A plain URL offers the new bytes; a fingerprinted one only if they are those that its name promises.
        """
        found = self.catalog.find(path)
        if isinstance(found, Found) and self.catalog.sealed and digest != found.row.digest:
            source = self.catalog.source(found.mount, found.name, found.row)
            return self.lose(path, source) if isinstance(source, Slice) else Missing(())
        if isinstance(found, Found):
            self._changed[found.key] = found.row._replace(stamp=stamp, digest=digest)
        return self.refresh(path)

    def lose(self, path: str, source: Slice) -> Missing:
        """Note that the source at a path is gone, until it exists again."""
        found = self.catalog.find(path)
        missing = self._miss(path, found if isinstance(found, Found) else None, source)
        self._remember(path, missing, self.codings.generation)
        return missing

    def is_source(self, path: str, body: Slice) -> bool:
        """Return whether a body that a path serves is its source; any other can be made again."""
        found = self.catalog.find(path)
        source = self.catalog.source(found.mount, found.name, found.row) if isinstance(found, Found) else None
        return isinstance(source, Slice) and source.path == body.path

    def consider(self, found: Found) -> tuple[Row, Memory | Slice, Blob | None]:
        """Return the present state of a row, its source, and what the name serves; None if that is unavailable."""
        row = self._changed.get(found.key, found.row)
        source = self.catalog.source(found.mount, found.name, row)
        return row, source, self.catalog.serve(found, row, source)

    def has_changed(self, file: Found) -> bool:
        """Return whether the bytes of a file are no longer those of its fingerprint."""
        changed = self._changed.get(file.key)
        return changed is not None and changed.digest != file.row.digest and not self.others.keep(file)

    # ------------------------------------------------------------------------------------------ codings

    def add_codings(self, path: str, digest: bytes, row: tuple[Representation, ...]) -> None:
        """Take the codings of what a path serves; those of its earlier state are dropped."""
        self.codings.add(digest, row)
        before = self._coded.pop(path, digest)
        if before != digest:
            self._drop_codings(before)
        if any(isinstance(representation.body, Memory) for representation in row):
            self._coded[path] = digest

    def lose_codings(self, path: str) -> Resource | Missing:
        """Forget the codings of a path after one was lost: they are made again on demand."""
        found = self.catalog.find(path)
        served = self.consider(found)[2] if isinstance(found, Found) else None
        if served:
            self._drop_codings(served.digest)
        return self.refresh(path)

    def drop_gone(self) -> None:
        """Drop the codings of paths that no longer exist, as in a live index."""
        for path, digest in [*self._coded.items()]:
            if not isinstance(self.catalog.find(path), Found):
                self._coded.pop(path, None)
                self._drop_codings(digest)

    def _drop_codings(self, digest: bytes) -> None:
        self.codings.drop(digest)
        self.encoder.drop(digest)


def _keep_identity(before: Resource | None, served: Blob) -> dict[str, Memory]:
    plain = before and before.representations[0] == represent(IDENTITY, served)
    return {IDENTITY: before.held[IDENTITY]} if before and plain and IDENTITY in before.held else {}
