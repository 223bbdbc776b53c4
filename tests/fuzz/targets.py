"""What is fed with bytes: each target raises if a promise is broken, and returns otherwise.

A target is total: bytes that are no input of its kind are ignored by it, not by who calls it.
"""

from __future__ import annotations

import ast
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from servestatic.assets.references import MAX_REFERENCES, SYNTAXES
from servestatic.errors import BuildError
from servestatic.http import fields
from servestatic.http.dictionary import read_dictionary
from servestatic.http.message import REQUEST_FIELDS, Request
from servestatic.http.preferences import read_accept_encoding
from servestatic.http.respond import respond
from servestatic.migration.convert import convert
from servestatic.migration.source import MigrationError, read
from servestatic.pipeline.manifests import read_manifests
from servestatic.releases.format.file import hold_tables
from servestatic.sources.directory import Directory
from tests.fuzz import workshop
from tests.fuzz.documents import is_within
from tests.http.test_properties import TARGETS as RESOURCES
from tests.http.test_properties import check_answer
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CORPUS = Path(__file__).parent / "corpus"


class Target(NamedTuple):
    """A target.

    Attributes:
        run: raises if the bytes break a promise.
        seeds: makes inputs that depend on this machine, besides those of the corpus.
        lines: of Python that run for each byte at most; 0 if the target is not linear in its input.
    """

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterable[bytes]] = tuple
    lines: int = 0


def list_seeds(name: str) -> list[bytes]:
    """Return the inputs from which others of a target are made."""
    kept = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())]
    return [*kept, *TARGETS[name].seeds()]


# ------------------------------------------------------------------------------------------------- references


def _scan(extension: str) -> Callable[[bytes], None]:
    syntax = SYNTAXES[extension]

    def run(data: bytes) -> None:
        found = syntax.find(data)
        edges = [edge for each in found for edge in (each.start, each.stop)]
        assert edges == sorted(edges)
        assert all(0 <= each.start < each.stop <= len(data) for each in found)
        assert len(found) <= MAX_REFERENCES + 1
        assert all(type(each.url) is str for each in found)
        if any(b"\\" in data[each.start : each.stop] for each in found):
            return  # `/import'\\/'` is not JavaScript; without the backslash, it begins with a regular expression
        # What a reference is rewritten to is read back, and nothing else becomes one.
        rewritten = [each for each in found if each.kind != "source map"]
        written, rest = b"", 0
        for each in rewritten:
            written += data[rest : each.start] + b"./z.js"
            rest = each.stop
        again = syntax.find(written + data[rest:])
        expected = [("./z.js" if each in rewritten else each.url, each.kind) for each in found]
        assert [(each.url, each.kind) for each in again] == expected

    return run


# ------------------------------------------------------------------------------------------------------- HTTP


def _read_fields(data: bytes) -> None:
    text = data.decode("latin-1")
    length = len(data) % 1000
    ranking = read_accept_encoding(text, ("br", "zstd", "gzip"))
    assert {coding for group in ranking.groups for coding in group} <= {"br", "zstd", "gzip", "identity"}
    tags = fields.read_entity_tags(text)
    assert tags is None or all(tag in text for tag in tags)
    date = fields.read_date(text)
    assert date is None or fields.read_date(fields.write_date(date)) == date
    dictionary = read_dictionary(text)
    assert dictionary is None or len(dictionary) == 32
    span = fields.read_range(text, length)
    assert span is None or span.start < 0 or 0 <= span.start < span.stop <= length


def _respond(data: bytes) -> None:
    method, found = _read_request(data)
    for target in RESOURCES:
        check_answer(respond(target, Request(method, found, "")), method)


def _read_request(data: bytes) -> tuple[str, dict[str, str]]:
    """Read a request as it is on the wire: the method, and the fields that an answer may depend on."""
    first, _, rest = data.decode("latin-1").partition("\n")
    pairs = (line.partition(":") for line in rest.split("\n"))
    named = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return first.split(" ")[0], {name: value for name, value in named.items() if name in REQUEST_FIELDS}


