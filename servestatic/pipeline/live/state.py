"""What files are now: the rows of an index, made on demand and kept while nothing has changed.

A look-up compares the file with the disk, those that its references reach, and the same names in earlier sources.
Nothing else is touched: in a tree of ten thousand files that costs a few `stat`.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.assets.tree import Broken, Tree
from servestatic.disk.read import find_stamp
from servestatic.pipeline.findings import list_broken, list_crowded, list_skipped, suggestions_in
from servestatic.pipeline.live.comparisons import MANY, Comparisons, KnownFile
from servestatic.pipeline.live.listing import LiveTree
from servestatic.pipeline.locator import Locator
from servestatic.pipeline.read import read
from servestatic.pipeline.report import log
from servestatic.pipeline.rewrite import pack_edits
from servestatic.pipeline.steps import link_assets, name_assets, note_needs
from servestatic.releases.identity import ID_DIGITS
from servestatic.releases.rows import Details, Mount, Row
from servestatic.sources.directory import Directory

_LONGEST = 1024  # bytes of a name that may come
_TRIES = 5  # comparisons of files that change meanwhile


class LiveFiles:
    """Sources, and what is known of their files.

    Attributes:
        mounts: by URL path; their rows are made on demand.
        within: where links may lead from a path; see `Locator`.
        roots: of the sources.
    """

    def __init__(self, sources: Sequence[Iterable[File | Skipped]], prefix: str, policy: Policy) -> None:
        """List the sources, and read nothing yet."""
        self._lock = threading.RLock()
        self._sources = sources
        self._prefix = prefix
        self._policy = policy
        self._live = LiveTree(sources, prefix)
        self._known: dict[str, KnownFile] = {}
        self._linked: dict[str, tuple[Asset, list[Broken]]] = {}
        self._named: dict[str, Asset] = {}
        self._rows: dict[str, Row] = {}
        self._comparisons = Comparisons()
        self._suggestions = suggestions_in(self.tree)
        self._logged: set[object] = set()
        self._locator = Locator(sources, policy)
        self.roots, self.within = self._locator.roots, self._locator.within
        at = [source.at for source in sources if isinstance(source, Directory) and source.at is not None]
        paths = (prefix, *at, *self.tree.mounts)
        self._details = {path: Details({}, {}, {}) for path in paths}
        self.mounts = {
            path: Mount(path, LiveRows(self, path), *details, longest=_LONGEST)
            for path, details in self._details.items()
        }
        self._log_skipped()

    @property
    def tree(self) -> Tree:
        """The tree as of the last update."""
        return self._live.tree

    def rescan(self) -> bool:
        """List all sources from scratch, while requests go on; return whether that changed the tree."""
        live = LiveTree(self._sources, self._prefix)
        with self._lock:
            changed = live.tree.files != self.tree.files
            self._live = live
            if changed:
                self._forget_links()
        return changed

    def row(self, prefix: str, name: str) -> Row | None:
        """Return the row of a file as it is now, and update its mount; None if it does not exist."""
        path = prefix + name
        with self._lock:
            for _ in range(_TRIES):
                if not self.tree.has(prefix, path) and not (self._update() and self.tree.has(prefix, path)):
                    return None
                if reached := self._compare(path):
                    return self._make(self._details[prefix], path, reached)
        return None

    def identify(self) -> str:
        """Return an id of the files as they are now: another whenever one of them has another stamp."""
        with self._lock:
            self._update()
            contents = ((path, file.content) for path, file in self.tree.files.items())
            stamps = ((path, find_stamp(of) if isinstance(of, str) else of) for path, of in contents)
            return hashlib.sha256(repr([*stamps]).encode("utf-8", "surrogateescape")).hexdigest()[:ID_DIGITS]

    # --------------------------------------------------------------------------------------------- listing

    def _update(self) -> bool:
        changed = self._live.update()
        if changed:
            self._forget_links()
        return changed

    def _forget_links(self) -> None:
        self._suggestions = suggestions_in(self.tree)
        self._linked.clear()
        self._forget_names()
        self._log_skipped()

    def _forget_names(self) -> None:
        self._named.clear()
        self._rows.clear()
        self._comparisons.forget_whole()

    def _log_skipped(self) -> None:
        log(list_skipped([skipped for skipped in self._live.skipped if skipped not in self._logged]))
        self._logged.update(self._live.skipped)

    # ------------------------------------------------------------------------------------------- comparing

    def _compare(self, path: str) -> list[str] | None:
        """Compare a file and all that its references reach with the disk; None if the tree has changed meanwhile."""
        if path in self._named and self._is_still_whole(path):
            return [path]
        started = time.monotonic()
        reached = {path: None}
        todo = [path]
        while todo:
            current = todo.pop()
            if len(reached) <= MANY or current not in self._known or not self._comparisons.is_recent(current):
                if not self._bring_up_to_date(current):
                    return None
                self._comparisons.note(current)
            asset, broken = self._link(current)
            if any(map(self._has_appeared, broken)) and self._update():
                return None
            todo += (link.target for link in asset.links if link.target not in reached)
            reached.update(dict.fromkeys(link.target for link in asset.links))
        self._comparisons.note_whole(reached, started)
        return [*reached]

    def _is_still_whole(self, path: str) -> bool:
        """Compare only the file itself, if all that it reaches was compared a moment ago."""
        return self._comparisons.is_whole(path) and self._bring_up_to_date(path) and self._comparisons.is_whole(path)

    def _bring_up_to_date(self, path: str) -> bool:
        """Read a file if it has changed; False if the tree has changed."""
        file, known = self.tree.files[path], self._known.get(path)
        stamp = None
        if isinstance(file.content, str):
            if any(map(os.path.lexists, self._live.candidates(path, before=file))) and self._update():
                return False
            stamp = find_stamp(file.content)
            if stamp is None and (self._update() or self.rescan()):
                return False
        if known and known.is_of(file, stamp):
            return True
        if self._update():  # a link may have taken its place: the source decides whether it may lead there
            return False
        at = time.time_ns()
        try:
            found = read(file, self.within)
        except OSError as error:
            self._live.leave_out(file, error.strerror or str(error))
            self._forget_links()
            return False
        self._known[path] = KnownFile(found, at)
        if known is None or not known.is_same(found):
            self._linked.pop(path, None)
            self._forget_names()
        return True

    def _has_appeared(self, broken: Broken) -> bool:
        return broken.target is not None and any(map(os.path.lexists, self._live.candidates(broken.target)))

    def _link(self, path: str) -> tuple[Asset, list[Broken]]:
        if path not in self._linked:
            linked, broken = link_assets(self.tree, {path: self._known[path].asset}, self._policy)
            news = [reference for reference in broken if (reference.base, reference.reference.url) not in self._logged]
            self._logged.update((reference.base, reference.reference.url) for reference in news)
            log(list_broken(news, self.tree, self._suggestions))
            if path not in self._logged and (crowded := list_crowded(linked.values())):
                self._logged.add(path)
                log(crowded)
            self._linked[path] = linked[path], broken
        return self._linked[path]

    # ---------------------------------------------------------------------------------------------- rows

    def _make(self, details: Details, path: str, reached: list[str]) -> Row:
        """Make the row of a file, given all paths that its references reach."""
        if path not in self._rows:
            if path not in self._named:
                self._named |= name_assets(
                    self.tree, {other: self._linked[other][0] for other in reached}, self._policy
                )
            asset = self._named[path]
            for table in (details.rewritten, details.apart):
                table.pop(asset.file.name, None)
            if asset.edits:
                details.rewritten[asset.file.name] = pack_edits(asset.edits)
            note_needs(self.tree, path, asset, details)
            self._rows[path] = self._locator.make_row(asset, details)
        return self._rows[path]


class LiveRows(Mapping[str, Row]):
    """The rows of one mount by logical path, brought up to date at each look-up."""

    def __init__(self, files: LiveFiles, prefix: str) -> None:
        self._files = files
        self._prefix = prefix

    def __getitem__(self, name: str) -> Row:
        row = self._files.row(self._prefix, name)
        if row is None:
            raise KeyError(name)
        return row

    def __iter__(self) -> Iterator[str]:
        tree = self._files.tree
        return iter([file.name for file in tree.files.values() if tree.mount(file) == self._prefix])

    def __len__(self) -> int:
        return sum(1 for _ in self)
