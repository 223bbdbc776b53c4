"""asgi.py: whose application servers take from it. It is read, and not imported: that would set Django up again."""

import ast
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from django.conf import settings

from servestatic.django.checks.check import Words
from servestatic.django.checks.order import has_middleware

_SERVERS = ("daphne", "granian", "hypercorn", "uvicorn")
_DJANGO = "django.core.asgi"


def find_django_asgi() -> Iterator[Words]:
    """Find an asgi.py with Django's own application, where the middleware answers and a server for it is installed."""
    configured = getattr(settings, "ASGI_APPLICATION", None)
    if not has_middleware() or not (configured or any(map(_find_file, _SERVERS))):
        return
    path = next(filter(None, map(_find_file, _modules(configured))), None)
    if path and _takes_django(path):
        yield {"path": path}


def _modules(configured: str | None) -> Iterator[str]:
    """Yield the names that the module may have, as ASGI_APPLICATION, WSGI_APPLICATION and the settings' package say."""
    if configured:
        yield configured.rpartition(".")[0]
    wsgi = getattr(settings, "WSGI_APPLICATION", None) or ""
    packages = [wsgi.removesuffix(".application").rpartition(".")[0]]
    parent = os.environ.get("DJANGO_SETTINGS_MODULE", "")
    while parent:
        parent = parent.rpartition(".")[0]
        packages.append(parent)
    yield from (f"{package}.asgi" for package in packages if package)


def _find_file(module: str) -> str | None:
    """Return the file of a module, of which only the packages are imported."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):  # a package is missing, or is a module
        return None
    return spec.origin if spec else None


def _takes_django(path: str) -> bool:
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return _DJANGO in imported and not any(name.partition(".")[0] == "servestatic" for name in imported)
