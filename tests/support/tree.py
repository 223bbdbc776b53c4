"""The files that the conformance rows ask for, and the facts about them that do not come from servestatic."""

from __future__ import annotations

import gzip
import os
import random
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING
from unicodedata import normalize

from servestatic import collect
from servestatic.http.fields import write_date
from servestatic.http.message import Request
from servestatic.http.representation import Resource
from servestatic.serving.deliver import answer
from servestatic.sources.directory import Directory

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic.serving.index import Index

MODIFIED = 1_700_000_000  # seconds; of every file that has no date in `DATES`
DATES = {"epoch.txt": 0, "reproducible.txt": 1, "early.txt": 2, "future.txt": 4_102_444_800}
ROBOTS = b"User-agent: *\nAllow: /\n"


def noise(length: int) -> bytes:
    """Bytes that no coding shrinks, the same every time."""
    return random.Random(length).randbytes(length)


@cache
def prose(length: int, line: str) -> bytes:
    """Text that every coding shrinks, without two equal lines."""
    return "\n".join(line % number for number in range(length // 10)).encode()[: length - 1] + b"\n"


PLAIN = b"Written for people.\n"
STYLE = ".rule-%d { color: #123; margin: 0 auto }"
SCRIPT = "export const value%d = () => document.title;"

FILES: dict[str, bytes] = {
    "thousand.bin": noise(1000),
    "large.bin": noise(700 * 1024),
    "app.css": prose(8_000, STYLE),
    "large.css": b"/*" + noise(200_000).hex().encode() + b"*/\n",  # its codings are large, too
    "large.js": prose(350_000, SCRIPT),
    "page.html": prose(5_000, "<p>Paragraph number %d of the page.</p>"),
    "large.html": prose(320_000, "<p>Paragraph number %d of the page.</p>"),
    "linked.html": b"<!doctype html><link rel=stylesheet href=app.css>" + prose(3_000, "<p>Paragraph %d</p>"),
    "tiny.css": b"a{}\n",
    "noise.css": b"/*" + noise(3000).hex().encode()[:64] + b"*/",
    "empty.txt": b"",
    "epoch.txt": PLAIN,
    "reproducible.txt": PLAIN,
    "early.txt": PLAIN,
    "future.txt": PLAIN,
    "site.css": b".logo { background: url(pixel.png) }\n" + prose(6_000, STYLE),
    "latin.css": ".x::after { content: 'ä' }\n".encode("latin-1"),
    "pixel.png": b"\x89PNG\r\n\x1a\n" + noise(80),
    "document.pdf": b"%PDF-1.7\n" + noise(2000),
    "text.woff2": b"wOF2" + noise(500),
    "text.ttf": prose(4_000, "glyph %d"),
    "module.mjs": prose(2_000, SCRIPT),
    "common.cjs": prose(2_000, SCRIPT),
    "app.js.map": b'{"version":3,"sources":[],"mappings":"' + b"A" * 2000 + b'"}',
    "app.webmanifest": b'{"name":"app"}',
    "data.json": b"[" + b"1," * 2000 + b"1]",
    "import.importmap": b'{"imports":{}}',
    "program.wasm": b"\x00asm\x01\x00\x00\x00" + bytes(2000),
    "photo.avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + noise(300),
    "photo.jxl": b"\xff\x0a" + noise(300),
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>\n",
    "icon.svgz": gzip.compress(b"<svg xmlns='http://www.w3.org/2000/svg'/>\n" * 20, mtime=0),
    "model.glb": b"glTF" + bytes(2000),
    "notes.md": PLAIN,
    "UPPER.CSS": prose(2_000, STYLE),
    "LICENSE": PLAIN,
    "archive.tar.gz": b"\x1f\x8b\x08" + noise(600),
    "other.css.gz": b"\x1f\x8b\x08" + noise(300),
    "film.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + noise(5000),
    "sub/deep/file.txt": PLAIN,
    "sub/index.html": b"<!doctype html><title>sub</title>\n",
    "bücher/index.html": b"<!doctype html><title>books</title>\n",
    "a:b/index.html": b"<!doctype html><title>colon</title>\n",
    "folder.css/inside.txt": PLAIN,
    "vendor.0123456789ab.js": PLAIN,
    "ünï c.txt": PLAIN,
    "日本語.txt": PLAIN,
    "100%.txt": b"percent\n",
    "a%20b.txt": b"literal percent\n",
    "a b.txt": b"space\n",
    "a#b.txt": b"hash\n",
    "a?b.txt": b"question\n",
    "a+b.txt": b"plus\n",
    "a;b.txt": b"semicolon\n",
    "a&b=c.txt": b"ampersand\n",
    "a'b\"c.txt": b"quotes\n",
    "a:b@c,d!$(e)*~f.txt": b"delimiters\n",
    "back\\slash.txt": b"backslash\n",
    ".well-known/security.txt": PLAIN,
    # not collected:
    ".env": b"SECRET=1\n",
    ".git/config": b"[core]\n",
    "backup.txt~": b"old\n",
    "CVS/Entries": b"D\n",
}
DECOMPOSED = normalize("NFD", "Ångström.txt")  # as macOS lists it
COMPOSED = normalize("NFC", DECOMPOSED)


@dataclass(frozen=True)
class Site:
    """The collected tree and its facts. `index` answers; everything else is known from the files."""

    folder: Path
    index: Index

    def path(self, name: str) -> Path:
        """Return the path of the file with a logical path."""
        return self.folder / ("mounted" if name == "robots.txt" else "static") / name

    def data(self, name: str) -> bytes:
        """Return the bytes of a file on disk."""
        return self.path(DECOMPOSED if name == COMPOSED else name).read_bytes()

    @cached_property
    def _tags(self) -> dict[str, dict[str, str]]:
        return {}

    def tags(self, path: str) -> dict[str, str]:
        """Return the entity tags by coding of the resource at a URL path, as a GET for each coding has them."""
        if path not in self._tags:
            answers = [ask(self.index, path, f"{coding}, *;q=0") for coding in ("identity", "gzip", "br", "zstd")]
            self._tags[path] = {fields.get("Content-Encoding", "identity"): fields["ETag"] for fields in answers}
        return self._tags[path]

    def date(self, name: str) -> str:
        """Return the date of a file."""
        return write_date(DATES.get(name, MODIFIED))

    def last_modified(self, name: str) -> str | None:
        """Return the Last-Modified of a file: None if a reproducible build has set its date."""
        return self.date(name) if DATES.get(name) not in (0, 1) else None


def ask(index: Index, path: str, accept_encoding: str) -> dict[str, str]:
    """Return the fields of the answer to a plain GET."""
    target = index.get(path)
    assert isinstance(target, Resource), path
    response, file = answer(index.resources, target, Request("GET", {"accept-encoding": accept_encoding}))
    if file:
        file.close()
    return dict(response.fields)


def make_site(folder: Path, *, settled: bool) -> Site:
    """Write the files below `folder` and collect them."""
    write(folder)
    return Site(folder, collect_site(folder, settled=settled))


def collect_site(folder: Path, *, settled: bool, live: bool = False) -> Index:
    """Collect what `write` wrote, at `/static/` and at `/`; all its codings in a store, or fast ones in memory."""
    return collect(
        folder / "static",
        Directory(folder / "mounted", at="/"),
        prefix="/static/",
        index_file="index.html",
        headers={"*.pdf": {"X-Robots-Tag": "noindex"}},
        store=str(folder / "store") if settled else "none",
        compress="startup" if settled else "background",
        live=live,
    )


def write(folder: Path) -> None:
    """Write the files, and what must never be served."""
    static = folder / "static"
    for name, data in {**FILES, DECOMPOSED: PLAIN}.items():
        path = static / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        date = DATES.get(name, MODIFIED)
        os.utime(path, (date, date))
    (folder / "mounted").mkdir()
    (folder / "mounted" / "robots.txt").write_bytes(ROBOTS)
    os.utime(folder / "mounted" / "robots.txt", (MODIFIED, MODIFIED))
    (folder / "outside.txt").write_text("secret\n")
    (folder / "staticfoo").mkdir()
    (folder / "staticfoo" / "secret.txt").write_text("secret\n")
    (static / "inside.bin").symlink_to(static / "thousand.bin")
    (static / "outside.txt").symlink_to(folder / "outside.txt")
    (static / "dangling.txt").symlink_to(folder / "nowhere.txt")
    (static / "loop").symlink_to(static)
    os.mkfifo(static / "pipe.txt")
