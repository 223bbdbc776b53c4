"""Opening an index: of a sealed build, live, or collected, as the settings want.

What serves a build needs nothing of what reads, rewrites and compresses files, so that is not imported for it.
"""

import logging
import time
from collections.abc import Iterable

from servestatic.errors import SettingError
from servestatic.serving.index import Index
from servestatic.serving.integrity import Hasher
from servestatic.settings.model import Settings, policy_of, resolve, usual_origins
from servestatic.sources.source import Source

_log = logging.getLogger("servestatic")


def collect(*sources: Source, **settings: object) -> Index:
    """Collect static files into an index that serves them.

    Args:
        sources: directories, or `Directory`, `Package`, or any iterable of `File`; the first that has a name wins.
            None: those of the setting `sources`.
        settings: see `servestatic.settings.model.Settings`; what is not given comes from the environment, then from the
            pyproject.toml of the working directory.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or there is no source.
        SourceError: a directory does not exist; see `Directory.missing_ok`.
        TypeError: something else than a source was passed.
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    resolved = resolve(*usual_origins(settings)).settings
    if not (sources or resolved.sources or resolved.build):
        raise SettingError("no source to collect from: pass a directory, or set SERVESTATIC_SOURCES.")
    return build(sources or resolved.sources, resolved)


def live(*sources: Source, **settings: object) -> Index:
    """Collect static files into an index that follows its sources: as `collect`, for development.

    A file that is changed, new or gone is so at the next request, and fingerprints with it. Answers are `no-cache`.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or there is no source.
    """
    return collect(*sources, **settings, live=True)


def open_index(given: Index | Source) -> Index:
    """Return an index as it is, and collect whatever else was given in place of one.

    Raises:
        TypeError: it is neither an index nor a source.
        ServeStaticError: as `collect`.
    """
    return given if isinstance(given, Index) else collect(given)


def check_sources(sources: Iterable[Source], settings: Settings) -> None:
    """Check at the start what is collected later.

    Raises:
        SourceError: a directory does not exist, and may not be missing.
        TypeError: something is not a source.
    """
    from servestatic.pipeline.collector import check_directories, expand

    expanded = expand(sources, settings)
    if not settings.live:
        check_directories(expanded)


def build(sources: Iterable[Source], settings: Settings, *, revalidate: bool = False) -> Index:
    """Make the index that the settings, which are resolved, want.

    `revalidate` makes every answer `no-cache`, as a live index does in any case.
    """
    policy = policy_of(settings, revalidate=revalidate or settings.live)
    started = time.monotonic()
    if settings.build:
        from servestatic.releases.load import load

        index = load(settings.build, policy, settings.prefix)
    else:
        from servestatic.pipeline.collector import gather

        index = gather(sources, settings, policy)
    if not settings.live:
        took = time.monotonic() - started
        _log.log(logging.INFO if len(index) else logging.WARNING, "%d static files ready in %.2f s", len(index), took)
    index.hasher = Hasher().hash
    return index
