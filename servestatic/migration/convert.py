"""All rules over all files of a project: what is edited, and what a person has to decide.

The order does not matter: every rule looks at the files as they are, and edits are put together at the end.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from servestatic.migration.dotted_paths import add_middleware, move_app, old_apps, replace_paths
from servestatic.migration.edits import remove_statements
from servestatic.migration.predecessors import ARCHMONGER, BY_NAME, PATHS, WHITENOISE
from servestatic.migration.rename import rename_settings
from servestatic.migration.scan import assignments, texts, uses
from servestatic.migration.source import (
    Advice,
    Decision,
    MigrationError,
    Removal,
    SourceFile,
    TextEdit,
    apply,
    outermost,
)
from servestatic.migration.storages import convert_storages
from servestatic.migration.wrappers import calm_heroku, heroku_calls, other_uses, unwrap, wraps


class Migrated(NamedTuple):
    """What becomes of a file; `text` is the whole of it, edited."""

    source: SourceFile
    edits: tuple[TextEdit, ...]
    decisions: tuple[Decision, ...]
    text: str


def convert(sources: Sequence[SourceFile]) -> list[Migrated]:
    """Return the files in which something is to be done; none if there is no trace of a predecessor."""
    if not any(map(_has_trace, sources)):
        return []
    found = list(_find(sources))
    migrated = (_put_together(source, [each for where, each in found if where is source]) for source in sources)
    return [each for each in migrated if each.edits or each.decisions]


def _has_trace(source: SourceFile) -> bool:
    old = any(each.value in PATHS for each in texts(source.tree)) or any(old_apps(source))
    named = any(map(_is_old_setting, (each.name for each in assignments(source.tree))))
    return old or named or wraps(source) or any(heroku_calls(source)) or any(other_uses(source))


def _is_old_setting(name: str) -> bool:
    return name.startswith(WHITENOISE) or (
        name.startswith(ARCHMONGER) and name in BY_NAME and BY_NAME[name].ours != name
    )


def _find(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    used = {name for source in sources for name in uses(source.tree)}
    for source in sources:
        for rule in (replace_paths, unwrap, calm_heroku, other_uses):
            yield from ((source, finding) for finding in rule(source))
        yield from ((source, finding) for finding in rename_settings(source, used))
    yield from move_app(sources)
    yield from add_middleware(sources)
    yield from convert_storages(sources)


def _put_together(source: SourceFile, findings: Sequence[Advice]) -> Migrated:
    edits = [each for each in findings if isinstance(each, TextEdit)]
    edits += remove_statements(source, [each for each in findings if isinstance(each, Removal)])
    decisions = sorted({each for each in findings if isinstance(each, Decision)})
    try:
        return Migrated(source, tuple(outermost(edits)), tuple(decisions), apply(source, edits))
    except MigrationError as error:  # a person edits this file; the others are as they should be
        return Migrated(source, (), (*decisions, Decision(-1, str(error))), source.text)
