"""The command as a whole: settings as options, what cannot be done, `build`, `store` and `settings`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import servestatic
from servestatic.disk.read import stamp_of
from servestatic.releases.document import read_ids
from servestatic.settings.model import Settings
from tests.support.command import Done, call, command
from tests.support.files import write

if TYPE_CHECKING:
    from pathlib import Path


def test_build_and_check(folder: Path) -> None:
    built = command(folder, "build", "out", "static")
    files = [path for path in (folder / "out").rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files if path.suffix != ".json" and ".servestatic" not in path.parts)
    assert (built.code, built.err.count("\n")) == (0, 1)
    assert built.out.startswith(f"out: {len(files)} files, ")
    assert built.out.endswith(f", {len(files)} of them written now, for URLs below /\n")
    again = json.loads(call(folder, "build", "out", "static", "--json").out)
    assert (again["written"], again["files"], again["prefix"]) == (0, len(files), "/")
    assert again["size"] > total


def test_a_build_is_what_a_server_without_settings_serves(folder: Path) -> None:
    """Absolute references of a site are those of its own files."""
    write(folder / "static", {"index.html": '<script src="/a.js"></script>', "a.js": "1"})
    call(folder, "build", "out", "static")
    assert (folder / "out/index.html").read_text() != (folder / "static/index.html").read_text()


def test_settings_are_options(folder: Path) -> None:
    assert call(folder, "build", "out", "static", "--no-fingerprints", "--prefix", "/s/").code == 0
    assert sorted(path.name for path in (folder / "out").glob("b.*")) == ["b.svg"]
    listed = call(folder, "list", "static", "--immutable", "*.svg", "--immutable", "*.css", "--prefix", "x", "--json")
    assert [each["url"] for each in json.loads(listed.out)["files"]] == ["/x/a.css", "/x/b.svg"]
    rules = json.dumps({"*.svg": {"X-A": "b"}})
    explained = call(folder, "explain", "b.svg", "static", "--headers", rules, "--cors", "off", "--json")
    fields = dict(json.loads(explained.out)["response"]["fields"])
    assert fields["X-A"] == "b"
    assert "Access-Control-Allow-Origin" not in fields


def test_files_at_the_root(folder: Path) -> None:
    write(folder / "public", {"robots.txt": "x", "index.html": "<script src=/gone.js></script>", "sub/b.txt": "b"})
    listed = json.loads(call(folder, "list", "static", "--root", "public", "--no-fingerprints", "--json").out)
    urls = ["/static/a.css", "/static/b.svg", "/index.html", "/robots.txt", "/sub/b.txt"]
    assert ([each["url"] for each in listed["files"]], listed["prefix"]) == (urls, "/static/")
    checked = call(folder, "check", "static", "--root", "public")
    assert (checked.code, "public/index.html:1:13: '/gone.js' names no file" in checked.out) == (1, True)
    assert "source       public/robots.txt" in call(folder, "explain", "/robots.txt", "static", "--root", "public").out
    for root, sentence in (("out/..", "out is in the source 'out/..'"), ("nowhere", "of the setting root")):
        done = call(folder, "build", "out", "static", "--root", root)
        assert (done.code, sentence in done.err) == (2, True), done.err
    assert call(folder, "build", "out", "static", "--root", "public").out.endswith("for URLs below /static/\n")
    assert (folder / "out/.at/robots.txt").read_text() == "x"
    assert call(folder, "check", "--build", "out").code == 0
    (folder / "static/a.css").unlink()
    (folder / "static/b.svg").unlink()
    assert call(folder, "list", "static", "--root", "public").code == 0
    assert call(folder, "list", "static").code == 2


def test_an_option_comes_before_the_environment_and_that_before_pyproject(folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.servestatic]\nprefix = "/c/"\nmax-age = 3\ncors = "off"\n')
    environment = {"SERVESTATIC_PREFIX": "/b/", "SERVESTATIC_MAX_AGE": "2"}
    explained = call(folder, "explain", "/a/b.svg", "static", "--prefix", "/a/", "--json", **environment)
    fields = dict(json.loads(explained.out)["response"]["fields"])
    assert fields["Cache-Control"] == "max-age=2"
    assert "Access-Control-Allow-Origin" not in fields


@pytest.mark.parametrize(("arguments", "known"), [((), "explain"), (("store",), "prune")])
def test_without_a_command_the_help_is_all(folder: Path, arguments: tuple[str, ...], known: str) -> None:
    done = call(folder, *arguments)
    assert (done.code, done.err) == (0, "")
    assert done.out.partition("\n")[0].endswith("[OPTIONS] COMMAND [ARGS]...")
    assert f"\n  {known} " in done.out.partition("Commands:")[2]


def test_a_bucket(folder: Path) -> None:
    """One of this process alone, so each call has an empty one."""
    put = json.loads(call(folder, "build", "memory:///", "static", "--json").out)
    assert [put[name] for name in ("written", "rewritten", "left_out")] == [2, 0, 0]
    assert "2 files written now, 643 B, for URLs below /" in call(folder, "build", "memory:///", "static").out
    plain = ("--plain-names", "--encoded", "gzip")
    shown = json.loads(call(folder, "build", "memory:///", "static", *plain, "--dry-run", "--json").out)
    assert len(shown["new"]) == 4
    assert shown["new"]["a.css"] < 100


def test_a_dry_run(folder: Path) -> None:
    """It shows what would be done, and does nothing."""
    first = json.loads(call(folder, "build", "out", "static", "--dry-run", "--json").out)
    assert (len(first["new"]), first["same"], (folder / "out").exists()) == (4, {}, False)
    call(folder, "build", "out", "static")
    before = {path: stamp_of(path.stat()) for path in (folder / "out").rglob("*") if path.is_file()}
    (folder / "static/b.svg").write_text("<svg>2</svg>")
    shown = call(folder, "build", "out", "static", "--dry-run", "--keep-releases", "0", "--keep-for", "0s").out
    rows = [line.split() for line in shown.splitlines()]
    assert rows[:2] == [["files", "bytes"], ["new", "3", "661"]]
    assert rows[2:4] == [["headers", "changed", "0", "0"], ["same", "1", "624"]]
    assert rows[4][0] == "removable"
    assert rows[5][-3:] == ["nothing", "was", "written."]
    assert {path: stamp_of(path.stat()) for path in (folder / "out").rglob("*") if path.is_file()} == before
    done = json.loads(call(folder, "build", "out", "static", "--keep-releases", "0", "--keep-for", "0s", "--json").out)
    assert done["written"] >= 3
    removed = [stamp.size for path, stamp in before.items() if not path.exists()]
    assert rows[4] == ["removable", f"{len(removed)}", f"{sum(removed):,}"]


def test_releases_of_another_build_come_along(folder: Path) -> None:
    call(folder, "build", "one", "static")
    (folder / "static/b.svg").write_text("<svg>2</svg>")
    assert call(folder, "build", "two", "static", "--previous", "one", "--keep-for", "1h").code == 0
    assert len(read_ids(folder / "two")) == 2
    assert call(folder, "build", "three", "static", "--previous", "one", "--keep-releases=0", "--keep-for=0s").code == 0
    assert len(read_ids(folder / "three")) == 1
    none = command(folder, "build", "four", "static", "--previous", "nowhere")
    assert (none.code, "nowhere has no release, so none is copied" in none.err) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["out", "static", "--previous", "http://127.0.0.1:1/"],
            "Name another place to copy releases from, or none",
        ),
        (
            ["memory:///x", "static", "--previous", "one"],
            "--previous needs a directory: the bucket memory:///x keeps its releases",
        ),
        (
            ["out", "static", "--encoded", "br"],
            "--encoded and --plain-names are for buckets: the directory out has every",
        ),
        (["out", "static", "--plain-names"], "--encoded and --plain-names are for buckets"),
        (["out", "static", "--encoded", "zstd"], "'zstd' is not one of 'br', 'gzip'"),
        (["out", "static", "--keep-for", "7"], "'7' is not a time such as 7d or 12h"),
    ],
)
def test_what_a_build_is_not_asked_for(folder: Path, arguments: list[str], sentence: str) -> None:
    done = call(folder, "build", *arguments)
    assert (done.code, "Traceback" in done.err) == (2, False)
    assert sentence in done.err


def test_a_build_of_which_a_file_was_changed_is_listed_and_checked(folder: Path) -> None:
    call(folder, "build", "out", "static")
    for path in (folder / "out").glob("a*.css"):
        path.write_text("short")
    listed = call(folder, "list", "--build", "out", "--json")
    assert (listed.code, len(json.loads(listed.out)["files"])) == (0, 2)
    checked = call(folder, "check", "--build", "out")
    assert (checked.code, "Traceback" in checked.err) == (1, False)


CANNOT = [
    (["build", "out", "nowhere"], "Directory 'nowhere' does not exist. See: "),
    (
        ["build", "out", "static", "--max-age", "soon"],
        "--max-age in the command line is 'soon': expected a whole number",
    ),
    (["build", "out", "static", "--cors", "none"], "--cors in the command line is 'none': expected one of 'all'"),
    (["build", "static/a.css", "static"], "Directory 'static/a.css' is a file."),
    (["build", "static/out", "static"], "static/out is in the source 'static': the next build would include it."),
    (["build", "static", "new"], "Directory 'new' does not exist. Did you mean `servestatic build new static`? See: "),
    (["build", "static", "empty"], "or empty directory. Did you mean `servestatic build empty static`?"),
    (
        ["build", "static", "static"],
        "static has files that do not belong to a sealed build and could be overwritten. Name",
    ),
    (
        ["explain", "--max-age", "5", "static", "css/a.css"],
        "does not exist. Did you mean `servestatic explain css/a.css static`? See: ",
    ),
    (["explain", "static"], "'static': no source has such a file. It is a directory: name a file or a URL, then the"),
    (["explain", "a.css", "nowhere"], "Directory 'nowhere' does not exist. See: "),
    (["build", "full", "static"], "full has files that do not belong to a sealed build"),
    (["build", "out", "empty"], "there is no file to serve in 'empty'"),
    (["build", "out", "hidden"], "there is no file to serve in 'hidden'"),
    (["build", "out", "static", "--nonsense", "1"], "No such option '--nonsense'."),
    (["list", "empty"], "there is no file to serve in 'empty'"),
    (["list", "static/a.css"], "Directory 'static/a.css' is a file"),
    (["explain"], "Missing argument 'URL|NAME'"),
    (["explain", "a.css", "static", "-H", "x"], "-H: 'x' is not a header. Write it as 'Accept-Encoding: br'."),
    (["check", "--build", "static"], "there is no sealed build in"),
    (["check", "--skip", "nonsense"], "--skip: nonsense: expected broken, outside, conflict, left-out"),
    (["serve", "empty"], "there is no file to serve in 'empty'"),
    (["serve", "nowhere"], "Directory 'nowhere' does not exist"),
    (["serve", "static", "--port", "x"], "--port: 'x' is not a valid integer range."),
    (["serve", "static", "--host", "256.0.0.0"], "cannot listen on 256.0.0.0 port 8000: "),
    (["serve", "static", "--application", "nowhere:app"], "the application 'nowhere:app' cannot be imported"),
    (["store", "show", "--store", "static/a.css"], "File exists"),
    (["store", "show"], "there is no store: the setting store is 'none'."),
    (["nonsense"], "No such command 'nonsense'."),
]


@pytest.mark.parametrize(("arguments", "sentence"), CANNOT, ids=[" ".join(arguments) for arguments, _ in CANNOT])
def test_what_cannot_be_done_is_one_sentence(folder: Path, arguments: list[str], sentence: str) -> None:
    write(folder, {"hidden/.env": "x", "full/index.html": "mine"})
    (folder / "empty").mkdir()
    done = call(folder, *arguments)
    assert (done.code, done.out) == (2, "")
    assert [path.read_text() for path in (folder / "full").iterdir()] == ["mine"]
    *_, line = done.err.splitlines()
    assert line.startswith("servestatic: ")
    assert sentence in line
    assert "Traceback" not in done.err


def test_a_directory_that_cannot_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so what the system would say is said for it."""
    monkeypatch.setattr("os.access", lambda *_: False)
    assert "Directory 'static' is not readable." in call(folder, "list", "static").err
    done = call(folder, "list", SERVESTATIC_SOURCES="static")
    assert done == Done(2, "", "servestatic: the directory 'static' cannot be read: permission denied.\n")


