"""Applies all rules to all files of a project: what is edited, and what the user decides.

The order does not matter: every rule reads the original files, and the edits are put together at the end.
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
    """A file with its edits and decisions; `text` is the edited whole."""

    source: SourceFile
    edits: tuple[TextEdit, ...]
    decisions: tuple[Decision, ...]
    text: str


def convert(sources: Sequence[SourceFile]) -> list[Migrated]:
    """Return the files with edits or decisions; none if the project has no trace of a predecessor."""
    if not any(map(_has_trace, sources)):
        return []
    advice = list(_apply_rules(sources))
    migrated = (_put_together(source, [piece for where, piece in advice if where is source]) for source in sources)
    return [file for file in migrated if file.edits or file.decisions]


def _has_trace(source: SourceFile) -> bool:
    old = any(text.value in PATHS for text in texts(source.tree)) or any(old_apps(source))
    named = any(map(_is_old_setting, (assigned.name for assigned in assignments(source.tree))))
    return old or named or wraps(source) or any(heroku_calls(source)) or any(other_uses(source))


def _is_old_setting(name: str) -> bool:
    return name.startswith(WHITENOISE) or (
        name.startswith(ARCHMONGER) and name in BY_NAME and BY_NAME[name].ours != name
    )


def _apply_rules(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    used = {name for source in sources for name in uses(source.tree)}
    for source in sources:
        for rule in (replace_paths, unwrap, calm_heroku, other_uses):
            yield from ((source, piece) for piece in rule(source))
        yield from ((source, piece) for piece in rename_settings(source, used))
    yield from move_app(sources)
    yield from add_middleware(sources)
    yield from convert_storages(sources)


def _put_together(source: SourceFile, advice: Sequence[Advice]) -> Migrated:
    edits = [piece for piece in advice if isinstance(piece, TextEdit)]
    edits += remove_statements(source, [piece for piece in advice if isinstance(piece, Removal)])
    decisions = sorted({piece for piece in advice if isinstance(piece, Decision)})
    try:
        return Migrated(source, tuple(outermost(edits)), tuple(decisions), apply(source, edits))
    except MigrationError as error:  # the user edits this file; the others are complete
        return Migrated(source, (), (*decisions, Decision(-1, str(error))), source.text)
