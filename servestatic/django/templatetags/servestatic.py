"""Template tags for pages that load modules: `{% load servestatic %}`.

    {% importmap "js/*.js" "lit=vendor/lit.js" %}   before every script and link of a module
    {% modulepreload "js/app.js" %}                  the module, and what its static imports reach
    {% preload "css/app.css" %}                      what the stylesheet imports, and its fonts
    {% stylesheet "src/main.ts" %}                   the stylesheets that a bundler's manifest has for an entry
    {% static_integrity "js/app.js" %}               `sha384-…`, for an `integrity` attribute
    {% static_integrity_attr "js/app.js" %}          the attribute, and the `crossorigin` that it needs
    {% static_release %}                             the id of the release, which changes when a file does

URLs are those of `{% static %}`. Nothing is written twice on a page. The nonce of a content security policy is the
`csp_nonce` of the context, where Django 6 puts it, or of the request, where django-csp does.
"""

from collections.abc import Mapping, MutableMapping
from typing import cast

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from servestatic.django.holder import holder, release
from servestatic.django.integrity.attributes import write_attributes
from servestatic.frameworks.markup import Page

register = template.Library()

_WRITTEN = "servestatic: what is on this page"


@register.simple_tag(takes_context=True)
def static_integrity(context: Context, name: str) -> str:
    """Return the SRI metadata of the bytes that `{% static name %}` leads to; nothing if they are unavailable."""
    return _page(context).integrity(name)


@register.simple_tag
def static_integrity_attr(name: str) -> SafeString:
    """Return the attributes that check the bytes that `{% static name %}` leads to; nothing if they are unavailable."""
    return write_attributes(name)


@register.simple_tag(takes_context=True)
def modulepreload(context: Context, *names: str) -> str:
    """Write a `<link rel="modulepreload">` for each module and for those that its static imports reach."""
    return _page(context).modulepreload(*names)


@register.simple_tag(takes_context=True)
def preload(context: Context, *names: str) -> str:
    """Write a `<link rel="preload">` for what each stylesheet imports and its fonts, or for a font itself."""
    return _page(context).preload(*names)


@register.simple_tag(takes_context=True)
def stylesheet(context: Context, *names: str) -> str:
    """Write a `<link rel="stylesheet">` for each stylesheet, or for those of a bundler's entry."""
    return _page(context).stylesheet(*names)


@register.simple_tag(takes_context=True)
def importmap(context: Context, *names: str | Mapping[str, str], prefix: str = "") -> str:
    """Write an import map for modules: paths, patterns, `bare=path`, or mappings of bare names to paths."""
    return _page(context).importmap(*names, prefix=prefix)


@register.simple_tag
def static_release() -> str:
    """Write the id of the release: see `Index.release`."""
    return release()


def _page(context: Context) -> Page:
    # A page shares the lowest of these dictionaries with all templates that it includes or extends.
    shared = cast("MutableMapping[str, set[str]]", context.render_context.dicts[0])
    written = shared.setdefault(_WRITTEN, set())
    return Page(holder.index(), staticfiles_storage.url, _nonce(context), written, _mark)


def _nonce(context: Context) -> str:
    """Return the nonce, which both create lazily: when it is converted to text, not when it is tested."""
    if "csp_nonce" in context:
        nonce = context["csp_nonce"]
    else:
        request = getattr(context, "request", None) or context.get("request")
        nonce = getattr(request, "csp_nonce", None)
    return "" if nonce is None else str(nonce)


def _mark(written: str) -> SafeString:
    return mark_safe(written)  # noqa: S308 - every value is escaped where it is written
