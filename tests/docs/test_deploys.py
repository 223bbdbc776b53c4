"""What the pages about deploys say is done: the lines of files for services that no test can have."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import servestatic
from servestatic.releases.document import read_ids
from servestatic.releases.load import check
from tests.support.client import get
from tests.support.console import environment
from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

HOW_TO = DOCS / "how-to"


def find_block(page: str, language: str, part: str) -> str:
    """Return the one block of a how-to that has some text."""
    (found,) = (
        block.text for block in blocks(HOW_TO / f"{page}.md") if block.language == language and part in block.text
    )
    return found


def run(line: str, folder: Path, **variables: str) -> str:
    """Run a line of a shell, and return what it writes, to either stream."""
    done = subprocess.run(
        ["bash", "-euc", line], cwd=folder, env=environment() | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_docker(tmp_path: Path) -> None:
    """Three images, each built from the one before it: the instructions that have to do with files, without Docker."""
    file = find_block("docker", "dockerfile", "--previous")
    built = re.search(r"FROM \$\{PREVIOUS\} AS previous\n.*?RUN mkdir -p (\S+)\n", file, re.DOTALL)
    copied = re.search(r"COPY --from=previous (\S+) (\S+)", file)
    line = re.search(r"RUN (servestatic build .*)", file)
    kept = re.search(r"COPY --from=build (\S+) (\S+)\nENV SERVESTATIC_BUILD=(\S+)", file)
    assert built
    assert copied
    assert line
    assert kept
    assert built[1] == copied[1] == kept[1] == kept[3] == f"/app/{kept[2]}"
    before, indexes = tmp_path / "base", []
    before.mkdir()
    for number in range(3):
        app = tmp_path / f"image{number}/app"
        write(app / "static", {"app.css": "a{}" * 100, f"only{number}.js": f"{number}", "x.js": f"/* {number} */"})
        said = run(line[1].replace(copied[2], str(before)), app)
        assert ("has no release, so none comes along" in said) == (number == 0)
        indexes.append(servestatic.collect(app / "static", store="none", prefix="/"))
        before = app / kept[2]
    assert read_ids(before) == [index.release for index in reversed(indexes)]
    assert check(before) == []
    loaded = servestatic.collect(build=str(before), prefix="/")
    for index in indexes:
        for name in index:
            assert get(loaded, index.url(name))[2] == get(index, index.url(name))[2]
