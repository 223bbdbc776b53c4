"""The switch: what form media was given as a path, or as an element of Django's own, is written with integrity."""

from collections.abc import Iterable, Mapping
from typing import Any

import django
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.forms import Media, widgets

APP = "servestatic.django.integrity"


def convert_media() -> None:
    """Convert the entries of every `Media`, after it has merged them: Django has no setting for it.

    Raises:
        ImproperlyConfigured: Django is too old.
    """
    if django.VERSION < (5, 2):
        raise ImproperlyConfigured(f"{APP} needs Django 5.2; this is {django.get_version()}. Remove it.")
    media: Any = Media
    if media._js.fget.__module__ != __name__:
        media._js = _converted(media._js, _convert_scripts)
        media._css = _converted(media._css, _convert_styles)


def _converted(merged: Any, convert: Any) -> property:
    def find(self: Media) -> Any:
        entries = merged.fget(self)
        return convert(entries) if apps.is_installed(APP) else entries

    return property(find)


def _convert_scripts(entries: Iterable[object]) -> list[object]:
    return [convert(entry) for entry in entries]


def _convert_styles(by_medium: Mapping[str, Iterable[object]]) -> dict[str, list[object]]:
    return {medium: [convert(entry, medium) for entry in entries] for medium, entries in by_medium.items()}


def convert(entry: Any, medium: str = "") -> object:
    """Return a script, or for a medium a stylesheet, with integrity; anything that is not Django's own as it is."""
    from servestatic.django.integrity.media import Script, Stylesheet

    if isinstance(entry, str) and not hasattr(entry, "__html__"):
        return Stylesheet(entry, media=medium) if medium else Script(entry)
    kind: object = type(entry)
    if kind is widgets.Script:
        return Script(entry._path, **entry.attributes)
    if kind is getattr(widgets, "Stylesheet", None):  # Django 6.1
        return Stylesheet(entry._path, **entry.attributes)
    return entry
