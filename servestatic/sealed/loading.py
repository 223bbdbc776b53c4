"""Load a build, and check one: what is on disk is believed only as far as its digest goes."""

import logging
import os
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from servestatic.assets.bundles import Bundles
from servestatic.assets.codings import FastEncoder, represent
from servestatic.assets.file import insert_fingerprint
from servestatic.assets.index import Index
from servestatic.assets.media_types import media_type
from servestatic.assets.policy import Policy
from servestatic.assets.rows import Mount, Root, Row
from servestatic.disk import read_file
from servestatic.errors import BuildError
from servestatic.http.message import Slice, Stamp
from servestatic.http.representation import Representation
from servestatic.sealed.document import INDEX, inside, read_index

_log = logging.getLogger("servestatic")


def load(out: str | os.PathLike[str], policy: Policy, prefix: str) -> Index:
    """Make the index of a build, without a look at any file but its index: each is checked when it is first used.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(os.path.realpath(out))  # "current" is a link to the release in many a deployment
    document = read_index(place)
    if document is None:
        raise BuildError(f"{place / INDEX} is not the index of a sealed build. Write it: servestatic build {place}")
    try:
        mounts = {document["prefix"]: prefix} | {
            each: each for each in document["mounts"] if each != document["prefix"]
        }
        policy = policy.keep_names(document["immutable"])
        rows = {
            own: _read_mount(served, number, document["mounts"].get(own, {}), document["needs"].get(own, {}), policy)
            for number, (own, served) in enumerate(mounts.items())
        }
        roots = {own: Root(f"{place}/" + ("" if own == document["prefix"] else f".at{own}"), "") for own in mounts}
        for release in reversed(document["releases"][1:]):
            for own, public, fingerprint, digest, length, utf8 in release.values():
                kept = Row(bytes.fromhex(digest), fingerprint, Stamp(0, 0, length, 0, 0), list(rows).index(own), utf8)
                rows[own].kept[public] = kept.pack()
        index = Index(tuple(rows.values()), tuple(roots.values()), policy, sealed=True)
        bundles = Bundles(frozenset(document["immutable"]), dict(document["aliases"]), {})
        index.bundles = lambda: bundles
    except (KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise BuildError(f"{place / INDEX} is damaged ({error!r}). Write the build again.") from error
    index.encoder = SealedEncoder(place, document["codings"])
    index.trusted = (str(place),)
    return index


def _read_mount(
    prefix: str, root: int, files: Mapping[str, list[Any]], needs: Mapping[str, list[str]], policy: Policy
) -> Mount:
    rows: dict[str, bytes] = {}
    kept: dict[str, bytes] = {}
    for name, (fingerprint, digest, length, utf8, rewritten) in files.items():
        if rewritten and policy.is_page(name):
            digest, length = rewritten
        elif rewritten:
            served = Row(bytes.fromhex(rewritten[0]), fingerprint, Stamp(0, 0, rewritten[1], 0, 0), root, utf8)
            kept[insert_fingerprint(name, fingerprint)] = served.pack()
        row = Row(bytes.fromhex(digest), fingerprint, Stamp(0, 0, length, 0, 0), root, utf8)
        rows[name] = row.pack()
    return Mount(prefix, rows, {}, {}, kept, {name: tuple(each) for name, each in needs.items()})


class SealedEncoder(FastEncoder):
    """An encoder that has the codings of a build, each checked when it is first used."""

    def __init__(self, out: Path, table: Mapping[str, Mapping[str, list[Any]]]) -> None:
        super().__init__()
        self._out = out
        self._table = table

    def adopt(self, digest: bytes) -> tuple[Representation, ...] | None:
        """Return the codings of the build that are intact; None if it has none of these bytes."""
        row = self._table.get(digest.hex())
        if row is None:
            return None
        found = (_find_intact(self._out, name, entry) for name, entry in row.items())
        return tuple(each for each in found if each is not None)


def _find_intact(out: Path, coding: str, entry: list[Any]) -> Representation | None:
    with suppress(OSError, BuildError, ValueError, TypeError):
        path, known, length, _ = entry
        if not length:
            return None
        reading = read_file(str(inside(out, path)))
        if reading.digest.hex() == known:
            return represent(coding, Slice(str(out / path), 0, length, reading.stamp), length, reading.digest)
        _log.warning("%s is not what the build's index says; it is not served", out / path)
    return None


def check(out: str | os.PathLike[str]) -> list[str]:
    """Compare every file of a build with its index and say what is wrong.

    Raises:
        BuildError: there is no build, or its index is damaged.
    """
    place = Path(out)
    document = read_index(place)
    if document is None:
        raise BuildError(f"{place / INDEX} is not the index of a sealed build. Write it: servestatic build {place}")
    wanted = {path: entry[3] for release in document["releases"] for path, entry in release.items()}
    for mount, files in document["mounts"].items():
        below = "" if mount == document["prefix"] else f".at{mount}"
        for name, (_, digest, _, _, rewritten) in files.items():
            page = rewritten and below + name not in wanted and media_type(name).page
            wanted[below + name] = rewritten[0] if page else digest
    coded = (entry for row in document["codings"].values() for entry in row.values())
    wanted |= {path: digest for path, digest, length, _ in coded if length}
    return [problem for path, digest in sorted(wanted.items()) if (problem := _compare(place, path, digest))]


def _compare(out: Path, path: str, digest: str) -> str | None:
    try:
        found = read_file(str(inside(out, path))).digest.hex()
    except OSError as error:
        return f"{path}: {error.strerror or error}"
    return None if found == digest else f"{path}: not the bytes that the index names"
