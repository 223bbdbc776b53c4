"""Form media: what forms, widgets and the admin's registered models name in `Media`.

The classes of installed apps count as they are written; widgets of their forms and registered admins are asked for
their `media` too, which may be a property. Absolute URLs and paths are nobody's static files.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.conf import settings
from django.forms import BaseForm, Media, Widget
from django.urls import get_resolver

from servestatic.django.checks.finding import Finding
from servestatic.django.checks.names import is_missing, list_names, suggest


class Named(NamedTuple):
    """A name in form media, and the class that names it."""

    name: str
    place: str


def find_missing() -> Iterator[Finding]:
    """Find names in form media that no source has, each once."""
    names = list_names()
    said: set[str] = set()
    for named in _all_names():
        if named.name not in said and is_missing(named.name, names):
            said.add(named.name)
            yield {"name": named.name, "place": named.place, "nearest": suggest(named.name, names)}


def _all_names() -> Iterator[Named]:
    if settings.ROOT_URLCONF:
        _ = get_resolver().url_patterns  # imports the views, and with them the forms
    forms = [cls for cls in _subclasses(BaseForm) if _is_installed(cls)]
    for cls in (*filter(_is_installed, _subclasses(Widget)), *forms):
        yield from _names(cls, _written(cls))
    for form in forms:
        for field in getattr(form, "base_fields", {}).values():
            yield from _names(type(field.widget), _media_of(field.widget))
    if apps.is_installed("django.contrib.admin"):
        yield from _names_of_admin()


def _names_of_admin() -> Iterator[Named]:
    from django.contrib.admin.sites import all_sites

    for site in all_sites:
        for model_admin in site._registry.values():
            yield from _names(type(model_admin), _media_of(model_admin))
            for inline in model_admin.inlines:
                yield from _names(inline, _media_of(inline(model_admin.model, site)))


def _subclasses(cls: type) -> Iterator[type]:
    subclasses: list[type] = cls.__subclasses__()
    for each in subclasses:
        yield each
        yield from _subclasses(each)


def _is_installed(cls: type) -> bool:
    """Tell whether a class is of an app of this project: others may be imported, and never used."""
    return apps.get_containing_app_config(cls.__module__) is not None


def _written(cls: type) -> Media:
    """Return what a class itself says, without its bases, which come on their own."""
    definition = vars(cls).get("Media")
    return Media(definition) if definition is not None else Media()


def _media_of(owner: Any) -> Media:
    """Ask for media; where a project's own property fails, it is for others to say."""
    try:
        media = owner.media
    except Exception:  # noqa: BLE001 - any code of the project, which may want a request
        return Media()
    return media if isinstance(media, Media) else Media()


def _names(cls: type, media: Media) -> Iterator[Named]:
    for entry in _entries(media):
        path = entry if isinstance(entry, str) else getattr(entry, "_path", None)
        if isinstance(path, str) and not path.startswith("/"):
            yield Named(path, f"{cls.__module__}.{cls.__qualname__}")


def _entries(media: Media) -> Iterable[object]:
    """List stylesheets and scripts as they were given: paths, or objects such as `Script` (Django 5.2).

    There is no other interface that tells them; to ask for them merged would warn of orders that do not fit.
    """
    private: Any = media
    styles = (entries for by_medium in private._css_lists for entries in by_medium.values())
    return (entry for entries in (*private._js_lists, *styles) for entry in entries)
