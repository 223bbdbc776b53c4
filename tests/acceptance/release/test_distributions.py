"""What is in the wheel and in the source distribution, and what comes with them. DISTRIBUTIONS names their folder."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
import readme_renderer.markdown
from packaging.requirements import Requirement

from tests.acceptance.release.test_agreement import URLS, VERSION, git
from tests.support.pages import ROOT

FOLDER = Path(os.environ.get("DISTRIBUTIONS", ROOT / "dist")).resolve()
WHEEL = FOLDER / f"statictree-{VERSION}-py3-none-any.whl"
SDIST = FOLDER / f"statictree-{VERSION}.tar.gz"
BILL = FOLDER / f"statictree-{VERSION}.cdx.json"
INFO = f"statictree-{VERSION}.dist-info"
PARTS = ("servestatic/", "tests/", "docs/")
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "RELEASING.md", "SECURITY.md", "LICENSE", "pyproject.toml")
MADE = {"PKG-INFO", ".gitignore"}  # by hatchling


@pytest.fixture(scope="module")
def wheel() -> zipfile.ZipFile:
    return zipfile.ZipFile(WHEEL)


@pytest.fixture(scope="module")
def sdist() -> dict[str, tarfile.TarInfo]:
    with tarfile.open(SDIST) as archive:
        return {member.name.removeprefix(f"statictree-{VERSION}/"): member for member in archive.getmembers()}


def tracked(*parts: str) -> set[str]:
    """Return the files of the repository below some folders, or with some names."""
    return {name for name in git("ls-files") if name.startswith(parts)}


def test_nothing_else_is_there() -> None:
    assert {each.name for each in FOLDER.iterdir()} == {WHEEL.name, SDIST.name, BILL.name}


def test_the_wheel_has_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    info = {f"{INFO}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")}
    assert set(wheel.namelist()) == tracked("servestatic/") | info


def test_the_bytes_are_those_of_the_repository(wheel: zipfile.ZipFile) -> None:
    for name in tracked("servestatic/"):
        assert wheel.read(name) == (ROOT / name).read_bytes(), name


def test_the_record_is_right(wheel: zipfile.ZipFile) -> None:
    rows = [*csv.reader(io.StringIO(wheel.read(f"{INFO}/RECORD").decode()))]
    assert {name for name, _, _ in rows} == set(wheel.namelist())
    for name, digest, size in rows:
        data = wheel.read(name)
        expected = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        assert name == f"{INFO}/RECORD" or (digest, int(size)) == (f"sha256={expected}", len(data)), name


def test_the_metadata(wheel: zipfile.ZipFile) -> None:
    metadata = HeaderParser().parsestr(wheel.read(f"{INFO}/METADATA").decode())
    assert (metadata["Name"], metadata["Version"]) == ("statictree", VERSION)
    assert (metadata["Requires-Python"], metadata["License-Expression"]) == (">=3.11", "MIT")
    needed = [Requirement(text) for text in metadata.get_all("Requires-Dist", [])]
    always = [each.name for each in needed if not each.marker or "extra" not in str(each.marker)]
    assert always == ["brotli"]
    urls = (url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert dict(urls) == URLS
    assert wheel.read(f"{INFO}/entry_points.txt").decode().split() == [
        *("[console_scripts]", "servestatic", "=", "servestatic.cli:main"),
    ]


def test_pypi_shows_the_readme_with_links_that_work(wheel: zipfile.ZipFile) -> None:
    """And readme_renderer, which PyPI shows it with, keeps its pictures."""
    metadata = HeaderParser().parsestr(wheel.read(f"{INFO}/METADATA").decode())
    assert metadata["Description-Content-Type"] == "text/markdown"
    shown = re.sub(r"<pre.*?</pre>", "", readme_renderer.markdown.render(metadata.get_payload()), flags=re.DOTALL)
    targets = re.findall(r'(?:href|src|srcset)="([^"#][^"]*)"', shown)
    assert len(targets) > 20
    assert all(target.startswith("https://") for target in targets), targets
    assert shown.count("<img") == (ROOT / "README.md").read_text("utf-8").count("![") > 0


def test_the_source_distribution_has_what_it_is_made_and_tested_from(sdist: dict[str, tarfile.TarInfo]) -> None:
    assert set(sdist) == tracked(*PARTS) | set(PAGES) | MADE
    assert all(member.isfile() for member in sdist.values())
    assert sum(member.size for member in sdist.values()) < 8_000_000


def test_twine_finds_nothing() -> None:
    line = [sys.executable, "-m", "twine", "check", "--strict", str(WHEEL), str(SDIST)]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_second_build_has_the_same_bytes(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "build", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(line, capture_output=True, check=True)
    for path in (WHEEL, SDIST):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_bill_of_materials() -> None:
    """It lists what an installation without extras has: the package and brotli."""
    bill = json.loads(BILL.read_bytes())
    assert bill["bomFormat"] == "CycloneDX"
    assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["version"]) == ("statictree", VERSION)
    parts = {part["name"].lower(): part for part in bill["components"]}
    assert parts.keys() == {"brotli"}
    assert all(part["version"] and part["purl"].startswith("pkg:pypi/") for part in parts.values())
    text = BILL.read_text("utf-8")
    assert str(ROOT) not in text
    assert "file://" not in text
