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
from servestatic.assets.links import Broken, line_and_column
from servestatic.assets.merge import Tree
from servestatic.assets.references import extension
from servestatic.disk import read_file
from servestatic.errors import BrokenReference, ServeStaticError, SourceError, nearest

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
        digests: of the files in the tree, by URL path.
        links: references that name a file which has a fingerprinted name, by URL path.
    """

    tree: Tree
    skipped: Sequence[Skipped]
    broken: Sequence[Broken]
    digests: Mapping[str, bytes]
    links: Mapping[str, Sequence[Link]]


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
    broken = [each for each in findings.broken if not is_map(each)]
    if strict and (broken or any(each.whole for each in findings.skipped)):
        errors: list[ServeStaticError] = [SourceError(_say_left_out(each)) for each in findings.skipped if each.whole]
        errors += [BrokenReference(_describe(each, findings.tree)) for each in broken]
        raise ExceptionGroup("the static files are not as strict=True wants them", errors)
    conflicts = [_say_hidden(*pair) for pair in findings.tree.hidden if differ(*pair, findings)]
    return [
        *list_skipped(findings.skipped),
        *list_broken(findings.broken, findings.tree),
        *_say(logging.INFO, "static files hidden by others of the same name", conflicts, len(conflicts)),
    ]


def list_skipped(skipped: Sequence[Skipped]) -> list[Told]:
    """List what sources left out."""
    return _say(logging.WARNING, "static files left out", map(_say_left_out, skipped), len(skipped))


def list_broken(broken: Sequence[Broken], tree: Tree) -> list[Told]:
    """List references that name no file."""
    maps, others = [each for each in broken if is_map(each)], [each for each in broken if not is_map(each)]
    told = (_describe(each, tree) for each in others)
    return [
        *_say(logging.WARNING, "broken references in static files, kept as they are", told, len(others)),
        *_say(logging.DEBUG, "source maps not found", (_describe(each, tree) for each in maps), len(maps)),
    ]


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


def visible(text: str) -> str:
    """Write control characters, and what is not UTF-8, as escapes."""
    return text.translate(_VISIBLE).encode("utf-8", "backslashreplace").decode()


def _say_left_out(skipped: Skipped) -> str:
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
