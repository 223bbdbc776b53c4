"""Settings of ours: unknown ones, wrong values, and values that do nothing or harm under Django."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from django.conf import settings

from servestatic.django.checks.finding import Finding
from servestatic.django.holder import configure, prefix
from servestatic.errors import SettingError
from servestatic.migration.predecessors import ARCHMONGER_SETTINGS
from servestatic.releases.document import INDEX, read_index
from servestatic.settings.model import Settings
from servestatic.settings.origins import VARIABLE, django_settings, resolve

# What Django, its finders and its URLs decide.
_WITHOUT_EFFECT = {
    "sources": "STATICFILES_DIRS and the apps' static folders are the sources.",
    "single_page": "A view answers for the paths of an application.",
    "not_found": "The view handler404 answers where nothing is found.",
    "application": "Django is the application.",
    "application_interface": "Django is the application.",
}
_ARCHMONGER = {VARIABLE + each.name: each.why for each in ARCHMONGER_SETTINGS}
_SEE = "docs/reference/settings.md lists the settings, `servestatic settings` prints them."


def configured() -> Settings | None:
    """Return the settings; None if one of them is wrong, which is said elsewhere."""
    try:
        return configure()
    except SettingError:
        return None


def find_wrong() -> Iterator[Finding]:
    """Find settings that do not exist or have a wrong value: those of Django one by one, then those of other places."""
    said: set[str] = set()
    for name in dir(settings):
        if name.startswith(VARIABLE):
            try:
                resolve(django_settings({name: getattr(settings, name)}))
            except SettingError as error:
                said.add(str(error))
                yield {"sentence": error, "remedy": _ARCHMONGER.get(name, _SEE)}
    try:
        configure()
    except SettingError as error:
        if not said:
            yield {"sentence": error, "remedy": _SEE}


def find_without_effect() -> Iterator[Finding]:
    """Find settings that only servestatic:app and its kind read."""
    defaults = {each.name: each.default for each in fields(Settings)}
    found = configured()
    for name, why in _WITHOUT_EFFECT.items():
        if found and getattr(found, name) != defaults[name]:
            yield {"setting": VARIABLE + name.upper(), "why": why}


def find_prefix() -> Iterator[Finding]:
    """Find a prefix that is not where STATIC_URL leads."""
    found = configured()
    expected = f"/{prefix().strip('/')}/".replace("//", "/")
    if found and found.prefix != expected:
        yield {"prefix": found.prefix, "expected": expected}


def find_no_build() -> Iterator[Finding]:
    """Find a sealed build that is to be served and cannot be: the server would not start."""
    found = configured()
    if found and found.build and read_index(Path(found.build)) is None:
        exists = (Path(found.build) / INDEX).exists()
        yield {"build": found.build, "what": f"{INDEX} is damaged" if exists else "there is no sealed build"}


def find_plain() -> Iterator[Finding]:
    """Find fingerprints that are switched off where they are wanted."""
    found = configured()
    if found and not found.fingerprints and not settings.DEBUG:
        yield {"age": found.max_age}


def find_live() -> Iterator[Finding]:
    """Find live development where there is no development."""
    found = configured()
    if found and found.live and not settings.DEBUG:
        yield {}
