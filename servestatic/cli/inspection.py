"""What the commands that look at files, and serve nothing, need of them: the index, and what was found on the way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from os import path

from servestatic.assets.coding import NAMES
from servestatic.assets.tree import Tree
from servestatic.cli.options import read_given
from servestatic.errors import SourceError
from servestatic.factory import build, examine
from servestatic.http.message import Request
from servestatic.http.representation import Representation, Resource
from servestatic.pipeline.report import Findings
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.settings.model import Settings

_CODINGS = ", ".join((*NAMES, "identity;q=0.001"))


@dataclass(frozen=True)
class Inspection:
    """An index, and what was found; nothing of that for a sealed build, which has forgotten it."""

    settings: Settings
    sources: tuple[str, ...]
    index: Index
    findings: Findings


def inspect(sources: tuple[str, ...], values: Mapping[str, object]) -> Inspection:
    """Collect what a command is to look at.

    Raises:
        SettingError: a setting is wrong, or there is nothing to look at.
        SourceError: the directories are empty.
    """
    settings, sources, _ = read_given(sources, values)
    if settings.build:
        findings = Findings(Tree({}, [], [settings.prefix]), {}, [], [])
        return Inspection(settings, (settings.build,), build((), replace(settings, compress="build")), findings)
    index, findings = examine(sources, settings)
    check_not_empty(index, sources)
    return Inspection(settings, sources, index, findings)


def check_not_empty(index: Index, sources: tuple[str, ...]) -> None:
    """Refuse to go on with nothing.

    Raises:
        SourceError: the index has no file.
    """
    if not len(index):
        names = ", ".join(map(repr, sources))
        raise SourceError(f"there is no file to serve in {names}. Names that begin with a dot do not count.")


def representations(index: Index, url_path: str) -> tuple[Representation, ...]:
    """Return what a URL path is sent as, identity first; codings that nobody made yet are made fast, as on request."""
    target = index.get(url_path)
    if target is None:
        return ()
    _, file = answer(index.resources, target, Request("GET", {"accept-encoding": _CODINGS}))
    if file:
        file.close()
    target = index.get(url_path)
    return target.representations if isinstance(target, Resource) else ()


def short(place: str) -> str:
    """Write a path as people do who stand in the working directory."""
    here = path.join(path.abspath("."), "")
    return place.removeprefix(here) or "."
