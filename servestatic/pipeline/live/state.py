"""What files are by now: the rows of an index, made when they are asked for and as long as nothing has changed.

Asked for a file, it compares with the disk that file, those that its references reach, and the same names in earlier
sources. Nothing else is touched: in a tree of ten thousand files that costs a few `stat`.
"""

import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.policy import Policy
from servestatic.assets.tree import Broken, Tree
from servestatic.pipeline.live.comparisons import MANY, Comparisons, Seen
from servestatic.pipeline.live.listing import FollowedTree, look_at
from servestatic.pipeline.read import read
from servestatic.pipeline.report import list_broken, list_crowded, list_skipped, suggestions_in, tell
from servestatic.pipeline.rewrite import pack_edits
from servestatic.pipeline.steps import Locator, link_assets, name_assets, note_needs
from servestatic.releases.rows import Mount
from servestatic.sources.directory import Directory

_TRIES = 5  # looks at files that change while they are looked at


class Following:
    """Sources, and what is known of their files.

    Attributes:
        mounts: by URL path, with rows that are made when they are asked for.
        within: where links may lead from a path; see `Locator`.
        roots: of the sources.
    """

    def __init__(self, sources: Sequence[Iterable[File | Skipped]], prefix: str, policy: Policy) -> None:
        """List the sources, and read nothing yet."""
        self._lock = threading.RLock()
        self._sources = sources
        self._prefix = prefix
        self._policy = policy
        self._followed = FollowedTree(sources, prefix)
        self._seen: dict[str, Seen] = {}
        self._linked: dict[str, tuple[Asset, list[Broken]]] = {}
        self._named: dict[str, Asset] = {}
        self._rows: dict[str, bytes] = {}
        self._comparisons = Comparisons()
        self._suggestions = suggestions_in(self.tree)
        self._told: set[object] = set()
        self._locator = Locator(sources)
        self.roots, self.within = self._locator.roots, self._locator.within
        at = [each.at for each in sources if isinstance(each, Directory) and each.at is not None]
        self.mounts = {each: Mount(each, Rows(self, each), {}, {}, {}, {}) for each in (prefix, *at, *self.tree.mounts)}
        self._tell_skipped()

    @property
    def tree(self) -> Tree:
        """The tree as of the last look."""
        return self._followed.tree

    def rescan(self) -> None:
        """List all sources from nothing, while requests go on; what is older than a look is looked at again."""
        followed = FollowedTree(self._sources, self._prefix)
        with self._lock:
            changed = followed.tree.files != self.tree.files
            self._followed = followed
            if changed:
                self._forget_links()

    def row(self, prefix: str, name: str) -> bytes | None:
        """Return the packed row of a file as it is now, and see to what its mount has of it; None if there is none."""
        path = prefix + name
        with self._lock:
            for _ in range(_TRIES):
                if path not in self.tree.files and not (self._look() and path in self.tree.files):
                    return None
                if reached := self._compare(path):
                    return self._make(self.mounts[prefix], path, reached)
        return None

    # --------------------------------------------------------------------------------------------- looking

    def _look(self) -> bool:
        changed = self._followed.look()
        if changed:
            self._forget_links()
        return changed

    def _look_everywhere(self) -> bool:
        files = self.tree.files
        self.rescan()
        return self.tree.files != files

    def _forget_links(self) -> None:
        self._suggestions = suggestions_in(self.tree)
        self._linked.clear()
        self._forget_names()
        self._tell_skipped()

    def _forget_names(self) -> None:
        self._named.clear()
        self._rows.clear()
        self._comparisons.forget_whole()

    def _tell_skipped(self) -> None:
        tell(list_skipped([each for each in self._followed.skipped if each not in self._told]))
        self._told.update(self._followed.skipped)

    # ------------------------------------------------------------------------------------------- comparing

    def _compare(self, path: str) -> list[str] | None:
        """Compare a file and all that its references reach with the disk; None if the tree turned out to be another."""
        if path in self._named and self._is_still_whole(path):
            return [path]
        started = time.monotonic()
        reached = {path: None}
        todo = [path]
        while todo:
            each = todo.pop()
            if len(reached) <= MANY or each not in self._seen or not self._comparisons.is_recent(each):
                if not self._bring_up_to_date(each):
                    return None
                self._comparisons.note(each)
            asset, broken = self._link(each)
            if any(map(self._has_appeared, broken)) and self._look():
                return None
            todo += (link.target for link in asset.links if link.target not in reached)
            reached.update(dict.fromkeys(link.target for link in asset.links))
        self._comparisons.note_whole(reached, started)
        return [*reached]

    def _is_still_whole(self, path: str) -> bool:
        """Compare only the file itself, if all that it reaches was compared a moment ago."""
        return self._comparisons.is_whole(path) and self._bring_up_to_date(path) and self._comparisons.is_whole(path)

    def _bring_up_to_date(self, path: str) -> bool:
        """Read a file if it is another than the one that is known; False if the tree is another."""
        file, seen = self.tree.files[path], self._seen.get(path)
        stamp = None
        if isinstance(file.content, str):
            if any(map(os.path.lexists, self._followed.places(path, before=file))) and self._look():
                return False
            stamp = look_at(file.content)
            if stamp is None and (self._look() or self._look_everywhere()):
                return False
        if seen and seen.is_of(file, stamp):
            return True
        if self._look():  # a link may have taken its place, and where it leads is for the source to say
            return False
        at = time.time_ns()
        try:
            found = read(file, self.within)
        except OSError as error:
            self._followed.leave_out(file, error.strerror or str(error))
            self._forget_links()
            return False
        self._seen[path] = Seen(found, at)
        if seen is None or not seen.is_same(found):
            self._linked.pop(path, None)
            self._forget_names()
        return True

    def _has_appeared(self, broken: Broken) -> bool:
        return broken.target is not None and any(map(os.path.lexists, self._followed.places(broken.target)))

    def _link(self, path: str) -> tuple[Asset, list[Broken]]:
        if path not in self._linked:
            linked, broken = link_assets(self.tree, {path: self._seen[path].asset}, self._policy)
            news = [each for each in broken if (each.base, each.reference.url) not in self._told]
            self._told.update((each.base, each.reference.url) for each in news)
            tell(list_broken(news, self.tree, self._suggestions))
            if path not in self._told and (crowded := list_crowded(linked.values())):
                self._told.add(path)
                tell(crowded)
            self._linked[path] = linked[path], broken
        return self._linked[path]

    # ---------------------------------------------------------------------------------------------- making

    def _make(self, mount: Mount, path: str, reached: list[str]) -> bytes:
        """Make the row of a file, of those that its references reach."""
        if path not in self._rows:
            if path not in self._named:
                self._named |= name_assets(self.tree, {each: self._linked[each][0] for each in reached}, self._policy)
            asset = self._named[path]
            for table in (mount.rewritten, mount.apart):
                table.pop(asset.file.name, None)
            if asset.edits:
                mount.rewritten[asset.file.name] = pack_edits(asset.edits)
            note_needs(self.tree, path, asset, mount)
            self._rows[path] = self._locator.make_row(asset, mount).pack()
        return self._rows[path]


class Rows(Mapping[str, bytes]):
    """The rows of one mount, by logical path, each as it is when it is asked for."""

    def __init__(self, following: Following, prefix: str) -> None:
        self._following = following
        self._prefix = prefix

    def __getitem__(self, name: str) -> bytes:
        row = self._following.row(self._prefix, name)
        if row is None:
            raise KeyError(name)
        return row

    def __iter__(self) -> Iterator[str]:
        tree = self._following.tree
        return iter([file.name for file in tree.files.values() if tree.mount(file) == self._prefix])

    def __len__(self) -> int:
        return sum(1 for _ in self)
