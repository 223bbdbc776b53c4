"""django-compressor, if it is installed: its files are named by their content, and Django's finders list none of them.

Nothing here imports it: its settings say where it writes.
"""

import os
from typing import NamedTuple

from django.apps import apps
from django.conf import settings

_HEX = "[0-9a-f]" * 12  # of the digest in `CACHE/css/output.0123456789ab.css`


class Output(NamedTuple):
    """Where django-compressor writes: a folder, and the logical path that its files are below."""

    folder: str
    name: str

    @property
    def immutable(self) -> str:
        """The pattern of the files that are named by their content; its manifest is not."""
        return f"{self.name}/*.{_HEX}.*"


def find_output() -> Output | None:
    """Return where django-compressor writes; None if it is not installed or has no COMPRESS_ROOT."""
    root = getattr(settings, "COMPRESS_ROOT", None) or settings.STATIC_ROOT
    if not (root and apps.is_installed("compressor")):
        return None
    name = getattr(settings, "COMPRESS_OUTPUT_DIR", "CACHE").strip("/")
    return Output(os.path.join(root, name), name)
