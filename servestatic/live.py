"""live: like collect, an index that follows its sources."""

from servestatic.assets.index import Index
from servestatic.collector import Source, collect


def live(*sources: Source, **settings: object) -> Index:
    """Collect static files into an index that follows its sources: as `collect`, for development.

    A file that is changed, new or gone is so at the next request, and fingerprints with it. Answers are `no-cache`.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or there is no source.
    """
    return collect(*sources, **settings, live=True)
