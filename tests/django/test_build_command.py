"""servestatic_build: what the server would collect, in a directory or a bucket, without a second list of sources."""

from __future__ import annotations

import os
import re
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.templatetags.static import static
from django.test import Client, override_settings

from servestatic.django.holder import holder
from servestatic.releases.bucket import BucketPlace
from servestatic.releases.document import path_of, read_ids
from servestatic.releases.load import check
from tests.support.pages import DOCS

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic.releases.place import Place

COMMAND = "servestatic.django.management.commands.servestatic_build"


def build(*arguments: str) -> str:
    said = StringIO()
    call_command("servestatic_build", *arguments, stdout=said)
    return said.getvalue()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> BucketPlace:
    place = BucketPlace("memory:///")

    def open_one(setting: str) -> Place:
        assert setting == "s3://site/production"
        return place

    monkeypatch.setattr(f"{COMMAND}.open_place", open_one)
    return place


def test_a_directory(folder: Path, tmp_path: Path) -> None:
    """A server of the build has the release, names and bytes of one that collects."""
    out, release, urls = tmp_path / "out", holder.index().release, [*map(static, holder.index())]
    bodies = [Client().get(url).content for url in urls]
    assert re.fullmatch(rf"{out}: release {release}, (\d+) files, \1 of them written now\.\n", build(str(out)))
    assert read_ids(out) == [release]
    assert check(out) == []
    with override_settings(SERVESTATIC_BUILD=str(out), STATICFILES_DIRS=[]):
        assert [Client().get(url).content for url in urls] == bodies
        assert holder.index().release == release
    (folder / "b.svg").write_text("<svg>2</svg>")
    holder.forget()
    dry = build(str(out), "--dry-run", "--keep-releases", "0", "--keep-for", "0s")
    assert "3 files are new, 0 have other headers, 1 stay" in dry
    assert dry.endswith("can be removed. Nothing was written.\n")
    build(str(tmp_path / "next"), "--previous", str(out))
    assert read_ids(tmp_path / "next") == [holder.index().release, release]


def test_a_bucket(folder: Path, bucket: BucketPlace) -> None:
    """By the setting; a process that starts afterwards finds its release there."""
    with override_settings(SERVESTATIC_RELEASES="s3://site/production"):
        assert "2 files are new, 0 have other headers, 0 stay" in build("--dry-run")
        assert build().endswith(", 2 files written now, 0 with other headers.\n")
        assert build().endswith(", 0 files written now, 0 with other headers.\n")
        release = build().split()[2].rstrip(",")
    assert release == holder.index().release
    assert path_of(release) in {listed.path for listed in bucket.list()}
    with override_settings(SERVESTATIC_MAX_AGE=7):
        assert build("s3://site/production", "--plain-names").endswith(", 2 files written now, 0 with other headers.\n")
    assert {"css/app.css", "b.svg"} <= {listed.path for listed in bucket.list()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no place is named: pass one, or set SERVESTATIC_RELEASES"),
        (["static"], "static has files that do not belong to a sealed build"),
        (["out", "--keep-for", "soon"], "'soon' is not a time such as 7d or 12h"),
        (["out", "--previous", "http://127.0.0.1:1/"], "Name another place to copy releases from"),
        (["s3://nowhere/x"], "s3://nowhere/x: .*Correct the place or its credentials"),
    ],
)
def test_what_cannot_be_done(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with pytest.raises(CommandError, match=message):
        build(*arguments)
    assert "out" not in os.listdir(tmp_path)


def test_options_are_those_of_the_command_line() -> None:
    reference = (DOCS / "reference/command-line.md").read_text("utf-8").partition("## servestatic check")[0]
    for option in ("--keep-releases", "--keep-for", "--previous", "--encoded", "--plain-names", "--dry-run"):
        assert f"`{option}`" in reference
