"""What to serve, and how, by default: the directories and settings that are usual for a site of its own."""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from servestatic.errors import SettingError, nearest
from servestatic.http.representation import Resource
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, Resolved, resolve, usual_origins

# Where static files are by convention. The last three often hold other things, such as a dist of wheels, which must
# never be published: they count only if they have a page.
_FOLDERS = ("static", "public", "_site")
_FOLDERS_WITH_PAGE = ("dist", "build", "site")
# What is usual without an application, where the files are the whole site.
DEFAULTS = {"prefix": "/", "index_file": "index.html", "clean_urls": True, "not_found": "404.html"}

_log = logging.getLogger("servestatic")


class Configured(NamedTuple):
    """What to serve, and how: `sources` come from the settings, or are the directory that was found."""

    settings: Settings
    sources: tuple[str, ...]


def configure(directory: Path) -> Configured:
    """Return the settings and the directories to serve; by default, the first conventional one below `directory`.

    Raises:
        SettingError: a setting is wrong, or there is nothing to serve.
    """
    settings = resolve_alone(usual_origins({})).settings
    if settings.sources or settings.build:
        return Configured(settings, settings.sources)
    source = find_directory(directory)
    _log.info("serving %s, the first directory found; SERVESTATIC_SOURCES names others", source)
    return Configured(settings, (source,))


def resolve_alone(origins: Sequence[Origin]) -> Resolved:
    """Resolve settings for a site of its own: without an application, the defaults are those of a whole site.

    Raises:
        SettingError: a setting is wrong.
    """
    resolved = resolve(*origins)
    return resolved if resolved.settings.application else resolve(*origins, defaults=DEFAULTS)


def find_directory(directory: Path, remedy: str = "Set SERVESTATIC_SOURCES to the directories to serve") -> str:
    """Return the first conventional directory below `directory`.

    Raises:
        SettingError: none exists.
    """
    chosen = [name for name in _FOLDERS if os.path.isdir(directory / name)]
    chosen += [name for name in _FOLDERS_WITH_PAGE if os.path.isfile(directory / name / "index.html")]
    if not chosen:
        raise SettingError(
            f"nothing to serve: {directory.absolute()} has no directory {', '.join(_FOLDERS)}, and no"
            f" {', '.join(_FOLDERS_WITH_PAGE)} with an index.html. {remedy}"
            f"{' (here it is `.`)' if os.path.isfile(directory / 'index.html') else ''}."
        )
    return str(directory.absolute() / chosen[0])


def find_missing_pages(settings: Settings, index: Index) -> Iterator[tuple[str, str]]:
    """Yield each setting whose page does not exist, with a sentence; the usual 404 page need not exist."""
    for setting in ("single_page", "not_found"):
        page = getattr(settings, setting)
        if page and page != DEFAULTS.get(setting) and not isinstance(index.get(settings.prefix + page), Resource):
            near = nearest(page.lstrip("/"), index)
            yield setting, f"there is no page {page!r} among the files.{near} Correct the setting, or add the page."
