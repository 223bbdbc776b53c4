"""The picture in docs/explanation/architecture.md is true: who imports whom, read from the source."""

import ast
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

import servestatic

PACKAGE = Path(servestatic.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# What a module may import of the package, by the first part of its path that has a row: layers, the lowest first.
HTTP = {"http", "errors"}
ASSETS = HTTP | {"assets"}
READS = ASSETS | {"trust", "disk", "sources", "settings"}
COLLECTS = READS | {"store", "recall", "background", "sealed", "report", "reading"}
COLLECTS |= {"rewriting", "settling", "stages", "following", "collector", "integrity", "bundles", "snapshot", "opening"}
SERVES = HTTP | {"assets", "trust", "disk", "chunks", "answers", "encoding", "deliver", "news", "parallel"}
ENTRANCE = {"interfaces", "opening", "sources"}  # what an adapter is given is checked, and collected
MAY_IMPORT = {
    "errors": set(),
    "http": {"http"},
    "assets": ASSETS,
    "trust": set(),
    "temporary": set(),
    "disk": {"http", "temporary", "trust"},
    "news": set(),
    "parallel": {"news"},
    "sources": ASSETS | {"trust", "disk", "sources"},
    "conversion": HTTP,
    "settings": ASSETS | {"trust", "conversion"},
    "store": {"http", "disk", "store"},
    "recall": ASSETS | {"disk", "store"},
    "settling": ASSETS | {"disk", "parallel", "store"},
    "background": ASSETS | {"settling", "store", "news", "parallel"},
    "rewriting": ASSETS | {"disk", "store"},
    "sealed": ASSETS | {"trust", "temporary", "disk", "news", "parallel", "sealed", "store"},
    "reading": ASSETS | {"trust", "disk", "recall"},
    "integrity": ASSETS | {"disk"},
    "bundles": ASSETS | {"disk", "sources"},
    "markup": ASSETS,
    "stages": ASSETS | {"trust", "disk", "sources", "reading", "rewriting"},
    "report": ASSETS | {"disk"},
    "collector": COLLECTS,
    "following": ASSETS | {"disk", "sources", "reading", "stages", "report", "following", "news", "parallel"},
    "snapshot": ASSETS | {"disk", "report", "settings", "sources", "store"},
    "opening": COLLECTS,
    "interfaces": set(),
    "chunks": {"http", "disk", "parallel"},
    "answers": ASSETS | {"disk"},
    "encoding": ASSETS | {"disk"},
    "deliver": SERVES,
    "wsgi": SERVES | ENTRANCE,
    "asgi": SERVES | ENTRANCE,
    "rsgi": SERVES | ENTRANCE,
    "conventions": ASSETS | {"settings"},
    "fallback": SERVES | {"asgi", "wsgi"},
    "standalone": COLLECTS | SERVES | {"asgi", "wsgi", "rsgi", "fallback", "conventions", "interfaces"},
    "migration": ASSETS | {"migration"},
    "django": COLLECTS | SERVES | {"asgi", "wsgi", "django", "markup", "migration"},
    "cli": COLLECTS
    | SERVES
    | {"asgi", "wsgi", "conversion", "fallback", "conventions", "standalone", "cli", "migration"},
    "frameworks": ASSETS | {"settings"},
    "starlette": COLLECTS | SERVES | {"asgi", "frameworks"},
    "litestar": COLLECTS | SERVES | {"asgi", "frameworks"},
    "flask": COLLECTS | SERVES | {"wsgi", "frameworks"},
    "quart": COLLECTS | SERVES | {"asgi", "flask"},
    "apps": set(),
    "jinja": ASSETS | {"frameworks", "markup"},
    "__main__": {"cli"},
    "__init__": COLLECTS | {"standalone", "asgi", "rsgi"},
}
STANDARD = sys.stdlib_module_names | {"annotationlib"}  # which Python has from 3.14 on
# Third parties, by the only places that may know them.
THIRD_PARTIES = {
    "brotli": {"assets/codings.py"},
    "watchfiles": {"following/rescans.py"},
    "starlette": {"starlette.py"},
    "a2wsgi": {"standalone.py"},
    "click": {"cli/"},
    "uvicorn": {"cli/"},
    "rich": {"cli/"},
    "django": {"django/", "apps.py"},
    "asgiref": {"django/"},
    "flask": {"flask.py"},
    "werkzeug": {"flask.py", "quart.py"},
    "quart": {"quart.py"},
    "litestar": {"litestar.py"},
    "jinja2": {"jinja.py"},
    "markupsafe": {"jinja.py"},
}
IMPURE = {
    "os",
    "io",
    "pathlib",
    "threading",
    "asyncio",
    "logging",
    "socket",
    "subprocess",
    "time",
    "random",
    "tempfile",
}


def imports(module: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def place(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_imports_point_downwards(module: Path) -> None:
    here = place(module).split("/")[0].removesuffix(".py")
    for name in imports(module):
        first, _, rest = name.partition(".")
        if first == "servestatic" and rest not in servestatic.__all__:
            assert rest.split(".")[0] in MAY_IMPORT[here], f"{place(module)} imports {name}"


@pytest.mark.parametrize("module", MODULES, ids=place)
def test_third_parties_are_where_they_belong(module: Path) -> None:
    for name in imports(module):
        first = name.partition(".")[0]
        if first not in STANDARD and first != "servestatic":
            places = THIRD_PARTIES.get(first, set())
            assert any(place(module).startswith(each) for each in places), f"{place(module)} imports {name}"


@pytest.mark.parametrize("folder", ["http", "assets"])
def test_pure_folders_import_nothing_impure(folder: str) -> None:
    for module in (PACKAGE / folder).rglob("*.py"):
        found = {name.partition(".")[0] for name in imports(module)} & IMPURE
        assert not found, f"{place(module)} imports {found}"


def test_adapters_do_not_know_each_other() -> None:
    for adapter in ("asgi", "wsgi", "rsgi"):
        module = PACKAGE / f"{adapter}.py"
        others = {f"servestatic.{other}" for other in ("asgi", "wsgi", "rsgi")} - {f"servestatic.{adapter}"}
        assert not module.exists() or not others & {name.rpartition(".")[0] for name in imports(module)}


def test_importing_the_package_imports_no_third_party() -> None:
    import subprocess

    done = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    loaded = dict(line.split("\t") for line in done.stdout.splitlines())
    foreign = {name.partition(".")[0] for name, origin in loaded.items() if not _is_standard(name, Path(origin))}
    assert foreign == {"servestatic"}


_LOADED = """
import sys
before = {*sys.modules}
import servestatic
for name in {*sys.modules} - before:
    print(name, getattr(getattr(sys.modules[name], "__spec__", None), "origin", None), sep="\\t")
"""


def _is_standard(name: str, origin: Path) -> bool:
    """By its name, or by where it is: Python's list of names leaves out some that a distribution adds."""
    library = Path(sysconfig.get_path("stdlib"))
    installed = {"site-packages", "dist-packages"} & {*origin.parts}
    return name.partition(".")[0] in sys.stdlib_module_names or (origin.is_relative_to(library) and not installed)
