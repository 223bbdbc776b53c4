"""The texts of a project before and after its edits: from the disk, from git, or from the edits that are due."""

import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from servestatic.migration.convert import Migrated
from servestatic.migration.source import MigrationError, SourceFile

# In a dotted path or an import; comments may tell of another one.
_PREDECESSOR = re.compile(r"""(?:["']|\b(?:from|import)\s+)(whitenoise|servestatic|django_(?:on_)?heroku)\b""")


class Texts(NamedTuple):
    """What to read instead of the files on disk, by path."""

    old: Mapping[Path, str]
    new: Mapping[Path, str]
    package: str


def find_texts(sources: Sequence[SourceFile], migrated: Sequence[Migrated], since: str) -> Texts:
    """Return the texts on disk and the edited ones; if nothing is to be edited, those of a commit and those on disk.

    Args:
        sources: the files of the project.
        migrated: those with edits or decisions.
        since: the commit; empty for the last one, and only where nothing is left to edit.

    Raises:
        MigrationError: neither the files nor the commit have a predecessor.
    """
    edits = {file.source.path: file.text for file in migrated if file.edits}
    if edits and not since:
        return Texts({}, edits, _find_package(file.source.text for file in migrated))
    commit = since or "HEAD"
    committed = {source.path: _read_committed(source, commit) for source in sources}
    old = {source.path: text for source in sources if (text := committed[source.path]) not in (None, source.text)}
    if not old:
        raise MigrationError(
            f"There is nothing to compare: no file names a predecessor, and none differs from {commit} in git."
            " Name the last commit with the old settings: --since COMMIT."
        )
    return Texts(old, edits, _find_package(old.values()))


def _find_package(texts: Iterable[str]) -> str:
    """Return the package that serves by the old settings; empty for Django's own storages."""
    named = {found[1] for text in texts for found in _PREDECESSOR.finditer(text)}
    if "servestatic" in named and len(named) == 1:
        return "servestatic"
    return "whitenoise" if named else ""


def _read_committed(source: SourceFile, commit: str) -> str | None:
    """Return the text of a file in a commit; None if that has no such file."""
    line = ["git", "show", "--end-of-options", f"{commit}:./{source.path.name}"]
    try:
        done = subprocess.run(  # noqa: S603 - reads a file of the project
            line, cwd=source.path.parent, capture_output=True, check=False
        )
    except OSError as error:
        raise MigrationError(f"git cannot be run ({error}), and the files on disk name no predecessor.") from error
    return done.stdout.decode(source.encoding) if done.returncode == 0 else None
