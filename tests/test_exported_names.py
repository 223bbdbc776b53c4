"""The public names are a contract: adding one is a decision, removing one a breaking change."""

import importlib
import inspect
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

import servestatic

NAMES = {
    "servestatic": [
        "BrokenReference",
        "BuildError",
        "Directory",
        "File",
        "Index",
        "Package",
        "ServeStaticError",
        "SettingError",
        "SettingsDict",
        "SourceError",
        "UnknownAsset",
        "app",
        "collect",
        "live",
        "rsgi_app",
        "wsgi_app",
    ],
    "servestatic.django": [
        "Module",
        "Script",
        "ServeStaticMiddleware",
        "ServeStaticStorage",
        "Stylesheet",
        "get_asgi_application",
        "get_wsgi_application",
        "release",
    ],
    "servestatic.flask": ["ServeStatic"],
    "servestatic.jinja": ["install"],
    "servestatic.litestar": ["ServeStatic"],
    "servestatic.quart": ["ServeStatic"],
    "servestatic.starlette": ["ServeStatic"],
}
PARAMETERS = {
    "servestatic.collect": ["sources", "settings"],
    "servestatic.live": ["sources", "settings"],
    "servestatic.asgi.ServeStatic": ["app", "index"],
    "servestatic.wsgi.ServeStatic": ["app", "index"],
    "servestatic.flask.ServeStatic": ["app", "sources", "settings"],
    "servestatic.flask.ServeStatic.init_app": ["self", "app"],
    "servestatic.quart.ServeStatic": ["app", "sources", "settings"],
    "servestatic.quart.ServeStatic.init_app": ["self", "app"],
    "servestatic.starlette.ServeStatic": ["path", "sources", "directory", "name", "settings"],
    "servestatic.litestar.ServeStatic": ["sources", "settings"],
    "servestatic.jinja.install": ["environment", "index", "strict"],
    "servestatic.Index.url": ["self", "name"],
    "servestatic.Index.path": ["self", "name"],
    "servestatic.Index.get": ["self", "path"],
    "servestatic.Index.integrity": ["self", "name"],
    "servestatic.Index.preload": ["self", "name"],
    "servestatic.Index.importmap": ["self", "names", "prefix"],
}


@pytest.mark.parametrize("module", NAMES)
def test_names(module: str) -> None:
    assert sorted(importlib.import_module(module).__all__) == NAMES[module]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    parts = name.split(".")
    found: object = servestatic
    for position, part in enumerate(parts[1:], start=2):
        try:
            found = getattr(found, part)
        except AttributeError:
            found = importlib.import_module(".".join(parts[:position]))
    assert list(inspect.signature(found).parameters) == PARAMETERS[name]  # type: ignore[arg-type] # a class or function


@pytest.mark.parametrize("error", ["SettingError", "SourceError", "BrokenReference", "UnknownAsset", "BuildError"])
def test_errors_are_one_family(error: str) -> None:
    assert issubclass(getattr(servestatic, error), servestatic.ServeStaticError)


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'wsgi_application'"):
        _ = servestatic.wsgi_application  # type: ignore[attr-defined] # type checkers see it, too


def test_version() -> None:
    version = distribution("statictree").version
    assert servestatic.__version__ == version
    assert vars(servestatic).pop("__version__") == version  # remembered


def test_version_without_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(_: str) -> str:
        raise PackageNotFoundError

    monkeypatch.setattr("importlib.metadata.version", find)
    with pytest.raises(AttributeError, match="'statictree' is not installed"):
        _ = servestatic.__version__
    assert not hasattr(servestatic, "__version__")


def test_importing_the_package_looks_up_no_version() -> None:
    script = "import sys, servestatic; print('importlib.metadata' in sys.modules, servestatic.__version__)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", distribution("statictree").version]


def test_an_index_says_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    for collect in (servestatic.collect, servestatic.live):
        assert repr(collect(tmp_path, prefix="/s/", store="none")) == "<Index of 1 file below '/s/'>"
    (tmp_path / "b.txt").write_text("b")
    assert repr(servestatic.collect(tmp_path, store="none")) == "<Index of 2 files below '/static/'>"
