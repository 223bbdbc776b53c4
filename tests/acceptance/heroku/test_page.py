"""docs/how-to/heroku.md has the lines that the other tests here run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.acceptance.heroku.slug import EXAMPLE, ROOT

if TYPE_CHECKING:
    from pathlib import Path


def read_processes(text: str) -> set[str]:
    return set(re.findall(r"(?m)^(?:# )?((?:web|release): .*)$", text))


def read_commands(page: Path, pattern: str) -> set[str]:
    return set(re.findall(pattern, page.read_text()))


def test_the_page_has_the_procfile() -> None:
    text = (ROOT / "docs/how-to/heroku.md").read_text().partition("\n## ")[0]
    assert read_processes(text) == read_processes((EXAMPLE / "Procfile").read_text())


def test_the_page_builds_as_the_dockerfile_does() -> None:
    build = r"(?m)^(?:RUN )?(servestatic build .*)$"
    heroku, docker = (read_commands(ROOT / f"docs/how-to/{name}.md", build) for name in ("heroku", "docker"))
    assert set() != heroku <= docker
