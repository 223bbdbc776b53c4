"""What a report shows if it is asked for: what a page loads, and what a deploy costs."""

from servestatic.cli.report import graph
from servestatic.cli.report.comparison import Change, Comparison, Why
from servestatic.cli.report.data import Report
from servestatic.cli.report.page import ROUND_TRIP, Page
from servestatic.cli.report.pieces import bar, facts, fold, fold_rows, name, rows, text
from servestatic.cli.report.words import amount, bytes_of, percent

_MAX_PARENTS = 3  # files of which a list says that they name another
_WHY: dict[Why, str] = {
    "changed": "changed",
    "references": "only its references changed",
    "added": "new",
    "removed": "removed",
}


# ---------------------------------------------------------------------------------------------------------------- page


def find_page(report: Report) -> list[Page]:
    """Return the page, if one was named."""
    return [report.page] if report.page else []


def explain_page(report: Report) -> str:
    """Return what the picture shows."""
    [page] = find_page(report)
    return f"{name(page.name)}, and what it needs. A round is a round trip to the server, {ROUND_TRIP} ms on slow 4G."


def draw_page(report: Report) -> str:
    """Return the figures of a page, its graph, and how it loads faster."""
    [page] = find_page(report)
    files = {file.path: file for file in report.files}
    now, then = (rounds * ROUND_TRIP for rounds in (page.rounds, page.rounds - page.saved))
    figures = [
        ("downloads", bytes_of(page.sent), f"of {bytes_of(page.size)}" if page.sent < page.size else ""),
        ("files", f"{len(page.files) - 1:,}", ""),
        ("rounds after the page", f"{page.rounds}", ""),
        ("until the last file is requested", f"{now} ms", ""),
    ]
    figures += [("with preload links", f"{then} ms", f"{now - then} ms sooner")] if page.saved else []
    label = "Graph of what the page loads"
    drawn = f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{graph.draw(page, files)}</div>'
    return facts(figures) + drawn + _say_preload(page) + fold("The same as a list", _list_loaded(page))


def _list_loaded(page: Page) -> str:
    items = []
    for file, sent in zip(page.files[1:], page.weights[1:], strict=True):
        named_by = ", ".join(name(page.files[number].path) for number in file.parents[:_MAX_PARENTS])
        beside = f"<small>round {file.round}, named by {named_by}</small>"
        items.append(f"<li>{name(file.path)}<b>{bytes_of(sent)}</b>{beside}</li>")
    return rows(items)


def _say_preload(page: Page) -> str:
    if not page.saved:
        return ""
    sheets = [entry for entry in page.entries if entry.endswith(".css")]
    modules = [entry for entry in page.entries if entry not in sheets]
    tags = [_write_tag(tag, entries) for tag, entries in (("modulepreload", modules), ("preload", sheets)) if entries]
    said = f"{amount(page.saved, 'round')} of files {'is' if page.saved == 1 else 'are'} found late."
    return (
        f'<div class="hint">{said} These tags of servestatic, for Django and Jinja, write links that request all of'
        f" them at once:<pre>{text(chr(10).join(tags))}</pre></div>"
    )


def _write_tag(tag: str, entries: list[str]) -> str:
    names = " ".join(f'"{entry}"' for entry in entries)
    return f"{{% {tag} {names} %}}"


# ------------------------------------------------------------------------------------------------------------- release


def find_comparison(report: Report) -> list[Comparison]:
    """Return the comparison with another release, if one was named."""
    return [report.comparison] if report.comparison else []


def explain_comparison(report: Report) -> str:
    """Return between which releases, and what that costs."""
    [comparison] = find_comparison(report)
    again = bytes_of(comparison.again + comparison.total("added")) if comparison.changes else "nothing"
    releases = f"<code>{text(comparison.before)}</code> to <code>{text(comparison.after)}</code>"
    return f"From release {releases}: a visitor who has all files of the first downloads {again}."


def draw_comparison(report: Report) -> str:
    """Return the figures of a deploy, and what changed."""
    [comparison] = find_comparison(report)
    again, new = comparison.again, comparison.total("added")
    whole = comparison.kept_bytes + again + new
    cascade = sum(change.why == "references" for change in comparison.changes)
    figures = [
        ("downloaded again", bytes_of(again), percent(again, whole)),
        ("new", bytes_of(new), ""),
        ("stays in caches", bytes_of(comparison.kept_bytes), amount(comparison.kept, "file")),
        ("changed only by what they refer to", f"{cascade:,}", bytes_of(comparison.total("references"))),
    ]
    if comparison.again_as_deltas < again:
        figures.insert(1, ("as deltas", bytes_of(comparison.again_as_deltas), "if the browser takes them"))
    drawn = bar("split", [("again", again), ("new", new), ("kept", comparison.kept_bytes)], whole)
    return facts(figures) + drawn + fold_rows([*map(_describe, comparison.changes)], "changes")


def _describe(change: Change) -> str:
    was = f"was {bytes_of(change.before)}" if change.before else ""
    delta = f", {bytes_of(change.delta)} as a delta" if change.delta < change.after else ""
    weight = bytes_of(change.after) if change.after else "–"
    what = f'{name(change.path)} <span class="tag {change.why}">{_WHY[change.why]}</span>'
    return f"<li><span>{what}</span><b>{weight}</b><small>{was}{delta}</small></li>"
