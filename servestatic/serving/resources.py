"""What URL paths have to offer: made of rows on first use, remembered, and made anew when a file is another.

The rows never change; what is found out about their files while serving is here, and the codings are in a table beside.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from servestatic.assets.policy import Policy
from servestatic.http.message import Memory, Slice, Stamp
from servestatic.http.representation import Missing, Preferences, Representation, Resource, Target
from servestatic.releases.lookup import Found, Lookup
from servestatic.releases.rows import ELSEWHERE, Edits, Mount, Rewritten, Root, Row
from servestatic.serving.compression.coders import NAMES, Codings, identity, is_coded
from servestatic.serving.compression.encoders import Encoder, FastEncoder


class Resources:
    """A closed table from URL paths to resources, at most `MOST` of them in memory."""

    MOST = 4096  # made and remembered; more than that in use at a time costs a few microseconds each
    MEMORY = 32 * 1024 * 1024  # bytes of small bodies that are held
    MAX_ANSWERS = 8 * 1024 * 1024  # bytes of answers that are remembered, of all resources together

    def __init__(
        self, mounts: tuple[Mount, ...], roots: tuple[Root, ...], policy: Policy, *, sealed: bool = False
    ) -> None:
        """Take rows and where their files are. If `sealed`, no file may ever change."""
        self.mounts = mounts
        self.lookup = Lookup(mounts, policy)
        # For adapters, which have no time for a call: what was made, and the bounds of paths that anything is made of.
        self.made: dict[str, Target] = {}
        self.first, self.past = self.lookup.bounds
        self.roots = roots
        self.policy = policy
        self.codings = Codings()
        self.codings.on_replace = self._forget
        self.encoder: Encoder = FastEncoder()
        # Gives the places that links may lead to from a path when its file is read again; None: anywhere.
        self.within: Callable[[str], tuple[str, ...] | None] = lambda path: ()
        # Applies edits to the source with a digest, which may be gone; None if the bytes are not to be had.
        self.rewriter: Callable[[bytes, Edits, Memory | Slice | None], Rewritten | None] = _rewrite_nothing
        self._sealed = sealed
        self._preferences = Preferences(NAMES)
        self._room = self.MEMORY
        self.room_for_answers = self.MAX_ANSWERS  # for what `servestatic.serving.answer_cache` remembers
        self._changed: dict[str, Row] = {}
        self._coded: dict[str, bytes] = {}  # digests, by path, of what has codings in memory
        # When `deliver` last looked at, and last read again, the file behind a path; monotonic seconds.
        self.checked: dict[str, float] = {}
        self.read_again: dict[str, float] = {}
        # When what was read of a file that changes has to be read once more, since its stamp may hide another change.
        self.unsteady: dict[str, float] = {}

    def get(self, path: str) -> Target | None:
        """Return what a URL path, percent-decoded, has to offer; None if it is no file of the tree."""
        if self.first <= path < self.past:
            return self.made.get(path) or self._make(path)
        return None

    def _make(self, path: str) -> Target | None:
        generation = self.codings.generation
        found = self.lookup.find(path)
        if not isinstance(found, Found):
            return found
        row, source, served = self.consider(found)
        if served:
            target: Target = self._describe(path, found, row, source, served)
        else:
            target = Missing(self.policy.fields(found.name), path, source if isinstance(source, Slice) else None)
        self._remember(path, target, generation)
        return target

    def _describe(self, path: str, found: Found, row: Row, source: Memory | Slice, served: Rewritten) -> Resource:
        coded = self.codings.get(served.digest) if is_coded(found.name, served.length) else ()
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

    def _remember(self, path: str, target: Target, generation: int) -> None:
        """Keep what a path has to offer for the next request, at most `MOST` of them.

        What was made at another generation of the codings may be of a row that was replaced meanwhile.
        """
        if path not in self.made and len(self.made) >= self.MOST:
            self._forget()
        self.made[path] = target
        if generation != self.codings.generation:
            self.made.pop(path, None)

    def _forget(self) -> None:
        self.made.clear()
        self.checked.clear()
        self.read_again.clear()
        self._room = self.MEMORY
        self.room_for_answers = self.MAX_ANSWERS

    def forget_answers(self) -> int:
        """Forget all answers that were remembered, and return how many bytes there is room for then."""
        for target in [*self.made.values()]:
            if isinstance(target, Resource):
                target.answers.clear()
                target.chosen.clear()
        return self.MAX_ANSWERS

    # ------------------------------------------------------------------------------------------ when a file is another

    def refresh(self, path: str) -> Resource | Missing:
        """Make anew what a path has to offer, as after a row of `codings` was filled for the first time."""
        self.made.pop(path, None)
        target = self._make(path)
        return target if isinstance(target, (Resource, Missing)) else Missing(())

    def renew(self, path: str, stamp: Stamp, digest: bytes) -> Resource | Missing:
        """Take note that the source at a path is now another, and return what the path has to offer then.

        A plain URL offers the new bytes; a fingerprinted one offers them only if they are those of its name.
        """
        found = self.lookup.find(path)
        if isinstance(found, Found) and self._sealed and digest != found.row.digest:
            source = self.source(found.mount, found.name, found.row)
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
        if current := self.made.get(resource.path) is resource:
            self._remember(resource.path, replace(resource, **changes), generation)
        return current

    def is_source(self, path: str, body: Slice) -> bool:
        """Tell whether a body that a path serves is of its source, or else was made of it and can be made again."""
        found = self.lookup.find(path)
        source = self.source(found.mount, found.name, found.row) if isinstance(found, Found) else None
        return isinstance(source, Slice) and source.path == body.path

    def encode_again(self, path: str) -> Resource | Missing:
        """Forget the coded representations of a path, as after one was lost: they are made again when asked for."""
        found = self.lookup.find(path)
        served = self.consider(found)[2] if isinstance(found, Found) else None
        if served:
            self._drop_codings(served.digest)
        return self.refresh(path)

    def add_codings(self, path: str, digest: bytes, row: tuple[Representation, ...]) -> None:
        """Take the codings that were made of what a path serves; those of its earlier state go."""
        self.codings.add(digest, row)
        before = self._coded.pop(path, digest)
        if before != digest:
            self._drop_codings(before)
        if any(isinstance(each.body, Memory) for each in row):
            self._coded[path] = digest

    def offer(self, resource: Resource, row: tuple[Representation, ...]) -> Resource | Missing:
        """Return a resource with its codings; a body that is held stays so."""
        plain = resource.representations[:1]
        self.amend(resource, representations=(*plain, *row), untried=None, negotiated=bool(row), answers={})
        target = self.made.get(resource.path)
        if isinstance(target, Resource) and target.untried is None:
            return target
        return self.refresh(resource.path)

    def drop_gone(self) -> None:
        """Drop the codings of paths that no longer exist, as in a live index."""
        for path, digest in [*self._coded.items()]:
            if not isinstance(self.lookup.find(path), Found):
                self._coded.pop(path, None)
                self._drop_codings(digest)

    def _drop_codings(self, digest: bytes) -> None:
        self.codings.drop(digest)
        self.encoder.drop(digest)

    # ------------------------------------------------------------------------------------------------- what rows serve

    def source(self, mount: Mount, name: str, row: Row) -> Memory | Slice:
        """Return the bytes of a row's file: where they are, or themselves."""
        place = mount.apart[name] if row.root == ELSEWHERE else self.roots[row.root].place(name)
        return Memory(place) if isinstance(place, bytes) else Slice(place, 0, row.stamp.size, row.stamp, self._sealed)

    def consider(self, found: Found) -> tuple[Row, Memory | Slice, Rewritten | None]:
        """Return the present state of a row, its source, and what the name serves; None if that is not to be had."""
        row = self._changed.get(found.key, found.row)
        source = self.source(found.mount, found.name, row)
        return row, source, self.serve(found, row, source)

    def serve(self, found: Found, row: Row, source: Memory | Slice) -> Rewritten | None:
        """Return what a name serves, whose source is now as `row` says; None if that is not to be had."""
        same = row.digest == found.row.digest
        rewritten = found.mount.rewritten.get(found.name) if found.fingerprinted or (found.page and same) else None
        if isinstance(rewritten, Edits):
            return self.rewriter(found.row.digest, rewritten, source if same else None)
        if rewritten is None and (same or not found.fingerprinted):
            return Rewritten(source, row.stamp.size, row.digest)
        return rewritten

    def is_other(self, key: str, packed: bytes) -> bool:
        """Tell whether a file is another by now, so that what its fingerprint names is not to be had."""
        return key in self._changed and self._changed[key].digest != Row.unpack(packed).digest


def _rewrite_nothing(*_: object) -> None:
    """Rewrite nothing, where every file serves its own bytes."""


def _date(stamp: Stamp) -> int | None:
    """The date of the source, where it is one that HTTP can write (years 1 to 9999); whole seconds.

    A date that was in the future when the file got it must not be sent (RFC 9110 §8.8.2.1). Reproducible builds give
    all files of all releases the first or second moment of 1970, which says nothing about their bytes.
    """
    seconds = stamp.mtime_ns // 1_000_000_000
    real = stamp.inode and -(2**63) < stamp.mtime_ns <= stamp.ctime_ns  # before: see `disk.stamp_of`
    real = real and seconds not in (0, 1)
    return seconds if real and -62_135_596_800 <= seconds <= 253_402_300_799 else None
