"""collectstatic: a sealed build in STATIC_ROOT with the index's names and bytes; at startup it saves work, no more."""

from __future__ import annotations

import os
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import brotli
import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import CommandError, call_command
from django.templatetags.static import static
from django.test import Client, override_settings

from servestatic.django.holder import holder
from servestatic.http.message import Memory
from servestatic.http.representation import Resource
from servestatic.releases import load as loading
from servestatic.releases.document import CURRENT
from servestatic.serving.compression.background import StoreEncoder
from tests.support.forge import Forged, find_document, forged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@pytest.fixture
def root(folder: Path, tmp_path: Path) -> Iterator[Path]:
    """STATIC_ROOT, beside sources of all kinds."""
    (folder / "page.html").write_text('<img src="b.svg">')
    (folder / ".hidden").write_text("hidden")
    (folder / "broken.css").write_text("a{background:url(missing.png)}")
    (folder / "ünï.txt").write_text("other letters")
    with override_settings(STATIC_ROOT=tmp_path / "root"):
        yield tmp_path / "root"


def collect(**options: Any) -> str:
    said = StringIO()
    call_command("collectstatic", **{"interactive": False, "stdout": said, **options})
    return said.getvalue()


def files(place: Path) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if not path.is_dir()}


def test_names_and_bytes_are_those_of_the_index(root: Path) -> None:
    assert "5 static files copied" in collect()
    assert loading.check(root) == []
    entries = list(holder.index().catalog.entries())
    assert len(entries) == 5
    for entry in entries:
        served = entry.served.body
        assert (root / entry.public).read_bytes() == (
            served.data if isinstance(served, Memory) else Path(served.path).read_bytes()
        )
        source = finders.find(entry.name)
        assert isinstance(source, str)
        if entry.name != "page.html":  # a page is served rewritten
            assert (root / entry.name).read_bytes() == Path(source).read_bytes()
        assert Client().get(static(entry.name)).content == (root / entry.public).read_bytes()
    coded = (root / f"{holder.index().path('css/app.css')}.br").read_bytes()
    assert brotli.decompress(coded) == (root / holder.index().path("css/app.css")).read_bytes()
    assert not {*files(root)} & {".hidden"}


def test_readers_of_the_manifest(root: Path) -> None:
    collect()
    storage = ManifestStaticFilesStorage()
    assert {*storage.hashed_files} == {*holder.index()}
    for name in holder.index():
        assert storage.url(name) == unquote(static(name)), "Django does not encode them here"
        assert storage.exists(storage.stored_name(name))


def test_again(root: Path) -> None:
    collect()
    before = {path: (root / path).stat().st_mtime_ns for path in files(root)}
    assert "0 static files copied" in collect()
    assert {path: (root / path).stat().st_mtime_ns for path in files(root)} == before


def test_a_release_keeps_the_names_of_the_last(root: Path, folder: Path) -> None:
    collect()
    before = holder.index().path("b.svg")
    (folder / "b.svg").write_text("<svg>new</svg>")
    holder.forget()
    collect()
    assert holder.index().path("b.svg") != before
    assert {before, holder.index().path("b.svg")} <= files(root)
    assert loading.check(root) == []


def test_an_older_file_takes_the_place_of_a_newer_one(root: Path, folder: Path) -> None:
    """Django goes by dates alone and keeps its copy; a build does not."""
    collect()
    (folder / "b.svg").write_text("<svg>old</svg>")
    os.utime(folder / "b.svg", (1_000_000_000, 1_000_000_000))
    holder.forget()
    collect()
    assert (root / "b.svg").read_text() == "<svg>old</svg>"
    assert loading.check(root) == []


def test_while_developing(root: Path) -> None:
    """What is deployed has fingerprints, wherever it is collected."""
    with override_settings(DEBUG=True):
        collect()
    assert holder.index().path("css/app.css") in files(root)


# --------------------------------------------------------------------------------------------------- options


def check_ignore(root: Path, _: str) -> None:
    assert not {name for name in files(root) if name.endswith(".svg")}
    assert holder.index().path("css/app.css") in files(root), "a name does not depend on what else is collected"
    assert "b.svg" not in ManifestStaticFilesStorage().hashed_files


def check_dry_run(root: Path, said: str) -> None:
    assert not root.exists()
    assert "Pretending to copy" in said


def check_clear(root: Path, _: str) -> None:
    assert "junk.txt" not in files(root)
    assert "staticfiles.json" in files(root)


def check_link(root: Path, said: str) -> None:
    assert (root / "b.svg").is_symlink()
    assert not (root / holder.index().path("b.svg")).is_symlink()
    assert "symlinked" in said


def check_no_post_process(root: Path, _: str) -> None:
    assert files(root) == {"css/app.css", "b.svg", "page.html", "broken.css", "ünï.txt"}


