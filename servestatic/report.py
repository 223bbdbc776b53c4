"""What a collection found, said once: log lines for people, and exceptions where `strict` asks for them.

Loggers: `servestatic`. INFO when ready and for files that hide others; WARNING for what was left out and for broken
references; DEBUG for source maps that are not there, as packages are published so.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from servestatic.assets.file import File, Skipped
from servestatic.assets.fingerprint import Link
from servestatic.assets.index import Index
from servestatic.assets.links import Broken, line_and_column
from servestatic.assets.merge import Tree
from servestatic.assets.references import extension
from servestatic.disk import read_file
from servestatic.errors import BrokenReference, ServeStaticError, SourceError, nearest

MOST = 20  # findings of a kind that are told one by one

# Control characters in the name of a file must not make lines of a log.
_VISIBLE = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

_log = logging.getLogger("servestatic")


class Findings(NamedTuple):
    """What people may want to know.

    Attributes:
        tree: what was merged, and what is hidden by it.
        skipped: what was left out.
        broken: references that name no file.
        digests: of the files in the tree, by URL path.
        links: references that name a file which has a fingerprinted name, by URL path.
    """

    tree: Tree
    skipped: Sequence[Skipped]
    broken: Sequence[Broken]
    digests: Mapping[str, bytes]
    links: Mapping[str, Sequence[Link]]


def report(index: Index, findings: Findings, *, seconds: float, strict: bool) -> None:
    """Log what was found.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only if `strict`.
    """
    broken = [each for each in findings.broken if not is_map(each)]
    if strict and (broken or any(each.whole for each in findings.skipped)):
        errors: list[ServeStaticError] = [SourceError(_say(each)) for each in findings.skipped if each.whole]
        errors += [BrokenReference(_describe(each, findings.tree)) for each in broken]
        raise ExceptionGroup("the static files are not as strict=True wants them", errors)
    report_skipped(findings.skipped)
    report_broken(findings.broken, findings.tree)
    conflicts = [_say_hidden(*pair) for pair in findings.tree.hidden if differ(*pair, findings)]
    _tell(logging.INFO, "static files hidden by others of the same name", conflicts, len(conflicts))
    report_ready(index, seconds=seconds)


def report_skipped(skipped: Sequence[Skipped]) -> None:
    """Log what sources left out."""
    _tell(logging.WARNING, "static files left out", map(_say, skipped), len(skipped))


def report_broken(broken: Sequence[Broken], tree: Tree) -> None:
    """Log references that name no file."""
    maps, others = [each for each in broken if is_map(each)], [each for each in broken if not is_map(each)]
    told = (_describe(each, tree) for each in others)
    _tell(logging.WARNING, "broken references in static files, kept as they are", told, len(others))
    _tell(logging.DEBUG, "source maps not found", (_describe(each, tree) for each in maps), len(maps))


def is_map(broken: Broken) -> bool:
    """Packages are published without the source maps that they name."""
    return broken.reference.kind == "source map"


def report_ready(index: Index, *, seconds: float) -> None:
    """Log the one line that says that files are served from now on."""
    _log.log(logging.INFO if len(index) else logging.WARNING, "%d static files ready in %.2f s", len(index), seconds)


def _tell(level: int, what: str, sentences: Iterable[str], count: int) -> None:
    if count and _log.isEnabledFor(level):
        told = [visible(sentence) for sentence in islice(sentences, MOST)]
        more = [f"and {count - len(told)} more"] if count > len(told) else []
        _log.log(level, "%s (%d):%s", what, count, "".join(f"\n  {sentence}" for sentence in (*told, *more)))


def visible(text: str) -> str:
    """Write control characters as escapes."""
    return text.translate(_VISIBLE)


def _say(skipped: Skipped) -> str:
    return f"{skipped.place}: {skipped.reason}"


def _describe(broken: Broken, tree: Tree) -> str:
    return f"{place_in(tree.files[broken.base], broken.reference.start)}: {say_broken(broken, tree)}"


def place_in(file: File, offset: int) -> str:
    """Write `file:line:column` of an offset in a file, as far as it can be read."""
    if not isinstance(file.content, str):
        return file.place
    try:
        data = read_file(file.content).data or b""
    except OSError:
        data = b""
    line, column = line_and_column(data, offset)
    return f"{file.place}:{line}:{column}"


def say_broken(broken: Broken, tree: Tree) -> str:
    """Say what a reference fails to name, with the nearest name that exists."""
    if broken.target is None:
        return f"{broken.reference.url!r} leads above the root"
    return f"{broken.reference.url!r} names no file.{_suggest(broken.target, tree)}"


def _suggest(path: str, tree: Tree) -> str:
    """Name the file that is probably meant: in the same folder with a name like it, or of the same name elsewhere."""
    folder, _, name = path.rpartition("/")
    for each in tree.files:
        if each.endswith(f"/{name}"):
            return f" Did you mean {each!r}?"
    suffix = extension(name)
    beside = [each for each in tree.files if each.rpartition("/")[0] == folder]
    return nearest(path, (each for each in beside if extension(each) == suffix)) or nearest(path, beside)


def differ(winner: File, hidden: File, findings: Findings) -> bool:
    """Tell whether a hidden file has other bytes than the one that hides it; unreadable ones count as different."""
    if winner.stamp and hidden.stamp and winner.stamp.size != hidden.stamp.size:
        return True
    try:
        return not isinstance(hidden.content, str) or read_file(hidden.content).digest != findings.digests.get(
            findings.tree.path(winner)
        )
    except OSError:
        return True


def _say_hidden(winner: File, hidden: File) -> str:
    return f"{winner.name}: {winner.place} hides {hidden.place}"
