"""Scripts and stylesheets of form media, with integrity. `Media` renders them, so do `{{ form.media }}` and the admin.

The nonce of a content security policy is up to `{% csp_nonce_attr media %}`, which Django has from 6.1 on.
"""

from collections.abc import Mapping
from typing import Any

import django
from django.forms.utils import flatatt
from django.utils.html import format_html
from django.utils.safestring import SafeString

from servestatic.django.integrity.attributes import find_attributes

if django.VERSION < (5, 2):
    raise ImportError(
        f"servestatic.django.Script, Stylesheet and Module need Django 5.2, which has objects in form media; this is"
        f" {django.get_version()}. Write {{% static_integrity_attr %}} in templates."
    )
from django.forms import widgets

_Asset: Any = widgets.MediaAsset
_Script: Any = widgets.Script


class _Integrity(_Asset):  # type: ignore[misc] # Django's class differs between versions
    """An element whose digest is looked up when it is written."""

    def render(self, *, attrs: Mapping[str, object] | None = None) -> SafeString:
        """Write the element; `attrs` are those that the page adds, as Django 6.1 passes them."""
        url = self.path
        found = find_attributes(self._path, url) if url != self._path else {}
        return format_html(
            self.element_template, path=url, attributes=flatatt({**(attrs or {}), **found, **self.attributes})
        )

    def __str__(self) -> str:
        return self.render()

    def __eq__(self, other: object) -> bool:
        """Return whether an element of Django, or a path, loads the same file in the same way."""
        if isinstance(other, _Asset):
            return bool(self._path == other._path and self.attributes == other.attributes)
        return isinstance(other, str) and bool(self._path == other)

    __hash__ = _Asset.__hash__


class Script(_Integrity, _Script):  # type: ignore[misc] # as above
    """A classic script: `Script("js/app.js", defer=True)`. If you pass `integrity`, it is written unchanged."""


class Module(Script):
    """A JavaScript module."""

    def __init__(self, src: str, **attributes: object) -> None:
        super().__init__(src, **{"type": "module", **attributes})


class Stylesheet(_Integrity):
    """A stylesheet: `Stylesheet("css/app.css", media="print")`."""

    element_template = '<link href="{path}"{attributes}>'

    def __init__(self, href: str, **attributes: object) -> None:
        super().__init__(href, **{"rel": "stylesheet", **attributes})
