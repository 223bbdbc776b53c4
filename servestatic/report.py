"""What a collection found, said once: log lines for people, and exceptions where `strict` asks for them.

Loggers: `servestatic`. INFO when ready and for files that hide others; WARNING for what was left out and for broken
references; DEBUG for source maps that are not there, as packages are published so.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from servestatic.assets.file import File, Skipped
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
    """What people may want to know: `digests` are those of the files in the tree, by URL path."""

    tree: Tree
    skipped: Sequence[Skipped]
    broken: Sequence[Broken]
    digests: Mapping[str, bytes]


def report(index: Index, findings: Findings, *, seconds: float, strict: bool) -> None:
    """Log what was found.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only if `strict`.
    """
    maps = [each for each in findings.broken if each.reference.kind == "source map"]
    broken = [each for each in findings.broken if each.reference.kind != "source map"]
    sentences = [_describe(each, findings.tree) for each in broken[: None if strict else MOST]]
    if strict and (broken or any(each.whole for each in findings.skipped)):
        errors: list[ServeStaticError] = [SourceError(_say(each)) for each in findings.skipped if each.whole]
        errors += [BrokenReference(sentence) for sentence in sentences]
        raise ExceptionGroup("the static files are not as strict=True wants them", errors)
    _tell(logging.WARNING, "static files left out", map(_say, findings.skipped), len(findings.skipped))
    _tell(logging.WARNING, "broken references in static files, kept as they are", sentences, len(broken))
    _tell(logging.DEBUG, "source maps not found", (_describe(each, findings.tree) for each in maps), len(maps))
    conflicts = [_say_hidden(*pair) for pair in findings.tree.hidden if _differ(*pair, findings)]
    _tell(logging.INFO, "static files hidden by others of the same name", conflicts, len(conflicts))
    report_ready(index, seconds=seconds)


def report_ready(index: Index, *, seconds: float) -> None:
    """Log the one line that says that files are served from now on."""
    _log.log(logging.INFO if len(index) else logging.WARNING, "%d static files ready in %.2f s", len(index), seconds)


def _tell(level: int, what: str, sentences: Iterable[str], count: int) -> None:
    if count and _log.isEnabledFor(level):
        told = [sentence.translate(_VISIBLE) for sentence in islice(sentences, MOST)]
        more = [f"and {count - len(told)} more"] if count > len(told) else []
        _log.log(level, "%s (%d):%s", what, count, "".join(f"\n  {sentence}" for sentence in (*told, *more)))


def _say(skipped: Skipped) -> str:
    return f"{skipped.place}: {skipped.reason}"


def _describe(broken: Broken, tree: Tree) -> str:
    """Write `file:line:column: 'reference' …` with the nearest name that exists."""
    file, reference = tree.files[broken.base], broken.reference
    place = file.place
    if isinstance(file.content, str):
        try:
            data = read_file(file.content).data or b""
        except OSError:
            data = b""
        line, column = line_and_column(data, reference.start)
        place = f"{place}:{line}:{column}"
    if broken.target is None:
        return f"{place}: {reference.url!r} leads above the root"
    return f"{place}: {reference.url!r} names no file.{_suggest(broken.target, tree)}"


def _suggest(path: str, tree: Tree) -> str:
    """Name the file that is probably meant: in the same folder with a name like it, or of the same name elsewhere."""
    folder, _, name = path.rpartition("/")
    for each in tree.files:
        if each.endswith(f"/{name}"):
            return f" Did you mean {each!r}?"
    suffix = extension(name)
    alike = [each for each in tree.files if each.rpartition("/")[0] == folder and extension(each) == suffix]
    return nearest(path, alike)


def _differ(winner: File, hidden: File, findings: Findings) -> bool:
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