def _request(data: bytes) -> None:
    """Ask an index: a path in its first line, the fields in the others."""
    method, found = _read_request(data)
    path = data.partition(b"\n")[0].decode("utf-8", "replace").partition(" ")[2]
    workshop.ask(method, path, found)


# -------------------------------------------------------------------------------------------- what others write


def _release(data: bytes) -> None:
    """Any bytes: an error of one kind, or pairs."""
    with suppress(BuildError):
        file = hold_tables(data, "fuzz")
        for name in file.head["tables"]:
            table = file.table(name)
            for key, value in table.items():
                assert table.find(key) == value


def _release_with_right_digests(data: bytes) -> None:
    """The same where the digests of all blocks are right, as an attacker can make them, and keys in any order."""
    with workshop.without_digests(), suppress(BuildError):
        file = hold_tables(data, "fuzz")
        for name in file.head["tables"]:
            for key, value in file.table(name).items():
                assert isinstance(value, bytes)
                with suppress(BuildError):
                    assert isinstance(file.table(name).find(key), bytes | None)


def _manifest(data: bytes) -> None:
    folder = _manifest_folder()
    (folder / "dist/manifest.json").write_bytes(data)
    problems: list[str] = []
    path = str(folder / "dist/manifest.json")
    bundles = read_manifests([path], [Directory(folder / "dist")], lambda text, *values: problems.append(text % values))
    named = {*bundles.files, *bundles.aliases.values(), *bundles.needs, *sum(bundles.needs.values(), ())}
    for name in named:
        assert is_within(folder / "dist", folder / "dist" / name)
        assert (folder / "dist" / name).is_file()
    assert all(problems)


@cache
def _manifest_folder() -> Path:
    built = {"dist/assets/a-1234.js": "1", "dist/assets/b-5678.css": "b{}"}
    return write(workshop.make_folder(), {"secret.js": "secret", **built})


# ----------------------------------------------------------------------------------------------------- migrate


def _migrate(data: bytes) -> None:
    """What is written is Python, and what no edit covers is as it was."""
    path = _migrate_folder() / "settings.py"
    path.write_bytes(data)
    try:
        source = read(path)
    except MigrationError:
        return
    for migrated in convert([source]):
        ast.parse(migrated.text)
        text, position = "", 0
        for edit in migrated.edits:
            assert position <= edit.start <= edit.stop <= len(source.text)
            text += source.text[position : edit.start] + edit.text
            position = edit.stop
        assert text + source.text[position:] == migrated.text
        assert all(-1 <= decision.start <= len(source.text) for decision in migrated.decisions)
        migrated.text.encode(source.encoding)


@cache
def _migrate_folder() -> Path:
    return workshop.make_folder()


def _place_path(data: bytes) -> None:
    """A path leads to a file of the place, or nowhere."""
    place, root = workshop.place()
    path = os.fsdecode(data)
    with suppress(OSError, BuildError):
        content = place.read(path, 1 << 20)
        assert content is None or is_within(root, root / path)
    with suppress(OSError, BuildError):
        assert not place.create(path, ()) or is_within(root, root / path)


TARGETS: dict[str, Target] = {
    "css": Target(_scan(".css"), lines=20),
    "javascript": Target(_scan(".js"), lines=20),
    "html": Target(_scan(".html"), lines=20),
    "webmanifest": Target(_scan(".webmanifest"), lines=20),
    "fields": Target(_read_fields, lines=20),
    "respond": Target(_respond, lines=20),
    "request": Target(_request),
    "release": Target(_release, workshop.list_releases),
    "digests": Target(_release_with_right_digests, workshop.list_releases),
    "build": Target(workshop.run_build, workshop.list_builds),
    "place": Target(workshop.run_place, workshop.list_places),
    "notes": Target(workshop.run_notes, workshop.list_notes),
    "path": Target(_place_path),
    "manifest": Target(_manifest, lines=20),
    "migrate": Target(_migrate),
}
