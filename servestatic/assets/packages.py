"""Which installed package a file belongs to, by its path. Nothing here opens a file."""

import re

from servestatic.assets.file import File
from servestatic.assets.media_types import media_type

# The path of a package's folder, as installers make it; the innermost counts.
_PACKAGE = re.compile(r".*/(?:node_modules/(?:@[^/]+/)?|bower_components/|(?:site|dist)-packages/)[^/]+/", re.DOTALL)
# Folders in which packages keep pages for their own developers.
_ASIDE = re.compile(r"(?:.*/)?(?:tests?|docs?|_layouts|_includes|examples?|demos?)/", re.DOTALL | re.IGNORECASE)


def package_of(file: File) -> str:
    """Return the folder of the installed package that a file belongs to; an empty text for files of the project."""
    return _split(file)[0]


def is_aside(file: File) -> bool:
    """Return whether a file is a page among the tests, the documentation or the examples of an installed package."""
    package, rest = _split(file) if media_type(file.name).page else ("", "")
    return bool(package and _ASIDE.match(rest))


def _split(file: File) -> tuple[str, str]:
    on_disk = file.content.replace("\\", "/") if isinstance(file.content, str) else ""
    for path in (on_disk, f"/{file.name}"):
        if found := _PACKAGE.match(path):
            return found[0], path[found.end() :]
    return "", ""
