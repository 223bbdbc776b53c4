"""Removes wrappers from wsgi.py and asgi.py, adapts the call of django-heroku, and reports other imports."""

import ast
from collections.abc import Iterator

from servestatic.migration.predecessors import BY_NAME, HEROKU
from servestatic.migration.source import Advice, Decision, Removal, SourceFile, TextEdit

_WRAPPERS = {
    "whitenoise": {"WhiteNoise"},
    "whitenoise.base": {"WhiteNoise"},
    "whitenoise.django": {"DjangoWhiteNoise"},
    "servestatic": {"ServeStatic", "ServeStaticASGI"},
    "servestatic.asgi": {"ServeStaticASGI"},
}
_DJANGO = ("get_wsgi_application", "get_asgi_application", "get_default_application")
_OUTSIDE = (
    "{name} becomes `servestatic.{interface}.ServeStatic(application, servestatic.collect(folder, prefix=…))`;"
    ' what has another prefix is a `servestatic.Directory(folder, at="/")` of the same call.'
)
_UNWRAPPED = "{name} goes: the middleware in MIDDLEWARE serves the files."


def unwrap(source: SourceFile) -> Iterator[Advice]:
    """Remove the wrapper of a Django application with its import; other uses are left to the user."""
    imported = dict(_imports(source))
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call) and _name(node.func) in imported]
    unwrapped = {id(call) for call in calls if _is_safe(source, call)}
    for call in calls:
        if id(call) in unwrapped:
            yield from _unwrap(source, call)
        else:
            name = str(_name(call.func))
            interface = "asgi" if name.endswith("ASGI") else "wsgi"
            yield Decision(source.span(call)[0], _OUTSIDE.format(name=name, interface=interface))
    for name, (statement, whole) in imported.items():
        mine = [call for call in calls if _name(call.func) == name]
        if whole and mine and all(id(call) in unwrapped for call in mine):
            yield Removal(statement, _UNWRAPPED.format(name=name))


def _imports(source: SourceFile) -> Iterator[tuple[str, tuple[ast.stmt, bool]]]:
    """Yield the wrappers' local names, with the import and whether it imports nothing else."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.module in _WRAPPERS:
            for alias in node.names:
                if alias.name in _WRAPPERS[node.module]:
                    yield alias.asname or alias.name, (node, len(node.names) == 1)


def _name(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


def _is_safe(source: SourceFile, call: ast.Call) -> bool:
    """Return whether a call wraps a Django application and serves STATIC_ROOT alone."""
    keywords = {keyword.arg: source.code(keyword.value) for keyword in call.keywords}
    return (
        any(name in source.text for name in _DJANGO)
        and len(call.args) == 1
        and not isinstance(call.args[0], ast.Starred)
        and ".add_files(" not in source.text
        and ("root" not in keywords or "STATIC_ROOT" in keywords["root"])
        and None not in keywords
    )


def _unwrap(source: SourceFile, call: ast.Call) -> Iterator[Advice]:
    why, inner = _UNWRAPPED.format(name=_name(call.func)), source.code(call.args[0])
    assigns = (node for node in ast.walk(source.tree) if isinstance(node, ast.Assign) and node.value is call)
    statement = next(assigns, None)
    if statement is not None and [source.code(target) for target in statement.targets] == [inner]:
        yield Removal(statement, why)
    else:
        yield TextEdit(*source.span(call), inner, why)
    if more := sorted(word.arg for word in call.keywords if word.arg and word.arg not in ("root", "prefix")):
        text = f"It was given {', '.join(more)}: set SERVESTATIC_* in the settings instead."
        yield Decision(source.span(call)[0], text)


def wraps(source: SourceFile) -> bool:
    """Return whether a file wraps a Django application."""
    names = dict(_imports(source))
    return any(isinstance(node, ast.Call) and _name(node.func) in names for node in ast.walk(source.tree))


# ------------------------------------------------------------------------------------------------- django-heroku


def heroku_calls(source: SourceFile) -> Iterator[ast.Call]:
    """Yield the calls `django_heroku.settings(locals())` that set up the static files."""
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "settings"
            and _name(node.func.value) in HEROKU
            and not any(keyword.arg in ("staticfiles", None) for keyword in node.keywords)
        ):
            yield node


def calm_heroku(source: SourceFile) -> Iterator[Advice]:
    """Keep django-heroku from setting MIDDLEWARE, STATIC_ROOT, STATIC_URL and the storage for WhiteNoise."""
    for call in heroku_calls(source):
        name = source.code(call.func)
        why = f"{name}() put WhiteNoise into MIDDLEWARE and set STATIC_ROOT, STATIC_URL and STATICFILES_STORAGE."
        ends = [source.outer_span(value)[1] for value in call.args] + [source.span(word)[1] for word in call.keywords]
        yield TextEdit(max(ends), max(ends), ", staticfiles=False", why)


# ----------------------------------------------------------------------------------------------- everything else


def other_uses(source: SourceFile) -> Iterator[Advice]:
    """Report other imports of predecessors, and their settings as keywords, as tests override them."""
    wrappers = dict(_imports(source))
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and _is_foreign(str(node.module)):
            names = [alias for alias in node.names if (alias.asname or alias.name) not in wrappers]
            yield from _report(source, names)
        elif isinstance(node, ast.Import):
            yield from _report(source, [alias for alias in node.names if _is_foreign(alias.name)])
        elif isinstance(node, ast.keyword) and node.arg in BY_NAME and node.arg != BY_NAME[node.arg].ours:
            yield Decision(source.span(node)[0], f"{node.arg} is passed here. {BY_NAME[node.arg].why}")


def _report(source: SourceFile, aliases: list[ast.alias]) -> Iterator[Advice]:
    for alias in aliases:
        text = f"{alias.name}: use ServeStaticMiddleware or ServeStaticStorage of servestatic.django."
        yield Decision(source.span(alias)[0], text)


def _is_foreign(module: str) -> bool:
    return module.partition(".")[0] == "whitenoise" or module in ("servestatic.middleware", "servestatic.storage")
