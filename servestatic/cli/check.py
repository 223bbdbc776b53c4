"""`servestatic check`: finds problems before a release."""

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from servestatic.assets.media_types import media_type
from servestatic.assets.references import Reference, is_path, resolve
from servestatic.assets.suggest import spell
from servestatic.assets.tree import Tree
from servestatic.cli.inspection import Inspection, inspect, representations, short
from servestatic.cli.options import SettingsCommand, as_json, directories, settings_as_options
from servestatic.cli.output import amount, bar, say, say_json, size
from servestatic.disk.read import WHOLE, read_slice
from servestatic.errors import SourceError
from servestatic.http.message import Memory, Slice
from servestatic.pipeline.findings import describe_broken, differ, is_usual, positions_in, suggestions_in
from servestatic.releases import load as loading
from servestatic.releases.rows import Entry
from servestatic.standalone.conventions import find_missing_pages

LARGE = 1_000_000  # bytes as they are sent
_SAMPLE = 256 * 1024  # bytes; the rest of a file is taken to compress as well as these
_MIN_REPORTED = 10_000  # bytes; compressing a smaller file saves too little to report


class Problem(NamedTuple):
    """A problem: its kind (of `KINDS`), its position, and a sentence."""

    kind: str
    place: str
    message: str


@click.command(cls=SettingsCommand)
@directories
@click.option("--build", "out", metavar="OUT", type=click.Path(path_type=Path), help="Check a sealed build instead.")
@click.option(
    "--large",
    default=LARGE,
    metavar="BYTES",
    show_default=True,
    help="Size above which a file, as it is sent, is large.",
)
@click.option("--skip", multiple=True, metavar="KIND", help="Kind of problem to ignore; may be repeated.")
@as_json
@settings_as_options("application_interface", "build", "compress", "live", "strict")
def check(
    sources: tuple[str, ...], out: Path | None, large: int, skip: tuple[str, ...], *, as_json: bool, **settings: object
) -> None:
    """Find problems with the files. Exit with 1 if there are any, for CI.

    \b
    broken        a reference names a file that does not exist
    outside       a stylesheet's absolute reference leads out of the prefix
    conflict      a file hides another one of the same name with other bytes
    left-out      a file cannot be read, or a link leads out of the directories
    large         a file is larger than --large, as it is sent
    uncompressed  a file is sent uncompressed, though compression would save a third
    page          the setting single-page or not-found names a page that does not exist
    damaged       a file of a sealed build does not match its document
    """  # noqa: D301 - the backslash is the character that keeps click from filling these lines
    if unknown := set(skip) - {*KINDS, "damaged"}:
        expected = ", ".join((*KINDS, "damaged"))
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: expected {expected}.", param_hint="--skip")
    if out is not None:
        problems = [Problem("damaged", *line.split(": ", 1)) for line in loading.check(out)]
        count = None
    else:
        inspected = inspect(sources, settings)
        if missing := [skipped for skipped in inspected.findings.skipped if skipped.whole]:
            raise SourceError("; ".join(f"{source.location}: {source.reason}" for source in missing))
        problems = [problem for kind, find in KINDS.items() if kind not in skip for problem in find(inspected, large)]
        count = len(inspected.index)
    if as_json:
        say_json({"files": count, "problems": [problem._asdict() for problem in problems]})
    else:
        _show(problems, str(out) if count is None else amount(count, "file"))
    if problems:
        raise SystemExit(1)


def _show(problems: list[Problem], checked: str) -> None:
    kind = ""
    for problem in problems:
        if problem.kind != kind:
            kind = problem.kind
            say(f"{kind} ({sum(other.kind == kind for other in problems):,})", "bold")
        say(f"  {problem.place}: {problem.message}", indent=4)
    counts = Counter(problem.kind for problem in problems)
    found = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    say(f"{checked} checked: {found or 'nothing is wrong'}.", indent=0)


# --------------------------------------------------------------------------------------------------- the checks


