"""Version, changelog and tags agree; at a tag, everything is as a release needs it."""

from __future__ import annotations

import os
import subprocess
import tomllib

import pytest

import servestatic
from tests.acceptance.release.agreement import PLACEHOLDER, find_flaws, find_flaws_of_release
from tests.support.pages import ROOT

_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSION: str = _PROJECT["version"]
URLS: dict[str, str] = _PROJECT["urls"]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
TWO = "# Changes\n\n## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n- b\n\n## [0.1.0] - 2026-11-30\n\n- a\n"
FLAWS = [
    ("0.2.0", TWO, {"v0.1.0", "v0.2.0"}, ""),
    ("0.2.1", TWO, (), ""),
    ("0.1.0", "## [Unreleased]\n\n- a\n", (), ""),
    ("0.1.0", TWO, (), "has a later one"),
    ("0.10.0", TWO.replace("0.2.0", "0.10.0"), (), ""),
    ("0.3", TWO, (), "is not MAJOR.MINOR.PATCH"),
    ("0.3.0.dev1", TWO, (), "is not MAJOR.MINOR.PATCH"),
    ("0.2.0", TWO.replace("## [Unreleased]\n\n", ""), (), "is not [Unreleased]"),
    ("0.2.0", "", (), "is not [Unreleased]"),
    ("0.2.0", TWO.replace(" - 2026-12-01", ""), (), "the heading of 0.2.0"),
    ("0.2.0", TWO.replace("2026-12-01", "1.12.2026"), (), "the heading of 0.2.0"),
    ("0.3.0", TWO.replace("0.1.0", "0.3.0"), (), "does not come first"),
    ("0.2.0", TWO.replace("0.1.0", "0.2.0"), (), "comes twice"),
    ("0.2.0", TWO, {"v0.0.9"}, "no section for the tag v0.0.9"),
]
RELEASES = [
    ("v0.2.0", "0.2.0", TWO, {}, ""),
    ("v0.2.0", "0.1.0", TWO, {}, "is not v0.1.0"),
    ("0.2.0", "0.2.0", TWO, {}, "is not v0.2.0"),
    ("v0.2.0", "0.2.0", TWO.replace("ed]\n", "ed]\n\n- more\n"), {}, "still lists changes"),
    ("v0.3.0", "0.3.0", TWO, {}, "is not that of 0.3.0"),
    ("v0.1.0", "0.1.0", "## [Unreleased]\n", {}, "is not that of 0.1.0"),
    ("v0.2.0", "0.2.0", TWO.replace("- b\n", ""), {}, "0.2.0 is empty"),
    ("v0.2.0", "0.2.0", TWO, {"SECURITY.md": f"a@{PLACEHOLDER}"}, "SECURITY.md has no address"),
    ("v0.2.0", "0.2.0", TWO, {"a": "", "pyproject.toml": f"//{PLACEHOLDER}/"}, "pyproject.toml has no address"),
]


def git(*arguments: str) -> list[str]:
    """Return the lines that git prints; the clone may belong to another user, as in a container."""
    done = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def tags_here() -> list[str]:
    """Return the tag that is published, which a workflow names, or those of the commit."""
    return [os.environ["RELEASE_TAG"]] if os.environ.get("RELEASE_TAG") else git("tag", "--points-at", "HEAD", "v*")


@pytest.mark.parametrize(("version", "changelog", "tags", "flaw"), FLAWS)
def test_flaws(version: str, changelog: str, tags: set[str], flaw: str) -> None:
    found = [*find_flaws(version, changelog, tags)]
    assert flaw in "".join(found)
    assert bool(found) == bool(flaw)


@pytest.mark.parametrize(("tag", "version", "changelog", "addresses", "flaw"), RELEASES)
def test_flaws_of_a_release(tag: str, version: str, changelog: str, addresses: dict[str, str], flaw: str) -> None:
    found = [*find_flaws_of_release(tag, version, changelog, addresses)]
    assert flaw in "".join(found)
    assert bool(found) == bool(flaw)


def test_this_commit() -> None:
    assert [*find_flaws(VERSION, CHANGELOG, git("tag", "--list", "v*"))] == []


def test_this_tag() -> None:
    with_addresses = ("SECURITY.md", "pyproject.toml", "servestatic/errors.py")
    addresses = {name: (ROOT / name).read_text("utf-8") for name in with_addresses}
    tags = tags_here()
    assert len(tags) <= 1
    assert [flaw for tag in tags for flaw in find_flaws_of_release(tag, VERSION, CHANGELOG, addresses)] == []


def test_the_version_is_in_one_place() -> None:
    """The package takes it from its metadata, the documentation from pyproject.toml."""
    files = [*(ROOT / "servestatic").rglob("*.py"), ROOT / "docs/conf.py", *ROOT.glob("*.md")]
    literal = f'"{VERSION}"'
    assert [file.name for file in files if literal in file.read_text("utf-8")] == []
    assert servestatic.__version__ == VERSION
