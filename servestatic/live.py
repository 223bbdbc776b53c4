"""live: like collect, an index that follows its sources."""

from collections.abc import Iterable

from servestatic.assets.index import Index
from servestatic.collector import Source, build, collect
from servestatic.settings import Settings


def live(*sources: Source, **settings: object) -> Index:
    """Collect static files into an index that follows its sources: as `collect`, for development.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or there is no source.
    """
    return collect(*sources, **settings)


def open_index(sources: Iterable[Source], settings: Settings, *, revalidate: bool = False) -> Index:
    """Make the index that the settings want, which are resolved: live, sealed or collected."""
    return build(sources, settings, revalidate=revalidate)
