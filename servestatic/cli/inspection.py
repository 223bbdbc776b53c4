"""What the commands that inspect files need: the index, and what its collection found."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from servestatic.assets.coding import NAMES
from servestatic.assets.tree import Tree
from servestatic.cli.options import read_given
from servestatic.disk.read import read_blob, read_file
from servestatic.errors import SourceError
from servestatic.factory import build, examine
from servestatic.http.message import Blob, Request, Slice
from servestatic.http.representation import Representation, Resource
from servestatic.pipeline.findings import Findings
from servestatic.serving.deliver import answer
from servestatic.serving.index import Index
from servestatic.settings.model import Settings

_CODINGS = ", ".join((*NAMES, "identity;q=0.001"))


@dataclass(frozen=True)
class Inspection:
    """An index, and what its collection found; for a sealed build, which does not keep that, nothing."""

    settings: Settings
    sources: tuple[str, ...]
    index: Index
    findings: Findings


def inspect(sources: tuple[str, ...], values: Mapping[str, object], *, others: bool = False) -> Inspection:
    """Collect the files that a command inspects; with `others`, answers have deltas from other releases.

    Raises:
        SettingError: a setting is wrong, or no directory is named or found.
        SourceError: the directories are empty.
    """
    settings, sources, _ = read_given(sources, values)
    if settings.build:
        findings = Findings(Tree({}, [], [settings.prefix]), {}, [], [])
        return Inspection(settings, (settings.build,), build((), settings._replace(compress="build")), findings)
    index, findings = examine(sources, settings, others=others)
    sources = (*sources, *settings.root)
    check_not_empty(index, sources)
    return Inspection(settings, sources, index, findings)


def check_not_empty(index: Index, sources: tuple[str, ...]) -> None:
    """Refuse an index without files.

    Raises:
        SourceError: the index is empty.
    """
    if not len(index):
        names = ", ".join(map(repr, sources))
        raise SourceError(f"there is no file to serve in {names}. Names that begin with a dot do not count.")


def representations(index: Index, url_path: str) -> tuple[Representation, ...]:
    """Return the representations of a URL path, identity first; missing codings are made fast, as on request."""
    target = index.get(url_path)
    if target is None:
        return ()
    _, file = answer(index.resources, target, Request("GET", {"accept-encoding": _CODINGS}))
    if file:
        file.close()
    target = index.get(url_path)
    return target.representations if isinstance(target, Resource) else ()


def read_served(served: Blob) -> bytes | None:
    """Return the bytes of a file as it is served; None if they are unavailable.

    A build does not know the stamps of its files, so their digest alone is compared.
    """
    body = served.body
    data = read_blob(body, served.digest)
    if data is None and isinstance(body, Slice) and body.fixed:
        with suppress(OSError):
            reading = read_file(body.path)
            return reading.data if reading.digest == served.digest else None
    return data


def short(path: str) -> str:
    """Return a path relative to the working directory if it is below."""
    here = os.path.join(os.path.abspath("."), "")
    return path.removeprefix(here) or "."
