"""Manifests of bundlers, as Vite writes them: which files they have named by their content, and what an entry needs.

A manifest is `{"src/main.ts": {"file": "assets/main-BRBmoGS9.js", "imports": ["_shared-….js"], "css": [...]}, …}`
(https://vite.dev/guide/backend-integration); its paths are below the folder that was built, which is a source or
within one. It is somebody else's file: what it says is taken only as far as it names files that are there. A name
alone, however it looks, says nothing.
"""

import json
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from servestatic.assets.bundles import NO_BUNDLES, Bundles
from servestatic.assets.names import logical
from servestatic.assets.policy import Policy
from servestatic.disk.read import read_file, stamp_of
from servestatic.errors import SettingError
from servestatic.http.message import Stamp
from servestatic.sources.directory import Directory

_MOST = 16 * 1024 * 1024  # bytes; a manifest of ten thousand files is one or two
_TOLD = 3  # files that are not there, by name

Tell = Callable[..., object]  # as the methods of a logger: a text, and the values for its places
_log = logging.getLogger("servestatic")


def open_manifests(
    paths: tuple[str, ...], sources: Sequence[object], *, follow: bool, strict: bool
) -> Callable[[], Bundles]:
    """Return a function that tells what manifests say: at this time, or whenever it is asked, if they are followed.

    Raises:
        SettingError: something is wrong with one, and `strict`; otherwise that is a warning.
    """
    if follow and paths:
        return Followed(paths, sources).now
    bundles = read_manifests(paths, sources, _refuse if strict else _log.warning) if paths else NO_BUNDLES
    return lambda: bundles


def keep_bundled(policy: Policy, bundles: Callable[[], Bundles]) -> Policy:
    """Return the same policy, by which the files of bundlers keep their names and are immutable, too."""
    immutable = policy.immutable
    return policy._replace(immutable=lambda name: name in bundles().files or immutable(name))


def _refuse(text: str, *values: object) -> None:
    raise SettingError(text % values)


def _once(say: Tell) -> Tell:
    told: set[str] = set()

    def tell_once(text: str, *values: object) -> None:
        if (problem := text % values) not in told:
            told.add(problem)
            say(text, *values)

    return tell_once


class Followed:
    """Manifests that are read again when they are others, as a bundler that watches its sources writes them."""

    def __init__(self, paths: tuple[str, ...], sources: Sequence[object]) -> None:
        self._paths = paths
        self._sources = sources
        self._tell = _once(_log.warning)
        self._state: tuple[list[Stamp | None], Bundles] = [], NO_BUNDLES

    def now(self) -> Bundles:
        """Return what the manifests say."""
        stamps, bundles = self._state
        found = [_look_at(path) for path in self._paths]
        if found != stamps:
            bundles = read_manifests(self._paths, self._sources, self._tell)
            self._state = found, bundles
        return bundles


def _look_at(path: str) -> Stamp | None:
    try:
        return stamp_of(os.stat(path))
    except (OSError, ValueError):
        return None


def read_manifests(paths: Iterable[str], sources: Iterable[object], warn: Tell) -> Bundles:
    """Read manifests, at paths relative to the working directory; `warn` is told what is wrong with one."""
    roots = [each for each in sources if isinstance(each, Directory)]
    files: set[str] = set()
    aliases: dict[str, str] = {}
    needs: dict[str, tuple[str, ...]] = {}
    later: dict[str, tuple[str, ...]] = {}
    for path in paths:
        try:
            manifest = _Manifest(path, roots)
        except ValueError as error:
            warn("%s, of the setting `manifests`, %s", path, error)
            continue
        files |= manifest.files
        aliases |= manifest.aliases
        needs |= manifest.needs
        later |= manifest.later
        if manifest.absent:
            named = ", ".join(repr(each) for each in sorted(manifest.absent)[:_TOLD])
            more = " …" if len(manifest.absent) > _TOLD else ""
            warn("%s, of the setting `manifests`, names files that are not there: %s. Build again.", path, named + more)
    return Bundles(frozenset(files), aliases, needs, later)


class _Manifest:
    """One manifest.

    Raises:
        ValueError: it cannot be used; the message says why, and what to do.
    """

    def __init__(self, path: str, roots: Iterable[Directory]) -> None:
        chunks = _read_chunks(path)
        self._built = _find_built(path)
        self._under = _find_under(self._built, roots)
        self.absent: set[str] = set()
        self.files: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.needs: dict[str, tuple[str, ...]] = {}
        self.later: dict[str, tuple[str, ...]] = {}
        for key, chunk in chunks.items():
            name = self._place(chunk["file"])
            styles = [self._place(each) for each in _texts(chunk, "css")]
            others = [self._place(each) for each in _texts(chunk, "assets")]
            imports, later = (
                [self._place(chunks[each]["file"]) for each in _texts(chunk, how) if each in chunks]
                for how in ("imports", "dynamicImports")
            )
            self.files |= {each for each in (name, *styles, *others) if each}
            if name:
                self.aliases[key] = name
                self.needs[name] = tuple(each for each in (*imports, *styles) if each and each != name)
                self.later[name] = tuple(each for each in later if each)

    def _place(self, written: str) -> str | None:
        """Return the logical path of a file; None if it is not there.

        Raises:
            ValueError: it is not below the folder that was built.
        """
        parts = written.split("/")
        if any(part in ("", ".", "..") for part in parts) or not written.isprintable() or "\\" in written:
            raise ValueError(f"names {written!r}, which is not below the folder that was built. Build again.")
        if not os.path.isfile(os.path.join(self._built, *parts)):
            self.absent.add(written)
            return None
        return logical(self._under + written)


def _find_built(path: str) -> str:
    """Return the folder that was built: Vite 5 writes `.vite/manifest.json` into it, others `manifest.json`."""
    folder = os.path.dirname(os.path.abspath(path))
    return os.path.dirname(folder) if os.path.basename(folder) == ".vite" else folder


def _find_under(built: str, roots: Iterable[Directory]) -> str:
    """Return what stands before the logical paths of a folder's files: that of the source that has it."""
    for root in roots:
        for place, of in ((f"{built}/", root.root), (f"{os.path.realpath(built)}/", f"{os.path.realpath(root.root)}/")):
            if place.startswith(of):
                return root.prefix + place[len(of) :]
    raise ValueError(f"is of {built}, which no source has. Add that folder to the sources.")


def _read_chunks(path: str) -> dict[str, dict[str, Any]]:
    try:
        size = os.path.getsize(path)
        data = read_file(os.path.abspath(path)).data if size <= _MOST else None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        said = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot be read ({said}). Build, or correct the path.") from error
    if data is None:
        raise ValueError(f"has more than {_MOST} bytes: it is no manifest.")
    try:
        document = json.loads(data)
    except RecursionError:
        raise ValueError("is nested too deeply: it is no manifest.") from None
    except ValueError as error:
        raise ValueError(f"is no JSON ({error}). Build again.") from error
    if not isinstance(document, dict) or not all(map(_is_chunk, document.values())):
        raise ValueError("is no manifest as Vite writes it: an object of objects that have `file`. Build again.")
    return document


def _is_chunk(chunk: object) -> bool:
    return isinstance(chunk, dict) and isinstance(chunk.get("file"), str)


def _texts(chunk: Mapping[str, Any], member: str) -> Iterator[str]:
    listed = chunk.get(member)
    return (each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, str))
