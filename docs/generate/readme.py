"""The README as PyPI shows it, where relative links lead nowhere: a hook of hatchling that makes them absolute.

The address comes from `[project.urls]`, so that it is written in one place. Pages of the documentation lead to its
site, everything else to the repository.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[2]
# Pages at the root of the repository that the documentation includes.
INCLUDED = {"CHANGELOG.md": "changes.html", "SECURITY.md": "security-policy.html"}
_LINK = re.compile(r"(?<=\]\()(?!https?:)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]+)?(?=\))")


def make_absolute(text: str, urls: Mapping[str, str]) -> str:
    """Return a page of the repository's root with absolute links."""
    return _LINK.sub(lambda link: find_address(link["path"], urls) + (link["anchor"] or ""), text)


def find_address(path: str, urls: Mapping[str, str]) -> str:
    """Return where a file of the repository is read: in the documentation, else in the repository."""
    if path in INCLUDED:
        return urls["Documentation"] + INCLUDED[path]
    inside = path.removeprefix("docs/")
    if inside == path:
        return f"{urls['Repository']}blob/main/{path}"
    return urls["Documentation"] + re.sub(r"\.md$", ".html", inside)


class ReadmeHook(MetadataHookInterface):
    """Gives the distribution its README; hatchling demands a class for this."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the field, which pyproject.toml declares as dynamic."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": make_absolute(text, metadata["urls"])}
