"""STATIC_URL and STATIC_ROOT: where the files are asked for, and where collectstatic writes."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.utils import check_settings
from django.core.exceptions import ImproperlyConfigured

from servestatic.django.checks.finding import Finding
from servestatic.django.checks.values import configured
from servestatic.django.holder import static_url
from servestatic.django.source import sources
from servestatic.sources.directory import Directory

_HOST = re.compile(r"/?((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?)/", re.IGNORECASE)


def find_unset() -> Iterator[Finding]:
    """Find a project that says nothing about URLs."""
    if not settings.STATIC_URL:
        yield {}


def find_same() -> Iterator[Finding]:
    """Find what Django refuses when a page asks for the first URL: uploads and static files in one place."""
    try:
        if settings.STATIC_URL:
            check_settings(static_url())
    except ImproperlyConfigured as error:
        yield {"url": static_url(), "sentence": error}


def find_host() -> Iterator[Finding]:
    """Find a host that was meant, and is taken for a folder."""
    if (host := _HOST.match(static_url())) and not urlsplit(static_url()).scheme:
        yield {"url": static_url(), "host": host[1]}


def find_mixed() -> Iterator[Finding]:
    """Find a CDN without TLS for pages with."""
    if urlsplit(static_url()).scheme == "http" and settings.SECURE_SSL_REDIRECT:
        yield {"url": static_url()}


def find_unshared() -> Iterator[Finding]:
    """Find another origin that may not use fonts and modules."""
    found = configured()
    if found and found.cors == "off" and urlsplit(static_url()).netloc:
        yield {"url": static_url()}


def find_root() -> Iterator[Finding]:
    """Find STATIC_ROOT in a source, or a source in STATIC_ROOT."""
    if not settings.STATIC_ROOT:
        return
    root = _real(settings.STATIC_ROOT)
    for source in sources():
        if isinstance(source, Directory):
            place = _real(source.root)
            if root.startswith(place):
                relation, harm = "is within", "what collectstatic writes is collected again at the next start"
                if root == place:
                    relation, harm = "is", "collectstatic would write over the sources, and --clear delete them"
            elif place.startswith(root):
                relation, harm = "contains", "collectstatic --clear deletes the source"
            else:
                continue
            yield {"root": settings.STATIC_ROOT, "relation": relation, "source": source, "harm": harm}


def _real(path: str | os.PathLike[str]) -> str:
    return os.path.realpath(path).rstrip("/") + "/"
