"""What is read from the storage: the index without STATIC_ROOT, and the names of a Manifest storage."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import HashedFilesMixin, ManifestFilesMixin, staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.templatetags.static import static
from django.test import Client, override_settings

from servestatic import UnknownAsset
from servestatic.django.holder import holder
from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from servestatic.django import ServeStaticStorage

storage: ServeStaticStorage = staticfiles_storage  # type: ignore[assignment] # as the settings have it

CSS = "a{background:url(../b.svg)}" + "b{}" * 200


def fingerprinted(name: str) -> str:
    return holder.index().path(name)


def read(name: str, mode: str = "rb") -> Any:
    with storage.open(name, mode) as file:
        return file.read()


@pytest.fixture(params=["production", "debug", "live", "build"])
def mode(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[str]:
    """Each way in which an index is made."""
    (folder / "large.bin").write_bytes(b"x" * 200_000)
    settings: dict[str, dict[str, object]] = {
        "production": {},
        "debug": {"DEBUG": True},
        "live": {"SERVESTATIC_LIVE": True},
        "build": {"SERVESTATIC_BUILD": str(tmp_path / "out")},
    }
    holder.index().write(str(tmp_path / "out"))
    holder.forget()
    with override_settings(**settings[request.param]):
        yield request.param


def test_what_is_read_is_what_is_served(mode: str) -> None:
    for name in ("css/app.css", "b.svg", "large.bin"):
        for each in (name, fingerprinted(name)):
            served = Client().get(f"/static/{each}")
            assert read(each) == b"".join(served) == Path(storage.path(each)).read_bytes()
            assert read(each, "r") == read(each).decode()
            assert storage.exists(each)
            assert storage.size(each) == len(read(each)) == os.path.getsize(storage.path(each))
            assert Path(storage.path(each)).suffix == Path(each).suffix
    assert fingerprinted("css/app.css") == "css/app.css" or fingerprinted("b.svg").encode() in read(
        fingerprinted("css/app.css")
    )


# What is asked of a name that has no file → what happens.
ABSENT: dict[str, tuple[Callable[[], object], object]] = {
    "exists": (lambda: storage.exists("no.css"), False),
    "exists, an old fingerprint": (lambda: storage.exists("css/app.0123456789ab.css"), False),
    "exists, a page by its clean URL": (lambda: storage.exists("page"), False),
    "exists, outside": (lambda: storage.exists("../static/b.svg"), False),
    "open": (lambda: storage.open("no.css"), FileNotFoundError),
    "open a folder": (lambda: storage.open("css"), FileNotFoundError),
    "path": (lambda: storage.path("no.css"), FileNotFoundError),
    "size": (lambda: storage.size("no.css"), FileNotFoundError),
    "modified": (lambda: storage.get_modified_time("no.css"), FileNotFoundError),
    "listdir": (lambda: storage.listdir("no"), FileNotFoundError),
    "stored name": (lambda: storage.stored_name("no.css"), UnknownAsset),
    "save": (lambda: storage.save("new.css", ContentFile(b"")), ImproperlyConfigured),
    "write": (lambda: storage.open("b.svg", "wb"), ImproperlyConfigured),
    "delete": (lambda: storage.delete("b.svg"), ImproperlyConfigured),
}


@pytest.mark.parametrize("row", ABSENT)
def test_absent(folder: Path, row: str) -> None:
    (folder / "page.html").write_text("<p>")
    ask, expected = ABSENT[row]
    with override_settings(SERVESTATIC_CLEAN_URLS=True):
        if isinstance(expected, type) and issubclass(expected, Exception):
            with pytest.raises(expected):
                ask()
        else:
            assert ask() == expected
    assert (folder / "b.svg").read_text() == "<svg/>"


def test_times_and_folders(folder: Path) -> None:
    os.utime(folder / "css/app.css", (5e8, 1e9))
    for name in ("css/app.css", fingerprinted("css/app.css")):
        assert storage.get_modified_time(name).timestamp() == 1e9
    assert storage.get_accessed_time("css/app.css").timestamp() >= 5e8
    assert storage.get_created_time("css/app.css").timestamp() > 1e9
    assert storage.listdir("") == storage.listdir(".") == (["css"], ["b.svg"])
    assert storage.listdir("css") == storage.listdir("css/") == ([], ["app.css"])
    assert storage.exists("")
    assert storage.exists("css")


def test_a_page_is_read_as_it_is_served(folder: Path) -> None:
    (folder / "page.html").write_text('<img src="b.svg">')
    assert fingerprinted("b.svg").encode() in read("page.html")
    assert storage.path("page.html") == str(folder / "page.html")


def test_a_source_that_changes(folder: Path) -> None:
    name = fingerprinted("b.svg")
    before = storage.path(name)
    (folder / "b.svg").write_text("<svg>other</svg>")
    assert before == storage.path("b.svg")
    for ask in (storage.path, read):
        with pytest.raises(FileNotFoundError, match="no longer"):
            ask(name)
    assert read("b.svg") == b"<svg>other</svg>"


def test_copies_end_with_the_process(folder: Path) -> None:
    """A child that was forked removes only its own."""
    path = Path(storage.path(fingerprinted("css/app.css")))
    script = "import os; from servestatic.django.copies import Copies; c = Copies(); p = c.keep('a/b.css', b'1', 0)\n"
    script += "if not os.fork():\n    print(c.keep('a/b.css', b'1', 0)); raise SystemExit\n"
    script += "os.wait(); print(os.path.exists(p)); print(p)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    child, survived, parent = said
    assert survived == "True"
    assert child != parent
    assert not Path(child).exists()
    assert not Path(parent).exists()
    assert path.exists()


# --------------------------------------------------------------------------------------------------- the names


def test_names_of_a_manifest_storage(folder: Path) -> None:
    """Wagtail and django-sri ask for the mixin."""
    found: object = staticfiles_storage
    assert isinstance(found, HashedFilesMixin)
    assert isinstance(found, ManifestFilesMixin)
    names = {name: fingerprinted(name) for name in ("css/app.css", "b.svg")}
    assert storage.hashed_files == names
    assert len(storage.manifest_hash) == 12
    for name, public in names.items():
        assert storage.stored_name(name) == storage.hashed_name(name) == public
        assert storage.stored_name(f"{name}?a#b") == f"{public}?a#b"
        assert storage.url(name) == f"/static/{storage.stored_name(name)}"
    assert storage.hashed_name("b.svg", ContentFile(b"<svg/>")) == names["b.svg"]
    assert storage.hashed_name("b.svg", ContentFile(b"other")) != names["b.svg"]
    before = storage.manifest_hash
    (folder / "b.svg").write_text("other")
    holder.forget()
    assert storage.manifest_hash != before
    assert not storage.manifest_strict
    with override_settings(SERVESTATIC_STRICT=True):
        assert storage.manifest_strict


def test_a_backslash_between_folders(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As another system's `os.path.join` writes it; a file whose own name has one comes first."""
    assert static("css\\app.css") == static("css/app.css") != "/static/css/app.css"
    assert read("css\\app.css") == CSS.encode()
    assert storage.stored_name("css\\app.css") == fingerprinted("css/app.css")
    assert not caplog.records
    (folder / "css\\app.css").write_text("its own")
    holder.forget()
    assert read("css\\app.css") == b"its own"
    assert static("css\\app.css").startswith("/static/css%5Capp.")


