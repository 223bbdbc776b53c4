"""The command line, as people and machines call it: output, exit codes, no tracebacks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from servestatic.settings import Settings
from tests.test_collector import write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "static", {"a.css": "a{background:url(b.svg)}" + "b{}" * 200, "b.svg": "<svg/>"})
    return tmp_path


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **environment}
    line = [sys.executable, "-m", "servestatic", *arguments]
    return subprocess.run(line, cwd=folder, env=variables, capture_output=True, text=True, timeout=60, check=False)


def test_build_and_check(folder: Path) -> None:
    built = command(folder, "build", "out", "static")
    assert (built.returncode, built.stderr.count("\n")) == (0, 1)
    files = sum(path.is_file() for path in (folder / "out").rglob("*"))
    assert built.stdout == f"out: {files} files, 0.0 MB, {files} of them written now.\n"
    again = command(folder, "build", "out", "static", "--json")
    assert json.loads(again.stdout)["written"] == 0
    assert command(folder, "check", "--build", "out").stdout == "out: every file is what the index says.\n"
    (folder / "out/b.svg").write_text("<SVG/>")
    checked = command(folder, "check", "--build", "out", "--json")
    assert (checked.returncode, json.loads(checked.stdout)) == (1, ["b.svg: not the bytes that the index names"])


def test_settings_are_options(folder: Path) -> None:
    assert command(folder, "build", "out", "static", "--fingerprints", "no", "--prefix", "/s/").returncode == 0
    assert sorted(path.name for path in (folder / "out").glob("b.*")) == ["b.svg"]
    text = command(folder, "build", "--help").stdout
    for name in ("max-age", "cors", "strict", "store", "headers", "pages"):
        assert f"--{name}" in text
    assert Settings().cors in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["build", "out", "nowhere"], "'nowhere' does not exist"),
        (
            ["build", "out", "static", "--max-age", "soon"],
            "max_age in the keyword arguments is 'soon': expected",
        ),
        (["build", "static/a.css", "static"], "must be a directory that can be written"),
        (["build", "out"], "no source to collect from"),
        (["build", "out", "static", "--nonsense", "1"], "--nonsense"),
        (["check", "--build", "static"], "is not the index of a sealed build"),
        (["store", "show", "--store", "static/a.css"], "File exists"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(folder: Path, arguments: list[str], sentence: str) -> None:
    done = command(folder, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_strict(folder: Path) -> None:
    write(folder / "static", {"c.css": "a{background:url(missing.png)}", "d.css": "a{background:url(gone.png)}"})
    done = command(folder, "build", "out", "static", "--strict", "yes")
    assert done.returncode == 2
    assert done.stderr.count("names no file") == 2


def test_store(folder: Path) -> None:
    store = str(folder / "store")
    command(folder, "build", "out", "static", "--store", store, "--compress", "startup")
    shown = json.loads(command(folder, "store", "show", "--store", store, "--json").stdout)
    assert (shown["place"], shown["collections"]) == (store, 0)  # files of this second are not remembered
    assert shown["objects"] > 0
    assert "collections." in command(folder, "store", "show", "--store", store).stdout
    assert command(folder, "store", "verify", "--store", store).returncode == 0
    damaged = next(path for path in (folder / "store/objects").glob("*/*"))
    damaged.write_bytes(b"damaged")
    verified = command(folder, "store", "verify", "--store", store, "--json")
    assert (verified.returncode, json.loads(verified.stdout)) == (1, [damaged.name])
    assert not damaged.exists()
