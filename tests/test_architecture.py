"""The picture in docs/explanation/architecture.md is true: who imports whom, read from the source."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import servestatic
from servestatic import collect
from tests.support.files import write

PACKAGE = Path(servestatic.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# The layers, the lowest first: a folder imports itself and what stands before it, as far as its row says.
PURE = {"errors", "http", "assets"}
READS = PURE | {"runtime", "disk", "settings", "sources"}
KEEPS = READS | {"store", "releases"}
SERVES = KEEPS | {"serving"}
COLLECTS = SERVES | {"pipeline", "factory"}
ADAPTERS = {"asgi", "wsgi", "rsgi"}
MAY_IMPORT = {
    "errors": set(),
    "http": {"http"},
    "assets": PURE,
    "runtime": {"errors", "runtime"},
    "disk": {"http", "runtime", "disk"},
    "settings": PURE | {"runtime", "disk", "settings"},
    "sources": PURE | {"disk", "sources"},
    "store": {"errors", "http", "runtime", "disk", "store"},
    "releases": PURE | {"runtime", "disk", "store", "releases"},
    "serving": PURE | {"runtime", "disk", "store", "releases", "serving"},
    "pipeline": SERVES | {"pipeline"},
    "factory": COLLECTS,
    "frameworks": SERVES | {"frameworks"},
    "adapters": PURE | {"runtime", "disk", "sources", "serving", "factory", "frameworks"},
    "standalone": COLLECTS | ADAPTERS | {"frameworks", "standalone"},
    "migration": PURE | {"migration"},
    "entrances": COLLECTS | ADAPTERS | {"frameworks", "flask"},
    "django": COLLECTS | ADAPTERS | {"frameworks", "migration", "django"},
    "cli": COLLECTS | ADAPTERS | {"standalone", "migration", "cli"},
    "management": COLLECTS | {"django", "cli"},
    "__main__": {"cli"},
    "__init__": COLLECTS | ADAPTERS | {"standalone"},
}
# Modules at the top that share a row.
ROWS = dict.fromkeys(ADAPTERS, "adapters") | dict.fromkeys(
    ("starlette", "flask", "quart", "litestar", "jinja", "apps"), "entrances"
)
# Third parties, by the only places that may know them.
THIRD_PARTIES = {
    "brotli": {"serving/compression/coders.py"},
    "watchfiles": {"pipeline/live/rescan.py"},
    "obstore": {"releases/bucket.py"},
    "starlette": {"starlette.py"},
    "a2wsgi": {"standalone/asgi.py"},
    "click": {"cli/"},
    "uvicorn": {"cli/"},
    "rich": {"cli/"},
    "squarify": {"cli/report/layout.py"},
    "django": {"django/", "apps.py", "migration/verify/probe.py"},  # the last runs in a process of its own
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
# Attributes that are set on an object from outside its own methods, and why.
SET_FROM_OUTSIDE = {
    ("flask.py", "app.wsgi_app"): "Flask documents that an extension wraps it so",
    ("quart.py", "app.asgi_app"): "Quart documents that an extension wraps it so",
    ("litestar.py", "app.asgi_handler"): "Litestar has no hook for what comes before its router",
    ("django/responses.py", "streamed.file_to_stream"): "Django's own attribute of a streaming response",
    ("django/integrity/conversion.py", "media._js"): "Django has no setting for what form media writes",
    ("django/integrity/conversion.py", "media._css"): "the same",
    ("migration/verify/probe.py", "settings.DEBUG"): "Django's, in a process that does nothing else",
    ("migration/verify/probe.py", "settings.STATIC_ROOT"): "the same",
    ("django/live_servers.py", "handler.__call__"): "Django has no setting for the handler of its live servers",
}


def imports(module: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def path_of(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def row_of(path: str) -> str:
    if path.startswith("django/management/"):  # commands for developers, as those of cli/
        return "management"
    first = path.split("/")[0].removesuffix(".py")
    return ROWS.get(first, first)


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_imports_point_downwards(module: Path) -> None:
    for name in imports(module):
        first, _, rest = name.partition(".")
        if first == "servestatic" and rest not in servestatic.__all__:
            assert rest.split(".")[0] in MAY_IMPORT[row_of(path_of(module))], f"{path_of(module)} imports {name}"


def test_the_top_level_has_entrances_alone() -> None:
    top = [path.stem for path in PACKAGE.glob("*.py") if path.stem not in ("__init__", "__main__")]
    assert sorted(top) == sorted([*ROWS, "errors", "factory"])
    assert len(MAY_IMPORT) <= 22


def test_no_cycle_between_folders() -> None:
    """Each row imports what stands before it: the table itself is in the order of the layers."""
    order = [*MAY_IMPORT]
    for number, (row, allowed) in enumerate(MAY_IMPORT.items()):
        before = {*order[: number + 1], *(name for name, other in ROWS.items() if other in order[: number + 1])}
        assert allowed <= before, row


@pytest.mark.parametrize("module", MODULES, ids=path_of)
def test_third_parties_are_where_they_belong(module: Path) -> None:
    for name in imports(module):
        first = name.partition(".")[0]
        if first not in sys.stdlib_module_names | {"servestatic", "annotationlib"}:  # of Python 3.14
            places = THIRD_PARTIES.get(first, set())
            assert any(path_of(module).startswith(each) for each in places), f"{path_of(module)} imports {name}"


@pytest.mark.parametrize("folder", ["http", "assets"])
def test_pure_folders_import_nothing_impure(folder: str) -> None:
    for module in (PACKAGE / folder).rglob("*.py"):
        found = {name.partition(".")[0] for name in imports(module)} & IMPURE
        assert not found, f"{path_of(module)} imports {found}"


def test_one_module_knows_the_system() -> None:
    """What differs is in one place, where those read it who cannot try it."""
    asks = re.compile(r"sys\.platform|os\.name\b|\b_?O_(?:CLOEXEC|NOFOLLOW|NONBLOCK|DIRECTORY|BINARY)|fcntl")
    assert [path_of(module) for module in MODULES if asks.search(module.read_text("utf-8"))] == ["disk/system.py"]


def test_adapters_do_not_know_each_other() -> None:
    for adapter in ADAPTERS:
        others = {f"servestatic.{other}" for other in ADAPTERS} - {f"servestatic.{adapter}"}
        assert not others & {name.rpartition(".")[0] for name in imports(PACKAGE / f"{adapter}.py")}


def assignments(module: Path) -> Iterator[str]:
    """Yield the attributes of something else than `self` or `cls` that a module assigns, wherever in it."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            for part in (part for target in targets if target for part in ast.walk(target)):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    yield from [ast.unparse(part)] if ast.unparse(part.value) not in ("self", "cls") else []


