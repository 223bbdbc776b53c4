"""The findings of a collection: as reports, and as exceptions with `strict`.

Loggers: `servestatic`. INFO when ready and for files that hide others; WARNING for what was left out and for broken
references; DEBUG for missing source maps and for pages among tests and docs, since packages are published so.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice, pairwise
from typing import NamedTuple

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.packages import is_aside, package_of
from servestatic.assets.references import MAX_REFERENCES
from servestatic.assets.suggest import Suggestions, spell
from servestatic.assets.tree import Broken, Tree
from servestatic.disk.read import read_file
from servestatic.errors import BrokenReference, ServeStaticError, SourceError
from servestatic.pipeline.report import MAX_LISTED, Report, visible
from servestatic.runtime.log import get_log

_log = get_log()


class Findings(NamedTuple):
    """What a collection found.

    Attributes:
        tree: the merged files, and those that they hide.
        skipped: files that were left out.
        broken: references that name no file.
        assets: what is known of the files in the tree, by URL path.
    """

    tree: Tree
    assets: Mapping[str, Asset]
    skipped: Sequence[Skipped]
    broken: Sequence[Broken]


def summarize(findings: Findings, *, strict: bool) -> list[Report]:
    """Return the findings as reports, except those that no logger takes.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only if `strict`.
    """
    broken = [reference for reference in findings.broken if not is_usual(reference, findings.tree)]
    whole = [skipped for skipped in findings.skipped if skipped.whole]
    if strict and (broken or whole):
        errors: list[ServeStaticError] = [SourceError(_describe_skipped(skipped)) for skipped in whole]
        described = describe_broken(broken, findings.tree, suggestions_in(findings.tree))
        errors += [BrokenReference(": ".join(parts)) for parts in described]
        raise ExceptionGroup("the static files have errors (strict=True)", errors)
    conflicts = [_describe_hidden(*pair) for pair in findings.tree.hidden if differ(*pair, findings)]
    return [
        *list_skipped(findings.skipped),
        *list_broken(findings.broken, findings.tree, suggestions_in(findings.tree)),
        *list_crowded(findings.assets.values()),
        *_report(logging.INFO, "static files hidden by others of the same name", conflicts, len(conflicts)),
        *list_alike(findings.tree),
    ]


def list_skipped(skipped: Sequence[Skipped]) -> list[Report]:
    """Report files that were left out."""
    return _report(logging.WARNING, "static files left out", map(_describe_skipped, skipped), len(skipped))


def list_broken(broken: Sequence[Broken], tree: Tree, suggestions: Suggestions) -> list[Report]:
    """Report references that name no file."""

    def describe(some: Sequence[Broken]) -> Iterator[str]:
        return map(": ".join, describe_broken(some, tree, suggestions))

    maps = [reference for reference in broken if is_map(reference)]
    aside = [reference for reference in broken if not is_map(reference) and is_usual(reference, tree)]
    others = [reference for reference in broken if not is_usual(reference, tree)]
    return [
        *_report(logging.WARNING, "broken references in static files, kept as they are", describe(others), len(others)),
        *_report(
            logging.DEBUG,
            "broken references in tests and docs of packages, kept as they are",
            describe(aside),
            len(aside),
        ),
        *_report(logging.DEBUG, "source maps not found", describe(maps), len(maps)),
    ]


def list_crowded(assets: Iterable[Asset]) -> list[Report]:
    """Report files with more references than are followed."""
    crowded = [asset.file.location for asset in assets if len(asset.references) > MAX_REFERENCES]
    sentences = (f"{place}: the references after the first {MAX_REFERENCES:,} stay as they are" for place in crowded)
    return _report(logging.WARNING, "static files with too many references", sentences, len(crowded))


def list_alike(tree: Tree) -> list[Report]:
    """Report files whose URL paths differ in case alone, so that a copy on macOS or Windows lacks one of them."""
    if len({path.casefold() for path in tree.files}) == len(tree.files):
        return []
    paths = sorted(tree.files, key=lambda path: (path.casefold(), path))
    alike = [pair for pair in pairwise(paths) if pair[0].casefold() == pair[1].casefold()]
    sentences = (f"{one} and {other}: macOS and Windows take them for one" for one, other in alike)
    return _report(logging.INFO, "static files whose names differ only in case", sentences, len(alike))


def _report(level: int, what: str, sentences: Iterable[str], count: int) -> list[Report]:
    wanted = count and _log.isEnabledFor(level)
    return [Report(level, what, count, [*map(visible, islice(sentences, MAX_LISTED))])] if wanted else []


def is_map(broken: Broken) -> bool:
    """Return whether a reference is to a source map, which published packages often lack."""
    return broken.reference.kind == "source map"


def is_usual(broken: Broken, tree: Tree) -> bool:
    """Return whether packages are published with such broken references, which are only worth a debug message."""
    return is_map(broken) or is_aside(tree.files[broken.base])


def _describe_skipped(skipped: Skipped) -> str:
    return f"{skipped.location}: {skipped.reason}"


def positions_in(file: File, offsets: Iterable[int]) -> Iterator[str]:
    """Yield `file:line:column` for offsets in a file, as editors count: lines and columns (in bytes) from 1.

    The offsets ascend, so the file is read once and its lines are counted once.
    """
    if not isinstance(file.content, str):
        yield from (file.location for _ in offsets)
        return
    try:
        data = read_file(file.content).data or b""
    except OSError:
        data = b""
    line, line_start, done = 1, 0, 0
    for offset in offsets:
        line += data.count(b"\n", done, offset)
        line_start = max(line_start, data.rfind(b"\n", done, offset) + 1)
        done = offset
        yield f"{file.location}:{line}:{offset - line_start + 1}"


def describe_broken(broken: Iterable[Broken], tree: Tree, suggestions: Suggestions) -> Iterator[tuple[str, str]]:
    """Yield the position of each broken reference, and what is wrong with it."""
    for base, group in groupby(broken, key=lambda reference: reference.base):
        together = [*group]
        positions = positions_in(tree.files[base], [broken.reference.start for broken in together])
        yield from zip(positions, (explain_broken(broken, tree, suggestions) for broken in together), strict=True)


def suggestions_in(tree: Tree) -> Suggestions:
    """Return suggestions for broken references: those of a file are in its own source or installed package."""
    files = tree.files
    return Suggestions(files, lambda path: _home(files[path]), lambda home: isinstance(home, str))


def _home(file: File) -> str | tuple[str]:
    """Return the folder of the installed package that a file belongs to, or its source in a tuple."""
    return package_of(file) or (file.origin,)


def explain_broken(broken: Broken, tree: Tree, suggestions: Suggestions) -> str:
    """Explain what a reference fails to name, with the nearest name that exists, written as the reference is."""
    url = broken.reference.url
    if broken.target is None:
        return f"{url!r} leads above the root"
    meant = suggestions.near(broken.target, _home(tree.files[broken.base]))
    return f"{url!r} names no file." + (f" Did you mean {spell(meant, url, broken.base)!r}?" if meant else "")


def differ(winner: File, hidden: File, findings: Findings) -> bool:
    """Return whether a hidden file differs from the one that hides it; unreadable ones count as different."""
    if winner.stamp and hidden.stamp and winner.stamp.size != hidden.stamp.size:
        return True
    try:
        asset = findings.assets.get(findings.tree.path(winner))
        digest = read_file(hidden.content).digest if isinstance(hidden.content, str) else None
        return asset is None or digest != asset.digest
    except OSError:
        return True


def _describe_hidden(winner: File, hidden: File) -> str:
    return f"{winner.name}: {winner.location} hides {hidden.location}"
