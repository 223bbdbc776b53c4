"""What `servestatic build --dry-run` shows."""

from collections.abc import Mapping

from servestatic.cli.output import TableColumn, say, say_json, say_table
from servestatic.releases.foresee import Foreseen


def show_foreseen(out: str, foreseen: Foreseen, *, as_json: bool) -> None:
    """Show what would be done to OUT."""
    release, new, fields, same, removable = foreseen
    if as_json:
        say_json({"out": out, "dry_run": True, **foreseen._asdict(), "removable": removable._asdict()})
        return
    rows = [_count("new", new), _count("headers changed", fields), _count("same", same)]
    rows.append(["removable", f"{removable.files:,}", f"{removable.size:,}"])
    columns = [TableColumn(""), TableColumn("files", right=True), TableColumn("bytes", right=True)]
    say_table(columns, rows)
    say(f"{out}: release {release}, nothing was written.", indent=0)


def _count(name: str, files: Mapping[str, int]) -> list[str]:
    return [name, f"{len(files):,}", f"{sum(files.values()):,}"]