# --------------------------------------------------------------------------------------------- the how-to page


def test_how_to_read_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/how-to/django.md: its snippets for PDFs and mails; of premailer only the class is needed."""
    write(folder, {"css/mail.css": CSS, "img/logo.svg": "<svg/>"})
    monkeypatch.setitem(sys.modules, "premailer", SimpleNamespace(Premailer=object))
    texts = [block.text for block in blocks(DOCS / "how-to/django.md") if "staticfiles_storage" in block.text]
    found: dict[str, Any] = {}
    for text in texts:
        exec(compile(text, "django.md", "exec"), found)
    assert found["css"] == CSS
    assert found["logo"] == str(folder / "img/logo.svg")
    assert found["public"] == fingerprinted("css/mail.css")
    assert found["embed"]("https://example.org/a.svg", "") == "https://example.org/a.svg"
    assert found["embed"](static("img/logo.svg"), "") == "data:image/svg+xml;base64,PHN2Zy8+"
    rewritten = found["Inliner"]()._load_external(static("css/mail.css"))
    assert fingerprinted("b.svg") in rewritten


# ------------------------------------------------------------------------------------------------- STATIC_ROOT


@pytest.fixture
def root(folder: Path, tmp_path: Path) -> Iterator[Path]:
    with override_settings(STATIC_ROOT=tmp_path / "root"):
        yield tmp_path / "root"


def test_static_root_has_what_the_index_lacks(root: Path, folder: Path) -> None:
    assert read("b.svg") == b"<svg/>"
    assert not storage.exists("made/x.css")
    assert storage.save("made/x.css", ContentFile(b"x")) == "made/x.css"
    assert (root / "made/x.css").read_bytes() == read("made/x.css") == b"x"
    assert storage.listdir("made") == ([], ["x.css"])
    assert storage.exists("made")
    assert storage.get_created_time("made/x.css") >= storage.get_created_time("b.svg")
    assert storage.save("b.svg", ContentFile(b"copy")) == "b.svg"
    assert (root / "b.svg").read_bytes() == b"copy"
    assert read("b.svg") == b"<svg/>"
    storage.delete("b.svg")
    assert [(root / "b.svg").exists(), (folder / "b.svg").exists()] == [False, True]


class OfAnotherName(collectstatic.Command):
    """As projects derive them."""


@pytest.mark.parametrize("options", [{}, {"clear": True}, {"link": True}], ids=str)
@pytest.mark.parametrize(
    "command", ["collectstatic", collectstatic.Command(), OfAnotherName()], ids=["its name", "Django's", "a subclass"]
)
def test_collectstatic_sees_static_root_alone(root: Path, folder: Path, command: Any, options: dict[str, bool]) -> None:
    if options == {"link": True}:
        (root / "css").mkdir(parents=True)
        (root / "css/app.css").write_text("older")
    for _ in range(2):
        call_command(command, interactive=False, verbosity=0, **options)
        assert (root / "css/app.css").read_text() == CSS
    assert (folder / "css/app.css").read_text() == CSS
    assert not (folder / "css/app.css").is_symlink()
    (folder / "css/app.css").write_text("changed")
    os.utime(folder / "css/app.css", (3e9, 3e9))
    call_command(command, interactive=False, verbosity=0, **options)
    assert (root / "css/app.css").read_text() == "changed"
