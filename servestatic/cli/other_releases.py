"""Which release of the place has a name that the current one does not."""

from typing import Any, NamedTuple

from servestatic.cli.inspection import Inspection
from servestatic.pipeline.expand import expand
from servestatic.releases.known import KnownReleases
from servestatic.releases.place import Place, open_place, open_store_place
from servestatic.releases.versions import Kept
from servestatic.settings.model import Settings
from servestatic.store import open_store


class Elsewhere(NamedTuple):
    """The place that was searched, and what was found there; sentences that say what came of it."""

    place: str
    kept: Kept | None
    why: list[str]

    def as_json(self) -> dict[str, Any] | None:
        """Return the document of what was found; None if nothing was."""
        if self.kept is None:
            return None
        release, path, row = self.kept
        return {"release": release, "place": self.place, "path": path, "bytes": row.stamp.size}


def search(inspected: Inspection, path: str) -> Elsewhere:
    """Search the releases of the place for a content-named URL path, percent-decoded.

    Raises:
        SettingError: the place needs a package that is not installed.
    """
    place = _open(inspected.settings, inspected.sources)
    if place is None:
        return Elsewhere("", None, [])
    known = KnownReleases(place, None, inspected.index.prefix)
    try:
        known.update()
    except OSError as error:
        return Elsewhere(place.name, None, [f"{place.name} cannot be reached: {error.strerror or error}"])
    names = ((mount.prefix, name) for mount, name in inspected.index.catalog.split(path))
    kept = next(filter(None, (known.find(*name) for name in names)), None)
    if kept is None:
        return Elsewhere(place.name, None, [f"no release in {place.name} has it"])
    return Elsewhere(place.name, kept, [f"release {kept.release} in {place.name} has it"])


def _open(settings: Settings, sources: tuple[str, ...]) -> Place | None:
    """Open the place that a server with these settings uses; None if it keeps no releases."""
    if settings.build or settings.releases == "none" or not settings.fingerprints:
        return None
    if settings.releases:
        return open_place(settings.releases)
    store = open_store(settings.store)
    return open_store_place(store, map(str, expand(sources, settings))) if store else None
