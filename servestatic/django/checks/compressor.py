"""What keeps django-compressor from working: it reads files by their URLs, and writes others that must be collected."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from servestatic.django.checks.check import Words
from servestatic.django.checks.order import has_storage
from servestatic.django.checks.values import configured
from servestatic.django.compressor import find_output
from servestatic.releases.document import is_build


def find_requests() -> Iterator[Words]:
    """Find that it compresses at requests, while what it writes is collected only at the start."""
    found = configured()
    offline = getattr(settings, "COMPRESS_OFFLINE", False)
    if _compresses() and not offline and found and not found.live:
        yield {}


def find_unreadable() -> Iterator[Words]:
    """Find that it cannot read a file by its fingerprinted URL: only collectstatic writes files that are called so."""
    found = configured()
    root = getattr(settings, "COMPRESS_ROOT", None) or settings.STATIC_ROOT
    if _compresses() and has_storage() and found and found.fingerprints and not is_build(Path(root)):
        yield {"root": root}


def _compresses() -> bool:
    return find_output() is not None and bool(getattr(settings, "COMPRESS_ENABLED", not settings.DEBUG))