def _find_broken(inspected: Inspection, _: int) -> Iterator[Problem]:
    tree = inspected.findings.tree
    broken = (reference for reference in inspected.findings.broken if not is_usual(reference, tree))
    for place, message in describe_broken(broken, tree, suggestions_in(tree)):
        yield Problem("broken", short(place), message)


def _find_outside(inspected: Inspection, _: int) -> Iterator[Problem]:
    tree = inspected.findings.tree
    suggestions = suggestions_in(tree)
    for path, asset in inspected.findings.assets.items():
        if media_type(path).essence == "text/css":
            outside = [reference for reference in asset.references if _leads_out(reference, path, tree)]
            positions = positions_in(asset.file, [reference.start for reference in outside])
            for place, reference in zip(positions, outside, strict=True):
                near = suggestions.near(f"{tree.mounts[0]}{(resolve(reference.url, path) or '/')[1:]}")
                meant = f" Did you mean {spell(near, reference.url, path)!r}?" if near else ""
                yield Problem("outside", short(place), f"{reference.url!r} leads out of {tree.mounts[0]}.{meant}")


def _leads_out(reference: Reference, base: str, tree: Tree) -> bool:
    """Return whether a reference is absolute and names a path on this host that is below no mount."""
    target = resolve(reference.url, base) if reference.url.startswith("/") and is_path(reference.url) else None
    return target is not None and not target.startswith(tuple(tree.mounts)) and reference.kind != "source map"


def _find_conflicts(inspected: Inspection, _: int) -> Iterator[Problem]:
    for winner, hidden in inspected.findings.tree.hidden:
        if differ(winner, hidden, inspected.findings):
            message = f"hides {short(hidden.location)}, which has other bytes"
            yield Problem("conflict", short(winner.location), message)


def _find_left_out(inspected: Inspection, _: int) -> Iterator[Problem]:
    return (Problem("left-out", short(skipped.location), skipped.reason) for skipped in inspected.findings.skipped)


def _find_large(inspected: Inspection, large: int) -> Iterator[Problem]:
    entries = [entry for entry in inspected.index.catalog.entries() if entry.served.length > large]
    with bar("encoding") as update:
        for done, entry in enumerate(entries):
            update(done, len(entries))
            sent = [sent_as.length for sent_as in representations(inspected.index, entry.mount + entry.public)]
            if min(sent, default=0) > large:
                yield Problem("large", _position(entry), f"{size(min(sent))} are sent")


def _find_uncompressed(inspected: Inspection, _: int) -> Iterator[Problem]:
    for entry in inspected.index.catalog.entries():
        kind = media_type(entry.name)
        if kind.compressible and entry.served.length > WHOLE:
            yield Problem("uncompressed", _position(entry), f"{size(entry.served.length)}: too large to be compressed")
        elif not kind.compressible and entry.served.length >= _MIN_REPORTED:
            share = _compress(entry)
            if share < 0.67:
                sent = f"{size(entry.served.length)} are sent uncompressed, as {kind.essence}"
                yield Problem("uncompressed", _position(entry), f"{sent}; gzip would save {min(1 - share, 0.99):.0%}")


def _compress(entry: Entry) -> float:
    """Estimate from its first bytes to which share of its length the fastest gzip compresses a file."""
    body = entry.served.body
    data = body.data[:_SAMPLE] if isinstance(body, Memory) else read_slice(body._replace(stop=min(body.stop, _SAMPLE)))
    return len(zlib.compress(data, 1)) / len(data) if data else 1.0


def _position(entry: Entry) -> str:
    return short(entry.source.path) if isinstance(entry.source, Slice) else entry.name


def _find_pages(inspected: Inspection, _: int) -> Iterator[Problem]:
    if not inspected.settings.application:  # which answers instead where no file is served
        for setting, sentence in find_missing_pages(inspected.settings, inspected.index):
            yield Problem("page", setting, sentence)


KINDS: dict[str, Callable[[Inspection, int], Iterator[Problem]]] = {
    "broken": _find_broken,
    "outside": _find_outside,
    "conflict": _find_conflicts,
    "left-out": _find_left_out,
    "large": _find_large,
    "uncompressed": _find_uncompressed,
    "page": _find_pages,
}
