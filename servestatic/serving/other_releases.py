"""What other releases have of a catalog's names, and what was kept of this one."""

from typing import TYPE_CHECKING

from servestatic.http.message import Blob
from servestatic.http.representation import Missing
from servestatic.releases.catalog import Catalog
from servestatic.releases.lookup import Found
from servestatic.releases.statistics import Statistics

if TYPE_CHECKING:
    from servestatic.releases.history import History


class OtherReleases:
    """Looks names of a catalog up in a history; None stands for one without releases."""

    def __init__(self, catalog: Catalog, history: "History | None") -> None:
        self._catalog = catalog
        self._history = history

    @property
    def statistics(self) -> Statistics:
        """What was looked for so far."""
        return self._history.statistics if self._history else Statistics()

    def may_have(self, missing: Missing) -> bool:
        """Return whether another release may have what is missing here: then `seek` it. Reads nothing."""
        history = self._history
        if history is None or not missing.named:
            return False
        return not all(history.is_absent(mount.prefix, name) for mount, name in self._catalog.split(missing.path))

    def seek(self, path: str) -> tuple[Found, Blob] | None:
        """Find a fingerprinted name, and the bytes that it serves; reads disk and network."""
        history = self._history
        if history is None:
            return None
        for mount, name in self._catalog.split(path):
            kept = history.find(mount.prefix, name)
            served = history.fetch(kept) if kept else None
            if kept and served:
                return Found(mount, name, kept.row, fingerprinted=True), served
        return None

    def recall(self, file: Found) -> Blob | None:
        """Return the bytes of a public name whose source has changed, if they were kept; reads disk and network."""
        missing = Missing((), file.mount.prefix + self._catalog.public_name(file), named=True)
        sought = self.seek(missing.path) if file.fingerprinted and self.may_have(missing) else None
        return sought[1] if sought else None

    def keep(self, file: Found) -> bool:
        """Return whether a public name goes on serving its bytes although its source has changed."""
        release, public = self._catalog.identify(), self._catalog.public_name(file)
        return self._history is not None and self._history.keeps(release, file.mount.prefix, public)
