"""Which settings module of which folder a command means: a module, a file, or a folder with manage.py."""

import ast
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from servestatic.migration.find import find_module
from servestatic.migration.source import MigrationError, read

_VARIABLE = "DJANGO_SETTINGS_MODULE"


class Django(NamedTuple):
    """A Django project: the folder that its modules are imported from, and its settings module."""

    root: Path
    settings: str


def locate(target: str, roots: Sequence[Path]) -> Django:
    """Return the Django project of a settings module, of a settings file, or of a folder.

    Raises:
        MigrationError: a folder has no manage.py that names settings.
    """
    path = Path(target).absolute()
    if path.is_dir():
        return _locate_in(path)
    if path.exists():
        return _name_module(path)
    return Django(find_module(target, roots).absolute().parents[target.count(".")], target)


def _name_module(path: Path) -> Django:
    """Return the module of a file, below the folder with manage.py, or below the first that is not a package."""
    root = next((folder for folder in path.parents if (folder / "manage.py").is_file()), None)
    root = root or next(folder for folder in path.parents if not (folder / "__init__.py").exists())
    parts = path.relative_to(root).with_suffix("").parts
    return Django(root, ".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def _locate_in(folder: Path) -> Django:
    below = sorted(child for child in folder.iterdir() if child.is_dir())
    manage = [place / "manage.py" for place in (folder, *below, *folder.parents) if (place / "manage.py").is_file()]
    named = os.environ.get(_VARIABLE) or next((name for path in manage[:1] for name in _settings_in(path)), "")
    if not named:
        wanted = f"Name the settings module in place of the folder, or set {_VARIABLE}."
        raise MigrationError(f"{folder}: no manage.py that names the settings of Django. {wanted}")
    return Django(manage[0].parent if manage else folder, named)


def _settings_in(manage: Path) -> Iterator[str]:
    """Yield the constants of `os.environ.setdefault("DJANGO_SETTINGS_MODULE", …)`."""
    for node in ast.walk(read(manage).tree):
        match node:
            case ast.Call(args=[ast.Constant(value=name), ast.Constant(value=str(module))]) if name == _VARIABLE:
                yield module
