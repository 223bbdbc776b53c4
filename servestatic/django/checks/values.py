"""Our own settings: unknown ones, wrong values, and values that are useless or harmful under Django."""

import os
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from servestatic.django.checks.check import Words
from servestatic.django.holder import configure, prefix
from servestatic.errors import BuildError, SettingError, page
from servestatic.migration.predecessors import ARCHMONGER_SETTINGS
from servestatic.releases.load import open_documents
from servestatic.settings.model import Settings
from servestatic.settings.origins import VARIABLE, django_settings, resolve

# What Django, its finders and its URLs decide instead.
_WITHOUT_EFFECT = {
    "sources": "STATICFILES_DIRS and the apps' static folders are the sources.",
    "single_page": "Views answer the other paths.",
    "not_found": "The view handler404 answers if nothing is found.",
    "application": "Django is the application.",
    "application_interface": "Django is the application.",
}
_ARCHMONGER = {VARIABLE + setting.name: setting.why for setting in ARCHMONGER_SETTINGS}
_SETTINGS = {VARIABLE + name.upper(): name for name in Settings._fields}


def configured() -> Settings | None:
    """Return the settings; None if one is wrong, which `find_wrong` reports."""
    try:
        return configure()
    except SettingError:
        return None


def find_wrong() -> Iterator[Words]:
    """Find settings that do not exist or have a wrong value: those of Django one by one, then those from elsewhere."""
    is_reported = False
    for name in dir(settings):
        if name.startswith(VARIABLE):
            try:
                resolve(django_settings({name: getattr(settings, name)}))
            except SettingError as error:
                is_reported = True
                yield {"sentence": error, "remedy": _see(name)}
    try:
        configure()
    except SettingError as error:
        if not is_reported:
            yield {"sentence": error, "remedy": _see()}


def _see(variable: str = "") -> str:
    """Return where a setting is described; where its name is wrong, what became of it, or where all of them are."""
    name = _SETTINGS.get(variable, "")
    if not name and variable in _ARCHMONGER:
        return _ARCHMONGER[variable]
    what = f"{variable} is described at" if name else "All settings are listed at"
    where = page("reference/settings", name.replace("_", "-"))
    return f"{what} {where}; `servestatic settings` prints what they are."


def find_without_effect() -> Iterator[Words]:
    """Find settings that only the standalone applications read."""
    found, usual = configured(), Settings()
    for name, why in _WITHOUT_EFFECT.items():
        if found and getattr(found, name) != getattr(usual, name):
            yield {"setting": VARIABLE + name.upper(), "why": why}


def find_prefix() -> Iterator[Words]:
    """Find a prefix that is not the path of STATIC_URL."""
    found = configured()
    expected = f"/{prefix().strip('/')}/".replace("//", "/")
    if found and found.prefix != expected:
        yield {"prefix": found.prefix, "expected": expected}


def find_no_build() -> Iterator[Words]:
    """Find a sealed build that cannot be served: the server would not start."""
    found = configured()
    if found and found.build:
        try:
            open_documents(Path(found.build))
        except BuildError as error:
            yield {"error": str(error)}


def find_no_root() -> Iterator[Words]:
    """Find directories of the setting `root` that do not exist; those of finders are Django's to report."""
    found = configured()
    for path in found.root if found and not found.build else ():
        if not os.path.isdir(path):
            yield {"path": os.path.abspath(path)}


def find_plain() -> Iterator[Words]:
    """Find fingerprints that are off in production."""
    found = configured()
    if found and not found.fingerprints and not settings.DEBUG:
        yield {"age": found.max_age}


def find_live() -> Iterator[Words]:
    """Find live development in production."""
    found = configured()
    if found and found.live and not settings.DEBUG:
        yield {}
