"""Whether version, changelog, tag and policy agree: text in, sentences out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PLACEHOLDER = "example.invalid"
_HEADING = re.compile(r"^## \[(?P<name>[^]]+)\](?: - (?P<date>\S+))?[ \t]*$", re.MULTILINE)
_VERSION = re.compile(r"(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)")
_DATE = re.compile(r"20\d\d-[01]\d-[0-3]\d")


class Section(NamedTuple):
    """A section of the changelog: its version or `Unreleased`, its date, and what it lists."""

    name: str
    date: str
    text: str


def read_changelog(text: str) -> list[Section]:
    """Return the sections of a changelog, the newest first."""
    headings = [*_HEADING.finditer(text)]
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return [
        Section(heading["name"], heading["date"] or "", text[heading.end() : end].strip())
        for heading, end in zip(headings, ends, strict=False)
    ]


def find_flaws(version: str, changelog: str, tags: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong at any time: `tags` are those of all releases."""
    if not _VERSION.fullmatch(version):
        yield f"pyproject.toml: the version {version!r} is not MAJOR.MINOR.PATCH"
        return
    sections = read_changelog(changelog)
    if not sections or sections[0].name != "Unreleased":
        yield "CHANGELOG.md: the first section is not [Unreleased]"
    released = [section for section in sections if section.name != "Unreleased"]
    for section in released:
        if not _VERSION.fullmatch(section.name) or not _DATE.fullmatch(section.date):
            yield f"CHANGELOG.md: the heading of {section.name} is not `## [1.2.3] - 2026-01-31`"
            return
    numbers = [_number(section.name) for section in released]
    if numbers != sorted(set(numbers), reverse=True):
        yield "CHANGELOG.md: the newest version does not come first, or one comes twice"
    if numbers and _number(version) < max(numbers):
        yield f"pyproject.toml has version {version}, but CHANGELOG.md has a later one"
    for tag in sorted(set(tags) - {f"v{section.name}" for section in released}):
        yield f"CHANGELOG.md has no section for the tag {tag}"


def find_flaws_of_release(tag: str, version: str, changelog: str, addresses: Mapping[str, str]) -> Iterator[str]:
    """Yield what must not be published under a tag; `addresses` are the texts of the files that have some."""
    if tag != f"v{version}":
        yield f"the tag {tag} is not v{version}, the version of pyproject.toml"
    unreleased, *released = [*read_changelog(changelog), Section("", "", "")]
    if unreleased.text:
        yield "CHANGELOG.md still lists changes below [Unreleased]: move them to the section of the version"
    if released[0].name != version:
        yield f"CHANGELOG.md: the section after [Unreleased] is not that of {version}"
    elif not released[0].text:
        yield f"CHANGELOG.md: the section of {version} is empty"
    for name, text in addresses.items():
        if PLACEHOLDER in text:
            yield f"{name} has no address yet, but one at {PLACEHOLDER}"


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
