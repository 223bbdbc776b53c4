"""Which file does a URL path name? The rows of the mounts are a closed table: only what has a row exists.

No path is ever joined from a request.
"""

from collections.abc import Iterator
from typing import NamedTuple

from servestatic.assets.names import DIGITS, encode, logical, split_fingerprint
from servestatic.assets.policy import Policy
from servestatic.http.representation import Missing, Redirect
from servestatic.releases.rows import Mount, Row

_MAX_NAME = 4096  # bytes of a name that is looked up in any form of Unicode
_MAX_DECOMPOSED = 4  # characters that one decomposes into (UAX #15)


class Found(NamedTuple):
    """A row that a path names, and by which of its two names."""

    mount: Mount
    name: str
    row: Row
    fingerprinted: bool
    page: bool = False

    @property
    def key(self) -> str:
        """The URL path of the plain name."""
        return self.mount.prefix + self.name


class Lookup:
    """Looks paths up in the rows of some mounts, the most specific mount first."""

    def __init__(self, mounts: tuple[Mount, ...], policy: Policy) -> None:
        self._policy = policy
        self._most_specific_first = sorted(mounts, key=lambda mount: -len(mount.prefix))
        prefixes = [mount.prefix.rstrip("/") if policy.index_files else mount.prefix for mount in mounts]
        self.bounds = _bounds(prefixes)
        # How many characters a path that names a file can have, in any form of Unicode. The time to normalize grows
        # with the square of the marks out of order: 1 s for 60 KB of combining marks.
        longest = max(len(mount.prefix) + min(mount.longest, _MAX_NAME) for mount in mounts)
        self._longest = _MAX_DECOMPOSED * (longest + DIGITS + len("."))

    def find(self, path: str) -> Found | Missing | Redirect | None:
        """Find what a URL path, percent-decoded, names; None if it names no file of the tree.

        An empty path is the same as `/` (RFC 9110 §4.2.3).
        """
        path, missing = path or "/", None
        for mount in self._most_specific_first:
            if path.startswith(mount.prefix):
                found = self.find_name(mount, path[len(mount.prefix) :])
                if found is not None and not isinstance(found, Missing):
                    return found
                missing = missing or found
            elif f"{path}/" == mount.prefix and self._find_index(mount, ""):
                return self.enter(path)
        if missing is None and not path.isascii() and len(path) <= self._longest:
            composed = logical(path)
            return self.find(composed) if composed != path else None
        return missing

    def split(self, path: str) -> Iterator[tuple[Mount, str]]:
        """Yield the mounts that a URL path is below, the most specific first, with the names that it is there."""
        for mount in self._most_specific_first:
            if path.startswith(mount.prefix):
                yield mount, path[len(mount.prefix) :]

    def enter(self, path: str) -> Redirect:
        """Redirect from a path without its final slash to the same path with it."""
        return self._redirect("./", path, "/")

    def find_name(self, mount: Mount, name: str) -> Found | Missing | Redirect | None:
        """Find what a name below a mount names; no file is called what another is called with its fingerprint."""
        parts = split_fingerprint(name)
        if parts and (public := mount.public.get(name)):
            return Found(mount, name, public, fingerprinted=True)
        requested = name
        if not name or name.endswith("/"):
            name = self._find_index(mount, name) or name
        shaped = self._policy.fingerprints and parts is not None  # as a name that another release may have
        original = mount.rows.get(parts[0]) if parts and shaped and not self._policy.keeps_name(parts[0]) else None
        if parts and original and original.fingerprint == parts[1]:
            return Found(mount, parts[0], original, fingerprinted=True)
        found = self._find_plain(mount, name) or self._find_page(mount, requested)
        if not found and (earlier := mount.find_earlier(name)):
            return Found(mount, name, earlier, fingerprinted=True)
        if not found and (original or (self._is_ours(mount) and (shaped or self._policy.immutable(requested)))):
            plain = parts[0] if parts else requested
            return Missing(self._policy.fields(plain), mount.prefix + requested, named=True)
        return found

    def _is_ours(self, mount: Mount) -> bool:
        """Return whether the names below a mount are ours alone: no application answers for those at the root."""
        return self._policy.alone or mount.prefix != "/"

    def _find_plain(self, mount: Mount, name: str) -> Found | None:
        row = mount.rows.get(name)
        return Found(mount, name, row, fingerprinted=False, page=self._policy.is_page(name)) if row else None

    def _find_page(self, mount: Mount, name: str) -> Found | Redirect | None:
        """Find the page for a path without a row: `about` serves about.html, `about/` leads to it, `sub` to `sub/`."""
        bare = name.removesuffix("/")
        page = self._find_plain(mount, f"{bare}.html") if self._policy.clean_urls else None
        if page and bare != name:
            return self._redirect("../", bare, "")
        if page:
            return page
        return self._redirect("./", name, "/") if self._find_index(mount, f"{name}/") else None

    def _find_index(self, mount: Mount, folder: str) -> str:
        """Return the name of what a folder below a mount serves; empty for nothing."""
        return next((folder + name for name in self._policy.index_files if folder + name in mount.rows), "")

    def _redirect(self, before: str, path: str, after: str) -> Redirect:
        """Redirect to the last segment of a path: a relative location fits any prefix and host (§10.2.2)."""
        page = next(iter(self._policy.index_files), ".html")
        location = f"{before}{encode(path.rpartition('/')[2])}{after}"
        return Redirect(location, self._policy.freshness(page, fingerprinted=False), self._policy.fields(page))


def _bounds(prefixes: list[str]) -> tuple[str, str]:
    """Return two strings between which every path below a prefix sorts: comparing is faster than startswith."""
    if not all(prefix and prefix.isascii() for prefix in prefixes):
        return "", "\U0010ffff"  # everything: "/" without its slash, or a prefix that paths may spell in two ways
    return min(prefixes), max(prefix[:-1] + chr(ord(prefix[-1]) + 1) for prefix in prefixes)
