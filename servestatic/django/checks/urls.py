"""STATIC_URL and STATIC_ROOT: where pages request files, and where collectstatic writes them."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.utils import check_settings
from django.core.exceptions import ImproperlyConfigured

from servestatic.django.checks.check import Words
from servestatic.django.checks.names import list_names
from servestatic.django.checks.order import has_middleware
from servestatic.django.checks.values import configured
from servestatic.django.compressor import find_output
from servestatic.django.finders import sources
from servestatic.django.holder import static_url
from servestatic.pipeline.expand import expand
from servestatic.settings.model import Settings
from servestatic.sources.directory import Directory

_HOST = re.compile(r"/?((?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?)/", re.IGNORECASE)


def find_unset() -> Iterator[Words]:
    """Find a project without STATIC_URL."""
    if not settings.STATIC_URL:
        yield {}


def find_same() -> Iterator[Words]:
    """Find uploads and static files with one URL or folder, which Django refuses at the first `{% static %}`."""
    try:
        if settings.STATIC_URL:
            check_settings(static_url())
    except ImproperlyConfigured as error:
        yield {"url": static_url(), "sentence": error}


def find_host() -> Iterator[Words]:
    """Find a host without a scheme, which is taken for a folder."""
    if (host := _HOST.match(static_url())) and not urlsplit(static_url()).scheme:
        yield {"url": static_url(), "host": host[1]}


def find_mixed() -> Iterator[Words]:
    """Find a CDN without TLS for pages with TLS."""
    if urlsplit(static_url()).scheme == "http" and settings.SECURE_SSL_REDIRECT:
        yield {"url": static_url()}


def find_unshared() -> Iterator[Words]:
    """Find another origin, whose fonts and modules the pages may not use."""
    found = configured()
    if found and found.cors == "off" and urlsplit(static_url()).netloc:
        yield {"url": static_url()}


def find_root() -> Iterator[Words]:
    """Find a STATIC_ROOT that is in a source, is one, or contains one."""
    if not settings.STATIC_ROOT:
        return
    root = _real(settings.STATIC_ROOT)
    output = find_output()  # belongs there
    for source in expand(sources(), configured() or Settings()):
        if isinstance(source, Directory) and not (output and _real(output.folder) == _real(source.root)):
            folder = _real(source.root)
            if root.startswith(folder):
                relation, harm = "is within", "what collectstatic writes is collected again at the next start"
                if root == folder:
                    relation, harm = "is", "collectstatic would write over the sources, and --clear delete them"
            elif folder.startswith(root):
                relation, harm = "contains", "collectstatic --clear deletes the source"
            else:
                continue
            yield {"root": settings.STATIC_ROOT, "relation": relation, "source": source, "harm": harm}


def find_unserved() -> Iterator[Words]:
    """Find folders of STATIC_ROOT that no source has a file in: a build step writes there, or they are left over."""
    if not (has_middleware() and settings.STATIC_ROOT and os.path.isdir(settings.STATIC_ROOT)):
        return
    known, output = {name.partition("/")[0] for name in list_names()}, find_output()
    with os.scandir(settings.STATIC_ROOT) as entries:
        folders = sorted(entry.name for entry in entries if entry.is_dir() and not entry.name.startswith("."))
    for name in folders:
        path = os.path.join(settings.STATIC_ROOT, name)
        if name not in known and not (output and _real(output.folder).startswith(_real(path))):
            yield {"name": name, "path": path}


def _real(path: str | os.PathLike[str]) -> str:
    return os.path.realpath(path).rstrip("/") + "/"