def test_no_attribute_is_set_from_outside() -> None:
    found = {(path_of(module), written) for module in MODULES for written in assignments(module)}
    assert found == SET_FROM_OUTSIDE.keys()


LISTED = """
import sys
{script}
print(*sys.modules)
"""
NOT_IN_PRODUCTION = ("cli", "migration", "pipeline.live", "django.build", "django.checks")
# Importing all of a sealed start takes longer than the rest of it.
NOT_IN_SEALED = (
    "assets.importmap", "assets.references", "assets.suggest", "pipeline", "releases.history", "settings.keywords",
    "sources.package", "store",
)  # fmt: skip
# Each process of several would hold them for nothing: libraries make better codings than those of a first request.
NOT_IN_WARM = (
    "assets.importmap", "assets.references", "pipeline.collector", "pipeline.steps", "releases.put", "releases.write",
    "settings.keywords", "sources.package", "store.prune", "backports.zstd", "compression.zstd", "deflate",
)  # fmt: skip
NOT_IN_WSGI = ("asyncio", "disk.chunks")


@pytest.mark.parametrize(
    ("script", "unneeded"),
    [
        ("import servestatic; servestatic.collect('{folder}', store='none')", NOT_IN_PRODUCTION),
        (
            "from servestatic import asgi; asgi.ServeStatic(lambda scope, receive, send: None, '{folder}')",
            NOT_IN_PRODUCTION,
        ),
        (
            "import servestatic; index = servestatic.collect(build='{build}'); index.url('a.css')",
            NOT_IN_PRODUCTION + NOT_IN_SEALED,
        ),
        (
            "import servestatic as our; our.disk.read._RACY = -(10**18)  # the files are not too new to be kept\n"
            "our.collect('{folder}', store='{store}', releases='{releases}').url('a.css')",
            NOT_IN_PRODUCTION + NOT_IN_WARM,
        ),
        (
            "import servestatic as our, servestatic.wsgi; our.disk.read._RACY = -(10**18)\n"
            "index = our.collect('{folder}', store='{store}', compress='build')\n"
            "offer, asked = index.resources.get(index.url('a.css')), ('GET', {{'accept-encoding': 'br'}}, '')\n"
            "response, _ = our.wsgi.answer(index.resources, offer, asked)\n"
            "assert ('Content-Encoding', 'br') in response.fields",
            NOT_IN_PRODUCTION + NOT_IN_WARM + NOT_IN_WSGI,
        ),
        (
            "import os, servestatic; os.environ['SERVESTATIC_BUILD'] = '{build}'; servestatic.wsgi_app",
            NOT_IN_PRODUCTION + NOT_IN_SEALED + NOT_IN_WSGI,
        ),
    ],
    ids=["collect", "asgi", "sealed", "warm", "answer", "wsgi_app"],
)
def test_production_imports_no_tools(script: str, unneeded: tuple[str, ...], tmp_path: Path) -> None:
    places = {name: (tmp_path / name).as_posix() for name in ("folder", "build", "store", "releases")}
    write(tmp_path / "folder", {"a.css": "a{}" * 500})
    collect(places["folder"], store="none").write(places["build"])
    command = [sys.executable, "-c", LISTED.format(script=script.format(**places))]
    for _ in range(2):
        loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert not [name for name in loaded if name.removeprefix("servestatic.").startswith(unneeded)]


def test_importing_the_package_imports_no_third_party() -> None:
    script = "import sys; before = set(sys.modules); import servestatic; print(*set(sys.modules) - before)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    ours = set(sys.stdlib_module_names) | {"servestatic", "_missing_stdlib_info"}  # which Debian's 3.15 has besides
    foreign = {name.partition(".")[0] for name in loaded} - ours
    assert not foreign
