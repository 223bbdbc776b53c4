"""Replaces the dotted paths of middleware, storages and apps, and lists the app before django.contrib.staticfiles."""

import ast
from collections.abc import Iterator, Sequence

from servestatic.migration.edits import insert_after, insert_before, remove_element
from servestatic.migration.predecessors import APP, APPS, MIDDLEWARE, PATHS
from servestatic.migration.scan import displays, named, texts, within_setting
from servestatic.migration.source import Advice, Decision, Removal, SourceFile, TextEdit

STATICFILES = "django.contrib.staticfiles"
SECURITY = "django.middleware.security.SecurityMiddleware"
_OLD_APPS = tuple(path for path, ours in (PATHS | APPS).items() if ours == APP)
_OLD_MIDDLEWARE = tuple(path for path, ours in PATHS.items() if ours == MIDDLEWARE)


def replace_paths(source: SourceFile) -> Iterator[Advice]:
    """Replace the dotted paths of middleware and storages in all string constants."""
    for node in texts(source.tree):
        ours = PATHS.get(str(node.value))
        if ours and ours != APP:
            yield from _replace_text(source, node, ours)
    for display in displays(source.tree):
        old, security = named(display.elts, *_OLD_MIDDLEWARE), named(display.elts, SECURITY)
        if old and security and display.elts.index(old) < display.elts.index(security):
            start, _ = source.span(old)
            yield Decision(start, f"It stands before {SECURITY}: move it behind, for redirects to HTTPS and for HSTS.")


def _replace_text(source: SourceFile, node: ast.Constant, ours: str) -> Iterator[Advice]:
    start, stop = source.span(node)
    code, old = source.text[start:stop], str(node.value)
    if code.count(old) == 1:
        yield TextEdit(start, stop, code.replace(old, ours), f"{old} becomes {ours}.")
    else:
        yield Decision(start, f"{old} becomes {ours}.")


# --------------------------------------------------------------------------------------------------------- apps


def old_apps(source: SourceFile) -> list[ast.Constant]:
    """Return the strings in settings called …APPS that name an app of a predecessor."""
    found = {
        id(node): node
        for value in within_setting(source.tree, "APPS")
        for node in texts(value)
        if node.value in _OLD_APPS
    }
    return list(found.values())


def has_app(source: SourceFile) -> bool:
    """Return whether our app is listed already."""
    return any(node.value == APP for value in within_setting(source.tree, "APPS") for node in texts(value))


def find_staticfiles(sources: Sequence[SourceFile]) -> tuple[SourceFile, ast.List | ast.Tuple, ast.Constant] | None:
    """Find the list with django.contrib.staticfiles, before which our app belongs."""
    for source in sources:
        for value in within_setting(source.tree, "APPS"):
            for display in displays(value):
                if (element := named(display.elts, STATICFILES)) and not isinstance(display, ast.Set):
                    return source, display, element
    return None


def move_app(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    """Insert our app before django.contrib.staticfiles, and remove those of the predecessors."""
    found = find_staticfiles(sources)
    if found is None:
        for source in sources:
            yield from ((source, advice) for advice in _replace_apps(source))
        return
    where, display, staticfiles = found
    before = [node for node in old_apps(where) if node in display.elts[: display.elts.index(staticfiles)]][:1]
    for source in sources:
        yield from ((source, advice) for advice in _remove_apps(source, before))
    if before:
        yield from ((where, advice) for advice in _replace_text(where, before[0], APP))
    elif not any(map(has_app, sources)):
        why = f"The app stands before {STATICFILES}, so that its commands are found first."
        yield where, insert_before(where, staticfiles, APP, why)


def _replace_apps(source: SourceFile) -> Iterator[Advice]:
    for node in old_apps(source):
        yield from _replace_text(source, node, APP)
        yield Decision(source.span(node)[0], f"{APP} has to stand before {STATICFILES} in INSTALLED_APPS.")


def _remove_apps(source: SourceFile, kept: list[ast.Constant]) -> Iterator[Advice]:
    """Remove the predecessors' apps from their lists; a call that adds one is removed as a whole."""
    nodes = [node for node in old_apps(source) if node not in kept]
    for node in nodes:
        why = f"{node.value!s} goes: {APP} takes its place."
        holder = next((display for display in displays(source.tree) if node in display.elts), None)
        call = next((call for call in ast.walk(source.tree) if _is_call_with(call, node)), None)
        if holder is not None:
            yield remove_element(source, holder, node, why)
        elif isinstance(call, ast.Expr):
            yield Removal(call, why)
        else:
            yield Decision(source.span(node)[0], why)


def _is_call_with(node: ast.AST, argument: ast.expr) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and argument in node.value.args


# --------------------------------------------------------------------------------------------------- middleware


def has_middleware(source: SourceFile) -> bool:
    """Return whether the file names the middleware, a predecessor's or ours."""
    return any(node.value in (MIDDLEWARE, *_OLD_MIDDLEWARE) for node in texts(source.tree))


def add_middleware(sources: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, Advice]]:
    """Insert our middleware after SecurityMiddleware, unless a file names a middleware of this kind."""
    if any(map(has_middleware, sources)):
        return
    for source in sources:
        for value in within_setting(source.tree, "MIDDLEWARE"):
            for display in displays(value):
                if security := named(display.elts, SECURITY):
                    yield source, insert_after(source, security, MIDDLEWARE, "The middleware serves the files.")
                    return
    yield sources[0], Decision(-1, f'No MIDDLEWARE is written out with {SECURITY}: add "{MIDDLEWARE}" behind it.')