def test_no_usual_directory(tmp_path: Path) -> None:
    done = call(tmp_path, "serve")
    assert done.code == 2
    assert "has no directory static, public, _site" in done.err
    assert done.err.endswith("Name the directories after the command.\n")


def test_in_a_process_of_its_own(folder: Path) -> None:
    """No traceback, and nothing but the sentence."""
    done = command(folder, "list", "static", "--max-age", "-1")
    assert done == Done(
        2, "", "servestatic: --max-age in the command line is '-1': expected a whole number, 0 or more, or none.\n"
    )


def test_strict(folder: Path) -> None:
    write(folder / "static", {"c.css": "a{background:url(missing.png)}", "d.css": "a{background:url(gone.png)}"})
    done = call(folder, "build", "out", "static", "--strict")
    assert done.code == 2
    assert done.err.count("names no file") == 2


def test_without_the_packages_of_the_extra(folder: Path) -> None:
    (folder / "click.py").write_text("raise ImportError('No module named click')")
    done = command(folder, "list")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "pip install 'statictree[cli]'" in done.err


def test_without_uvicorn(folder: Path) -> None:
    (folder / "uvicorn.py").write_text("raise ImportError('No module named uvicorn')")
    done = command(folder, "serve", "static")
    assert done == Done(2, "", "servestatic: serve needs uvicorn: pip install 'statictree[standalone]'\n")


