"""Manifests of bundlers, as Vite writes them: which files are named by their content, and what an entry needs.

A manifest is `{"src/main.ts": {"file": "assets/main-BRBmoGS9.js", "imports": ["_shared-….js"], "css": [...]}, …}`
(https://vite.dev/guide/backend-integration); its paths are below the folder that was built, which is a source or
within one. Another program writes it, so only entries for files that exist are used. A name alone, however it looks,
proves nothing.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from servestatic.assets.bundles import NO_BUNDLES, Bundles
from servestatic.assets.names import logical
from servestatic.assets.policy import Policy
from servestatic.disk.read import find_stamp, read_file
from servestatic.disk.system import spell
from servestatic.errors import SettingError
from servestatic.http.message import Stamp
from servestatic.runtime.log import get_log
from servestatic.sources.directory import Directory

_MAX_SIZE = 16 * 1024 * 1024  # bytes; a manifest of ten thousand files has one or two million
_MAX_NAMED = 3  # missing files in a warning

Warn = Callable[..., object]  # as a method of a logger: a text, and the values for its placeholders
_log = get_log()


def open_manifests(
    paths: tuple[str, ...], sources: Sequence[object], *, follow: bool, strict: bool
) -> Callable[[], Bundles]:
    """Return a function that returns the bundles of manifests: as they are now, or at each call if `follow`.

    Raises:
        SettingError: a manifest has a problem, only with `strict`; otherwise that is a warning.
    """
    if follow:
        return FollowedManifests(paths, sources).now
    bundles = read_manifests(paths, sources, _refuse if strict else _log.warning)
    return lambda: bundles


def keep_bundled(policy: Policy, bundles: Callable[[], Bundles]) -> Policy:
    """Return a policy under which the files of bundlers keep their names and are immutable, too."""
    immutable = policy.immutable
    return policy._replace(immutable=lambda name: name in bundles().files or immutable(name))


def _refuse(text: str, *values: object) -> None:
    raise SettingError(text % values)


def _once(log: Warn) -> Warn:
    warned: set[str] = set()

    def warn_once(text: str, *values: object) -> None:
        if (problem := text % values) not in warned:
            warned.add(problem)
            log(text, *values)

    return warn_once


class FollowedManifests:
    """Manifests that are re-read when they change, as those of a bundler that watches its sources do."""

    def __init__(self, paths: tuple[str, ...], sources: Sequence[object]) -> None:
        self._paths = paths
        self._sources = sources
        self._warn = _once(_log.warning)
        self._state: tuple[list[Stamp | None], Bundles] = [], NO_BUNDLES

    def now(self) -> Bundles:
        """Return the bundles of the manifests as they are now."""
        stamps, bundles = self._state
        found = [*map(find_stamp, self._paths)]
        if found != stamps:
            bundles = read_manifests(self._paths, self._sources, self._warn)
            self._state = found, bundles
        return bundles


def read_manifests(paths: Iterable[str], sources: Iterable[object], warn: Warn) -> Bundles:
    """Read manifests at paths relative to the working directory; `warn` is called with the problems of each."""
    roots = [source for source in sources if isinstance(source, Directory)]
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
            named = ", ".join(repr(name) for name in sorted(manifest.absent)[:_MAX_NAMED])
            more = " …" if len(manifest.absent) > _MAX_NAMED else ""
            warn("%s, of the setting `manifests`, names files that do not exist: %s. Build again.", path, named + more)
    return Bundles(frozenset(files), aliases, needs, later)


class _Manifest:
    """One manifest.

    Raises:
        ValueError: it cannot be used; the message has the reason and the remedy.
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
            name = self._locate(chunk["file"])
            styles = [self._locate(path) for path in _texts(chunk, "css")]
            others = [self._locate(path) for path in _texts(chunk, "assets")]
            imports, later = (
                [self._locate(chunks[other]["file"]) for other in _texts(chunk, how) if other in chunks]
                for how in ("imports", "dynamicImports")
            )
            self.files |= {file for file in (name, *styles, *others) if file}
            if name:
                self.aliases[key] = name
                self.needs[name] = tuple(file for file in (*imports, *styles) if file and file != name)
                self.later[name] = tuple(file for file in later if file)

    def _locate(self, written: str) -> str | None:
        """Return the logical path of a file; None if it does not exist.

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
    """Return the prefix of the logical paths of a folder's files, according to the source that has the folder."""
    for root in roots:
        for path, of in ((f"{built}/", root.root), (f"{os.path.realpath(built)}/", f"{os.path.realpath(root.root)}/")):
            if spell(path).startswith(spell(of)):
                return root.prefix + path[len(of) :].replace(os.sep, "/")
    raise ValueError(f"is of {built}, which no source has. Add that folder to the sources.")


def _read_chunks(path: str) -> dict[str, dict[str, Any]]:
    try:
        size = os.path.getsize(path)
        data = read_file(os.path.abspath(path)).data if size <= _MAX_SIZE else None
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot be read ({reason}). Build, or correct the path.") from error
    if data is None:
        raise ValueError(f"has more than {_MAX_SIZE} bytes: it is not a manifest.")
    try:
        document = json.loads(data)
    except RecursionError:
        raise ValueError("is nested too deeply: it is not a manifest.") from None
    except ValueError as error:
        raise ValueError(f"is not JSON ({error}). Build again.") from error
    if not isinstance(document, dict) or not all(map(_is_chunk, document.values())):
        raise ValueError("is not a manifest as Vite writes it: an object of objects that have `file`. Build again.")
    return document


def _is_chunk(chunk: object) -> bool:
    return isinstance(chunk, dict) and isinstance(chunk.get("file"), str)


def _texts(chunk: Mapping[str, Any], member: str) -> Iterator[str]:
    listed = chunk.get(member)
    return (text for text in (listed if isinstance(listed, list) else ()) if isinstance(text, str))
