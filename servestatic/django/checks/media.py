"""Form media: the names in the `Media` of forms, widgets and registered model admins.

The `Media` of every class of an installed app counts. So does the `media` of form fields' widgets and of registered
admins, which may be a property. Absolute URLs and paths are not static files.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.forms import BaseForm, Media, Widget
from django.urls import get_resolver

from servestatic.django.checks.check import Words
from servestatic.django.checks.names import is_missing, list_names, suggest


class MediaName(NamedTuple):
    """A name in form media, and the dotted path of its class."""

    name: str
    owner: str


def find_missing() -> Iterator[Words]:
    """Find the names in form media that no source has, once each."""
    names = list_names()
    reported: set[str] = set()
    for name, owner in _all_names():
        if name not in reported and is_missing(name, names):
            reported.add(name)
            yield {"name": name, "owner": owner, "nearest": suggest(name, names)}


def _all_names() -> Iterator[MediaName]:
    for cls, entry in all_entries():
        path = entry if isinstance(entry, str) else getattr(entry, "_path", None)
        if isinstance(path, str) and not path.startswith("/"):
            yield MediaName(path, describe(cls))


def describe(cls: type) -> str:
    """Return the dotted path of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def all_entries() -> Iterator[tuple[type, object]]:
    """Yield what the media of all forms, widgets and admins have, each with its class."""
    for cls, media in _all_media():
        yield from ((cls, entry) for entry in _entries(media))


def _all_media() -> Iterator[tuple[type, Media]]:
    if settings.ROOT_URLCONF:
        _ = get_resolver().url_patterns  # imports the views, and with them the forms
    forms = [cls for cls in _subclasses(BaseForm) if _is_installed(cls)]
    for cls in (*filter(_is_installed, _subclasses(Widget)), *forms):
        yield cls, _own_media(cls)
    for form in forms:
        for field in getattr(form, "base_fields", {}).values():
            yield type(field.widget), _media_of(field.widget)
    if apps.is_installed("django.contrib.admin"):
        yield from _media_of_admin()


def _media_of_admin() -> Iterator[tuple[type, Media]]:
    from django.contrib.admin.sites import all_sites

    for site in all_sites:
        for model_admin in site._registry.values():
            yield type(model_admin), _media_of(model_admin)
            for inline in model_admin.inlines:
                yield inline, _media_of(inline(model_admin.model, site))


def _subclasses(cls: type) -> Iterator[type]:
    subclasses: list[type] = cls.__subclasses__()
    for subclass in subclasses:
        yield subclass
        yield from _subclasses(subclass)


def _is_installed(cls: type) -> bool:
    """Return whether a class belongs to an installed app: others may be imported without being used."""
    return apps.get_containing_app_config(cls.__module__) is not None


def _own_media(cls: type) -> Media:
    """Return the media of a class itself; its bases are listed separately."""
    definition = vars(cls).get("Media")
    return Media(definition) if definition is not None else Media()


def _media_of(owner: Any) -> Media:
    """Return the `media` of an object; empty if a property of the project fails, which shows elsewhere."""
    try:
        media = owner.media
    except Exception:  # noqa: BLE001 - the project's own code, which may need a request
        return Media()
    return media if isinstance(media, Media) else Media()


def _entries(media: Media) -> Iterable[object]:
    """List stylesheets and scripts as they were given: paths, or objects such as `Script` (Django 5.2).

    The public interface merges them, and warns if their orders conflict.
    """
    private: Any = media
    styles = (entries for by_medium in private._css_lists for entries in by_medium.values())
    return (entry for entries in (*private._js_lists, *styles) for entry in entries)
