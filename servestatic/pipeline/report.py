"""What a collection found, said once: log lines for people, and exceptions where `strict` asks for them.

Loggers: `servestatic`. INFO when ready and for files that hide others; WARNING for what was left out and for broken
references; DEBUG for source maps that do not exist and for pages aside, as packages are published so.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from servestatic.assets.asset import Asset
from servestatic.assets.file import File, Skipped
from servestatic.assets.packages import is_aside, package_of
from servestatic.assets.references import MAX_REFERENCES
from servestatic.assets.suggest import Suggestions, spell
from servestatic.assets.tree import Broken, Tree
from servestatic.disk.read import read_file
from servestatic.errors import BrokenReference, ServeStaticError, SourceError

MOST = 20  # findings of a kind that are told one by one

# Control characters in the name of a file must not make lines of a log, and what is not UTF-8 can be in none.
_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

_log = logging.getLogger("servestatic")


class Findings(NamedTuple):
    """What people may want to know.

    Attributes:
        tree: what was merged, and what is hidden by it.
        skipped: what was left out.
        broken: references that name no file.
        assets: what is known of the files in the tree, by URL path.
    """

    tree: Tree
    assets: Mapping[str, Asset]
    skipped: Sequence[Skipped]
    broken: Sequence[Broken]


class Told(NamedTuple):
    """Findings of one kind, as one log line: how many there are, and sentences on the first of them."""

    level: int
    what: str
    total: int
    sentences: list[str]


def summarize(findings: Findings, *, strict: bool) -> list[Told]:
    """Say what was found, as far as somebody reads it.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only if `strict`.
    """
    broken = [each for each in findings.broken if not is_usual(each, findings.tree)]
    if strict and (broken or any(each.whole for each in findings.skipped)):
        errors: list[ServeStaticError] = [SourceError(_say_left_out(each)) for each in findings.skipped if each.whole]
        described = describe_broken(broken, findings.tree, suggestions_in(findings.tree))
        errors += [BrokenReference(": ".join(each)) for each in described]
        raise ExceptionGroup("the static files are not as strict=True wants them", errors)
    conflicts = [_say_hidden(*pair) for pair in findings.tree.hidden if differ(*pair, findings)]
    return [
        *list_skipped(findings.skipped),
        *list_broken(findings.broken, findings.tree, suggestions_in(findings.tree)),
        *list_crowded(findings.assets.values()),
        *_say(logging.INFO, "static files hidden by others of the same name", conflicts, len(conflicts)),
    ]


def list_skipped(skipped: Sequence[Skipped]) -> list[Told]:
    """List what sources left out."""
    return _say(logging.WARNING, "static files left out", map(_say_left_out, skipped), len(skipped))


def list_broken(broken: Sequence[Broken], tree: Tree, suggestions: Suggestions) -> list[Told]:
    """List references that name no file."""

    def describe(some: Sequence[Broken]) -> Iterator[str]:
        return map(": ".join, describe_broken(some, tree, suggestions))

    maps = [each for each in broken if is_map(each)]
    aside = [each for each in broken if not is_map(each) and is_usual(each, tree)]
    others = [each for each in broken if not is_usual(each, tree)]
    return [
        *_say(logging.WARNING, "broken references in static files, kept as they are", describe(others), len(others)),
        *_say(
            logging.DEBUG,
            "broken references in tests and docs of packages, kept as they are",
            describe(aside),
            len(aside),
        ),
        *_say(logging.DEBUG, "source maps not found", describe(maps), len(maps)),
    ]


def list_crowded(assets: Iterable[Asset]) -> list[Told]:
    """List files with more references than are followed."""
    crowded = [asset.file.location for asset in assets if len(asset.references) > MAX_REFERENCES]
    told = (f"{place}: the references after the first {MAX_REFERENCES:,} stay as they are" for place in crowded)
    return _say(logging.WARNING, "static files with too many references", told, len(crowded))


def _say(level: int, what: str, sentences: Iterable[str], count: int) -> list[Told]:
    read = count and _log.isEnabledFor(level)
    return [Told(level, what, count, [visible(each) for each in islice(sentences, MOST)])] if read else []


def tell(told: Iterable[Told]) -> None:
    """Log what was found."""
    for level, what, total, sentences in told:
        more = [f"and {total - len(sentences)} more"] if total > len(sentences) else []
        _log.log(level, "%s (%d):%s", what, total, "".join(f"\n  {sentence}" for sentence in (*sentences, *more)))


def is_map(broken: Broken) -> bool:
    """Packages are published without the source maps that they name."""
    return broken.reference.kind == "source map"


def is_usual(broken: Broken, tree: Tree) -> bool:
    """Return whether packages are published with such broken references: they are only worth a debug message."""
    return is_map(broken) or is_aside(tree.files[broken.base])


def visible(text: str) -> str:
    """Write control characters, and what is not UTF-8, as escapes."""
    return text.translate(_VISIBLE).encode("utf-8", "backslashreplace").decode()


def _say_left_out(skipped: Skipped) -> str:
    return f"{skipped.location}: {skipped.reason}"


def places_in(file: File, offsets: Iterable[int]) -> Iterator[str]:
    """Write `file:line:column` of each offset in a file, as editors count: lines and columns (in bytes) from 1.

    The offsets ascend: the file is read once, and its lines are counted once.
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
    """Yield the place of each broken reference, and what it fails to name."""
    for base, group in groupby(broken, key=lambda each: each.base):
        together = [*group]
        places = places_in(tree.files[base], [each.reference.start for each in together])
        yield from zip(places, (say_broken(each, tree, suggestions) for each in together), strict=True)


def suggestions_in(tree: Tree) -> Suggestions:
    """Make the suggestions for broken references: files of one source, or of one installed package, mean each other."""
    files = tree.files
    return Suggestions(files, lambda path: _home(files[path]), lambda home: isinstance(home, str))


def _home(file: File) -> str | tuple[str]:
    """Return the folder of the installed package that a file belongs to, or its source in a tuple."""
    return package_of(file) or (file.origin,)


def say_broken(broken: Broken, tree: Tree, suggestions: Suggestions) -> str:
    """Say what a reference fails to name, with the nearest name that exists, written as the reference is."""
    url = broken.reference.url
    if broken.target is None:
        return f"{url!r} leads above the root"
    meant = suggestions.near(broken.target, _home(tree.files[broken.base]))
    return f"{url!r} names no file." + (f" Did you mean {spell(meant, url, broken.base)!r}?" if meant else "")


def differ(winner: File, hidden: File, findings: Findings) -> bool:
    """Tell whether a hidden file has other bytes than the one that hides it; unreadable ones count as different."""
    if winner.stamp and hidden.stamp and winner.stamp.size != hidden.stamp.size:
        return True
    try:
        asset = findings.assets.get(findings.tree.path(winner))
        digest = read_file(hidden.content).digest if isinstance(hidden.content, str) else None
        return asset is None or digest != asset.digest
    except OSError:
        return True


def _say_hidden(winner: File, hidden: File) -> str:
    return f"{winner.name}: {winner.location} hides {hidden.location}"
