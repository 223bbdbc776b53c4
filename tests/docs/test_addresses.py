"""The addresses of the documentation: one value, in metadata, on PyPI's page, and in messages."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any
from urllib.parse import urlsplit

import pytest
from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.manager import PluginManager

from docs.generate.readme import INCLUDED, make_absolute
from servestatic.errors import DOCUMENTATION, page
from tests.support.pages import DOCS, ROOT, anchors

URLS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
SITE = {"Documentation": "https://d.example/", "Repository": "https://r.example/x/"}
ROWS = [
    ("[a](docs/how-to/a.md)", "[a](https://d.example/how-to/a.html)"),
    ("[a](docs/how-to/a.md#b-c)", "[a](https://d.example/how-to/a.html#b-c)"),
    ("![a: b 1.5](docs/_static/charts/a.svg)", "![a: b 1.5](https://d.example/_static/charts/a.svg)"),
    ("[![a](docs/_static/a.svg)](docs/a.md)", "[![a](https://d.example/_static/a.svg)](https://d.example/a.html)"),
    (
        "[a](SECURITY.md), [b](CHANGELOG.md)",
        "[a](https://d.example/security-policy.html), [b](https://d.example/changes.html)",
    ),
    ("[a](CONTRIBUTING.md)", "[a](https://r.example/x/blob/main/CONTRIBUTING.md)"),
    ("[a](https://a.example/b.md) `f(docs/a.md)`", "[a](https://a.example/b.md) `f(docs/a.md)`"),
]


@pytest.fixture(scope="module")
def metadata() -> Any:
    """The metadata as hatchling builds it."""
    return ProjectMetadata(str(ROOT), PluginManager()).core


def targets(text: str) -> list[str]:
    """List the targets of links and pictures, in Markdown and HTML."""
    return re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:href|src|srcset)="(https?:[^"]+|docs[^"]+)"', text)


@pytest.mark.parametrize(("text", "expected"), ROWS)
def test_links_become_absolute(text: str, expected: str) -> None:
    assert make_absolute(text, SITE) == expected


def test_the_addresses_are_whole() -> None:
    assert all(url.startswith("https://") and url.endswith("/") for url in URLS.values())


def test_messages_have_the_address_of_the_metadata() -> None:
    assert URLS["Documentation"] == DOCUMENTATION


def test_the_address_is_written_nowhere_else() -> None:
    host = str(urlsplit(DOCUMENTATION).hostname)
    files = [*(ROOT / "servestatic").rglob("*.py"), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *DOCS.rglob("*.md")]
    assert [file.name for file in files if host in file.read_text("utf-8")] == ["errors.py", "pyproject.toml"]


def test_the_metadata_names_them(metadata: Any) -> None:
    assert metadata.urls == URLS


def test_every_link_of_the_readme_works_on_pypi(metadata: Any) -> None:
    """It is absolute, and leads to a page or picture that exists."""
    assert metadata.readme_content_type == "text/markdown"
    found = targets(metadata.readme)
    assert len(found) > 20
    for target in found:
        assert target.startswith("https://"), target
        file, anchor = find_file(target)
        assert file.is_file(), target
        assert not anchor or anchor in anchors(file), target


def find_file(target: str) -> Any:
    """Return the file of the repository that an address shows, and the anchor."""
    address, _, anchor = target.partition("#")
    if address.startswith(URLS["Repository"]):
        return ROOT / address.removeprefix(f"{URLS['Repository']}blob/main/"), anchor
    assert address.startswith(URLS["Documentation"]), target
    inside = address.removeprefix(URLS["Documentation"])
    included = {shown: name for name, shown in INCLUDED.items()}
    return ROOT / included.get(inside, f"docs/{re.sub('[.]html$', '.md', inside)}"), anchor


# ---------------------------------------------------------------------------------------------------------- messages


def calls() -> list[str]:
    """List what `page` is called with, in the package."""
    texts = [file.read_text("utf-8") for file in (ROOT / "servestatic").rglob("*.py")]
    return [name for text in texts for name in re.findall(r'\bpage\("([\w/-]+)"', text)]


def test_messages_name_pages_that_exist() -> None:
    found = calls()
    assert len(found) >= 2
    for name in found:
        assert (DOCS / f"{name}.md").is_file(), name


def test_no_message_names_a_file_that_pip_does_not_install() -> None:
    """Comments and docstrings of modules may: they are read in a clone."""
    for file in (ROOT / "servestatic").rglob("*.py"):
        assert not re.search(r"""["'](?:[^"'\n]* )?docs/[\w/-]+\.md""", file.read_text("utf-8")), file


def test_a_page_has_an_address() -> None:
    assert page("how-to/a") == f"{DOCUMENTATION}how-to/a.html"
    assert page("how-to/a", "b") == f"{DOCUMENTATION}how-to/a.html#b"


def test_the_command_names_the_documentation() -> None:
    done = subprocess.run([sys.executable, "-m", "servestatic", "--help"], capture_output=True, text=True, check=True)
    assert page("how-to/index") in done.stdout
