"""Finds the files that a module name, a file or a folder stands for, without importing anything."""

import ast
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from servestatic.migration.source import MigrationError, SourceFile, read

# Only files with one of these words are parsed, which most files of a project are not.
_WORDS = re.compile(
    rb"whitenoise|servestatic|django_(?:on_)?heroku|\bMIDDLEWARE\b|INSTALLED_APPS|STATICFILES_STORAGE|\bSTORAGES\b",
    re.IGNORECASE,
)
_SKIPPED = {"node_modules", "site-packages", "migrations", "__pycache__"}
_MAX_FILES = 20_000  # in a folder: one with more is a home directory rather than a project
REQUIREMENTS = ("requirements*.txt", "requirements/*.txt", "pyproject.toml", "Pipfile", "setup.cfg", "environment.yml")
_REQUIREMENT = re.compile(r"""[\s"'-]*(whitenoise|servestatic|django[-_](?:on[-_])?heroku)(?![\w.-])""", re.IGNORECASE)


class Project(NamedTuple):
    """The files that were read, those that others build on first, and why others could not be read."""

    sources: list[SourceFile]
    problems: list[str]


def find(target: str, roots: Sequence[Path]) -> Project:
    """Read the files that a module name, a path of a file or a folder stands for, with those that belong to them.

    A settings file comes with the modules that it imports with `*`, and with wsgi.py and asgi.py beside it or above.

    Raises:
        MigrationError: the file does not exist, or is not Python 3.
    """
    path = Path(target).absolute()
    if not path.exists():
        path = find_module(target, roots).absolute()
    if path.is_dir():
        return _read_all(path for path in _walk(path) if _WORDS.search(path.read_bytes()))
    sources = list(_follow_stars(path, roots))
    known = {source.path for source in sources}
    beside = [folder / name for folder in (path.parent, path.parent.parent) for name in ("wsgi.py", "asgi.py")]
    more = _read_all(path for path in beside if path.is_file() and path not in known)
    return Project(sources + more.sources, more.problems)


def _read_all(paths: Iterable[Path]) -> Project:
    project = Project([], [])
    for path in paths:
        try:
            project.sources.append(read(path))
        except MigrationError as error:
            project.problems.append(str(error))
    return project


def find_module(name: str, roots: Iterable[Path]) -> Path:
    """Return the file of a module, or the folder of a package.

    Raises:
        MigrationError: none of the roots has it.
    """
    for root in roots:
        for path in _module_files(root, name.split(".")):
            return path.parent if path.name == "__init__.py" else path
    places = ", ".join(str(root) for root in roots)
    raise MigrationError(f"{name}: no such file, folder or module below {places}. Name the settings file by its path.")


def _module_files(root: Path, parts: Sequence[str]) -> Iterator[Path]:
    module = root.joinpath(*parts)
    yield from (path for path in (module.with_name(f"{module.name}.py"), module / "__init__.py") if path.is_file())


def _follow_stars(path: Path, roots: Sequence[Path]) -> Iterator[SourceFile]:
    """Return a file and the modules that it imports with `*`, those that others build on first."""
    known: dict[Path, SourceFile] = {}
    waiting = [path]
    while waiting:
        path = waiting.pop()
        if path not in known:
            source = known[path] = read(path)
            waiting += _stars(source, roots)
    return reversed(known.values())


def _stars(source: SourceFile, roots: Sequence[Path]) -> Iterator[Path]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            above = source.path.parents[node.level - 1 : node.level] if node.level else roots
            for root in above:
                if node.module:
                    yield from (path.absolute() for path in _module_files(root, node.module.split(".")))


def _walk(folder: Path) -> Iterator[Path]:
    waiting, seen = [folder], 0
    while waiting:
        here = waiting.pop()
        for path in sorted(here.iterdir()):
            seen += 1
            if seen > _MAX_FILES:
                raise MigrationError(f"{folder} has more than {_MAX_FILES} files. Name the folder of the project.")
            if path.is_dir() and not path.is_symlink() and _is_of_project(path):
                waiting.append(path)
            elif path.suffix == ".py" and path.is_file():
                yield path


def _is_of_project(folder: Path) -> bool:
    return folder.name not in _SKIPPED and folder.name[0] != "." and not (folder / "pyvenv.cfg").exists()


def requirements(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield the lines that install a predecessor: path, line number, name."""
    for pattern in REQUIREMENTS:
        for path in sorted(folder.glob(pattern)):
            for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
                if found := _REQUIREMENT.match(line):
                    yield path, number, found[1]


def usual_roots() -> list[Path]:
    """Return the folders to find modules in: the working directory, its `src`, and PYTHONPATH; never site-packages."""
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return [Path(), Path("src"), *map(Path, given)]