def check_no_default_ignore(root: Path, _: str) -> None:
    assert ".hidden" in files(root)
    assert ManifestStaticFilesStorage().hashed_files[".hidden"] in files(root)
    assert holder.index().path("css/app.css") in files(root)


def check_verbosity(_: Path, said: str) -> None:
    assert f"Post-processed 'b.svg' as '{holder.index().path('b.svg')}'" in said
    assert "Skipped post-processing 'page.html'" in said


class Options(NamedTuple):
    """Options of collectstatic, and what they must do."""

    given: dict[str, Any]
    check: Callable[[Path, str], None]


OPTIONS = {
    "--ignore": Options({"ignore_patterns": ["*.svg"]}, check_ignore),
    "--dry-run": Options({"dry_run": True, "verbosity": 2}, check_dry_run),
    "--clear": Options({"clear": True}, check_clear),
    "--link": Options({"link": True}, check_link),
    "--no-post-process": Options({"post_process": False}, check_no_post_process),
    "--no-default-ignore": Options({"use_default_ignore_patterns": False}, check_no_default_ignore),
    "--verbosity": Options({"verbosity": 2}, check_verbosity),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_option(root: Path, option: str) -> None:
    given, check = OPTIONS[option]
    if option == "--clear":
        root.mkdir()
        (root / "junk.txt").write_text("junk")
    check(root, collect(**given))


@pytest.mark.parametrize("order", [["link", "copy", "link"], ["copy", "link", "copy"]])
def test_links_and_copies_take_turns(root: Path, folder: Path, order: list[str]) -> None:
    before = (folder / "b.svg").read_bytes()
    for each in order:
        collect(link=each == "link")
        assert (root / "b.svg").is_symlink() == (each == "link")
        assert loading.check(root) == []
    assert (folder / "b.svg").read_bytes() == before
    assert not (folder / "b.svg").is_symlink()


def test_it_asks_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collect()
    monkeypatch.setattr("builtins.input", lambda _: "no")
    with pytest.raises(CommandError, match="cancelled"):
        collect(interactive=True)


def modes(place: Path, *, directories: bool) -> set[int]:
    return {path.stat().st_mode & 0o7777 for path in [place, *place.rglob("*")] if path.is_dir() == directories}


@pytest.mark.parametrize(("mode", "expected"), [(0o640, 0o640), (0o600, 0o600), (0o644, 0o644), (None, 0o664)])
def test_permissions(root: Path, mode: int | None, expected: int) -> None:
    umask = os.umask(0o002)
    try:
        with override_settings(FILE_UPLOAD_PERMISSIONS=mode, FILE_UPLOAD_DIRECTORY_PERMISSIONS=0o751):
            collect()
    finally:
        os.umask(umask)
    assert modes(root, directories=False) == {expected}
    assert modes(root, directories=True) == {0o751}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_group(root: Path) -> None:
    root.mkdir()
    os.chown(root, -1, 12345)
    collect()
    assert {path.stat().st_gid for path in root.rglob("*") if path.is_file()} == {12345}


def test_django_s_own_command(root: Path) -> None:
    """Where the staticfiles app stands first, its command is run."""
    call_command(collectstatic.Command(), interactive=False, verbosity=0)
    assert loading.check(root) == []
    assert holder.index().path("css/app.css") in files(root)


@pytest.mark.parametrize("debug", [False, True])
def test_served_alone(root: Path, folder: Path, debug: bool) -> None:
    """SERVESTATIC_BUILD may be set before there is anything, as it is when a release is built."""
    with override_settings(SERVESTATIC_BUILD=root, DEBUG=debug):
        collect()
    expected = (root / holder.index().path("css/app.css")).read_bytes()
    (folder / "css/app.css").write_text("changed")
    with override_settings(SERVESTATIC_BUILD=root, STATICFILES_DIRS=[]):
        assert Client().get(static("css/app.css")).content == expected
        assert Client().get("/static/page.html").content == (root / "page.html").read_bytes()


# ---------------------------------------------------------------------------------- it must not fail, and when


def test_the_build_that_is_to_be_served_need_not_exist(root: Path) -> None:
    """The check that it does not is no error: this command makes it."""
    with override_settings(SERVESTATIC_BUILD=str(root)):
        call_command("collectstatic", interactive=False, verbosity=0, skip_checks=False)
    assert find_document(root).exists()


def test_without_static_root(folder: Path) -> None:
    assert "STATIC_ROOT is not set, so nothing is collected" in collect()


def test_a_store_that_cannot_be_had(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_STORE", "/proc/nobody/can/write/this")
    collect()
    assert loading.check(root) == []


def test_strict(root: Path, folder: Path) -> None:
    with override_settings(SERVESTATIC_STRICT=True):
        with pytest.raises(CommandError, match=r"broken.css:1:.*'missing.png' names no file"):
            collect()
        (folder / "broken.css").unlink()
        holder.forget()
        collect()
    assert holder.index().path("css/app.css") in files(root)


def test_a_place_that_cannot_be_written(root: Path, folder: Path) -> None:
    collect()
    (root / "staticfiles.json").unlink()
    (root / "staticfiles.json/x").mkdir(parents=True)
    with pytest.raises(CommandError, match=r"staticfiles\.json is a folder, but the build has a file"):
        collect()


# -------------------------------------------------------------------------------------------- at startup


def get(name: str, coding: str = "br") -> Any:
    return Client().get(static(name), headers={"accept-encoding": coding})


def start_again() -> None:
    """As a server does after collectstatic."""
    holder.forget()
    holder.prepare()


def test_codings_are_taken_from_the_build(root: Path) -> None:
    collect()
    start_again()
    answer = get("css/app.css")
    assert answer.content == (root / f"{holder.index().path('css/app.css')}.br").read_bytes()
    assert brotli.decompress(answer.content) == (root / holder.index().path("css/app.css")).read_bytes()
    target = holder.index().get(static("css/app.css"))
    assert isinstance(target, Resource)
    bodies = [each.body for each in target.representations[1:] if each.coding != "br"]
    assert all(getattr(body, "path", str(root)).startswith(str(root)) for body in bodies)


def objects(store: Path) -> set[str]:
    return {path.name for path in (store / "objects").glob("*/*")}


def test_nothing_is_made_that_is_there(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("SERVESTATIC_COMPRESS", "startup")
    collect()
    before = objects(tmp_path / "store")
    start_again()
    assert objects(tmp_path / "store") == before
    with override_settings(STATIC_ROOT=tmp_path / "nowhere"):
        start_again()
    assert len(objects(tmp_path / "store")) > len(before)


def test_yesterday_s_build(root: Path, folder: Path) -> None:
    """Sources win: what collectstatic left there is of no weight."""
    collect()
    old = holder.index().path("css/app.css")
    (folder / "css/app.css").write_text("p{color:red}" + "c{}" * 300)
    (folder / "new.css").write_text("a{}" * 300)
    (folder / "ünï.txt").unlink()
    start_again()
    assert brotli.decompress(get("css/app.css").content).startswith(b"p{color:red}")
    assert brotli.decompress(get("new.css").content) == b"a{}" * 300
    assert Client().get(f"/static/{old}").status_code == 404
    assert Client().get("/static/ünï.txt").status_code == 299


# What somebody does to STATIC_ROOT.
DAMAGES: dict[str, Callable[[Path, str], object]] = {
    "other bytes": lambda root, name: (root / f"{name}.br").write_bytes(brotli.compress(b"evil" * 100)),
    "no bytes": lambda root, name: (root / f"{name}.br").write_bytes(b""),
    "gone": lambda root, name: (root / f"{name}.br").unlink(),
    "all gone": lambda root, name: remove(root.rglob("*.br")),
    "the document": lambda root, name: find_document(root).write_text("{}"),
    "half of the document": lambda root, name: os.truncate(find_document(root), 500),
    "the document of nothing": lambda root, name: change_document(root, lambda forged: forged.tables.clear()),
    "what is current": lambda root, name: (root / CURRENT).write_text(".."),
    "codings of another form": lambda root, name: change_document(root, lambda forged: forged.head.update(coders=[1])),
    "codings that lead out": lambda root, name: change_document(root, lead_out),
}


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink()


def change_document(root: Path, change: Callable[[Forged], object]) -> None:
    with forged(find_document(root)) as document:
        change(document)


def lead_out(document: Forged) -> None:
    size = 40 * len(document.head["coders"])
    rows = document.tables["codings"]
    document.tables["codings"] = {key: row[:size] + b"../../etc/passwd" for key, row in rows.items()}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_build(root: Path, damage: str) -> None:
    collect()
    name = holder.index().path("css/app.css")
    expected = (root / name).read_bytes()
    DAMAGES[damage](root, name)
    start_again()
    for coding in ("br", "gzip", "identity", "br"):
        answer = get("css/app.css", coding)
        assert answer.status_code == 200
        if coding == "br":
            assert answer["Content-Encoding"] == "br", "made anew"
            assert brotli.decompress(answer.content) == expected
    assert get("css/app.css", "identity").content == expected


def test_a_link_as_static_root(root: Path, tmp_path: Path) -> None:
    collect()
    (tmp_path / "current").symlink_to(root)
    with override_settings(STATIC_ROOT=tmp_path / "current"):
        start_again()
        assert get("css/app.css").content == (root / f"{holder.index().path('css/app.css')}.br").read_bytes()


def test_an_index_that_follows_its_files_takes_nothing(root: Path, test_run: None) -> None:
    collect()
    start_again()
    assert not isinstance(holder.index().resources.encoder, StoreEncoder)
    assert brotli.decompress(get("css/app.css").content)
