"""The public names are a contract: adding one is a decision, removing one a breaking change."""

import importlib
import inspect

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
    "servestatic.starlette.ServeStatic": ["path", "sources", "name", "settings"],
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
    with pytest.raises(AttributeError, match="no attribute 'wsgi'"):
        servestatic.__getattr__("wsgi")
