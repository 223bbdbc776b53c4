"""What to serve, and how, by default: the directories and settings that are usual for a site of its own."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from servestatic.errors import SettingError, nearest
from servestatic.http.representation import Resource
from servestatic.runtime.log import get_log
from servestatic.serving.index import Index
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, Resolved, resolve, usual_origins

# Where static files are by convention. The last three often hold other things, such as a dist of wheels, which must
# never be published: they count only if they have a page.
_FOLDERS = ("static", "public", "_site")
_FOLDERS_WITH_PAGE = ("dist", "build", "site")
# What is usual without an application, where the files are the whole site. With `root`, what is at the root of the site
# is named, and the sources are below the usual prefix.
DEFAULTS = {"prefix": "/", "index_file": "index.html", "clean_urls": True, "not_found": "404.html"}

_log = get_log()


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
    sources = find_sources(directory, settings)
    for source in sources:
        _log.info("serving %s, the first directory found; SERVESTATIC_SOURCES names others", source)
    return Configured(settings, sources)


def resolve_alone(origins: Sequence[Origin]) -> Resolved:
    """Resolve settings for a site of its own: without an application, the defaults are those of a whole site.

    Raises:
        SettingError: a setting is wrong.
    """
    resolved = resolve(*origins)
    if resolved.settings.application:
        return resolved
    without = {"prefix"} if resolved.settings.root else set()
    return resolve(*origins, defaults={name: value for name, value in DEFAULTS.items() if name not in without})


def find_sources(
    directory: Path, settings: Settings, remedy: str = "Set SERVESTATIC_SOURCES to the directories to serve"
) -> tuple[str, ...]:
    """Return the first conventional directory below `directory`; it may be missing if there are files at the root.

    Raises:
        SettingError: none exists.
    """
    at_root = {*map(os.path.realpath, settings.root)}
    chosen = [name for name in _FOLDERS if os.path.isdir(directory / name)]
    chosen += [name for name in _FOLDERS_WITH_PAGE if os.path.isfile(directory / name / "index.html")]
    chosen = [name for name in chosen if os.path.realpath(directory / name) not in at_root]
    if not (chosen or at_root):
        raise SettingError(
            f"nothing to serve: {directory.absolute()} has no directory {', '.join(_FOLDERS)}, and no"
            f" {', '.join(_FOLDERS_WITH_PAGE)} with an index.html. {remedy}"
            f"{' (here it is `.`)' if os.path.isfile(directory / 'index.html') else ''}."
        )
    return tuple(str(directory.absolute() / name) for name in chosen[:1])


def place_page(page: str, settings: Settings, index: Index) -> str:
    """Return the URL path of a page that a setting names: at the root of the site, or else below the prefix."""
    at_root = f"/{page}"
    return at_root if settings.prefix != "/" and isinstance(index.get(at_root), Resource) else settings.prefix + page


def find_missing_pages(settings: Settings, index: Index) -> Iterator[tuple[str, str]]:
    """Yield each setting whose page does not exist, with a sentence; the usual 404 page need not exist."""
    for setting in ("single_page", "not_found"):
        page = getattr(settings, setting)
        path = place_page(page, settings, index)
        if page and page != DEFAULTS.get(setting) and not isinstance(index.get(path), Resource):
            near = nearest(page.lstrip("/"), index)
            yield setting, f"there is no page {page!r} among the files.{near} Correct the setting, or add the page."