# ------------------------------------------------------------------------------------------------------ settings


def test_settings(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.servestatic]\nmax-age = 3\n")
    environment = {"SERVESTATIC_CORS": "off", "SERVESTATIC_SOURCES": "a:b"}
    found = json.loads(call(folder, "settings", "--json", **environment).out)
    assert sorted(found) == sorted(Settings._fields)
    assert found["cors"] == {"value": "off", "origin": "the environment"}
    assert found["sources"]["value"] == ["a", "b"]
    assert found["max_age"] == {"value": 3, "origin": f"[tool.servestatic] of {'pyproject.toml'}"}
    assert found["pages"] == {"value": True, "origin": "default"}
    assert found["prefix"] == {"value": "/", "origin": "default without an application"}
    in_front = json.loads(call(folder, "settings", "--json", SERVESTATIC_APPLICATION="a:b").out)
    assert in_front["prefix"] == {"value": "/static/", "origin": "default"}
    lines = call(folder, "settings", **environment).out.splitlines()
    assert [line.split()[0] for line in lines[1 : len(found) + 1]] == [*Settings._fields]
    assert "max_age                3           [tool.servestatic] of pyproject.toml" in lines


# --------------------------------------------------------------------------------------------------------- store


def test_store(folder: Path) -> None:
    store = str(folder / "store")
    assert call(folder, "store", "show", "--store", store).out.startswith(f"{store} does not exist yet.")
    assert call(folder, "store", "prune", "--store", store).out == f"{store}: nothing to remove.\n"
    assert not (folder / "store").exists()
    servestatic.collect(folder / "static", compress="startup", store=store)
    shown = json.loads(call(folder, "store", "show", "--store", store, "--json").out)
    assert (shown["place"], shown["notes"]) == (store, 0)  # files of this second are not remembered
    assert shown["objects"] > 0
    text = call(folder, "store", "show", SERVESTATIC_STORE=store).out
    assert text.startswith(f"{store}:\n  {shown['objects']} compressed or rewritten files, ")
    assert re.search(
        rf"^  {shown['kept']['files']} files? of releases, .*: pages of earlier deploys find them$", text, re.M
    )
    assert call(folder, "store", "verify", "--store", store).out.endswith("none of them damaged.\n")
    damaged = next(path for path in (folder / "store/objects").glob("*/*"))
    damaged.write_bytes(b"damaged")
    verified = call(folder, "store", "verify", "--store", store, "--json")
    assert (verified.code, json.loads(verified.out)["damaged"]) == (1, [damaged.name])
    assert not damaged.exists()
    assert json.loads(call(folder, "store", "prune", "--store", store, "--json").out)["objects"] == 0
    pruned = call(folder, "store", "prune", "--store", store, "--all").out
    assert pruned.startswith(f"{store}: removed {shown['objects'] - 1} compressed or rewritten file")
    assert json.loads(call(folder, "store", "show", "--store", store, "--json").out)["objects"] == 0
