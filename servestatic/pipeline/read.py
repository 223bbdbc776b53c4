"""Read one file: its digest, its references, and whether it is UTF-8."""

import hashlib
from collections.abc import Callable

from servestatic.assets.asset import Asset
from servestatic.assets.file import File
from servestatic.assets.media_types import media_type
from servestatic.assets.references import SYNTAXES, extension
from servestatic.disk.read import Reading, read_file
from servestatic.disk.trust import Within
from servestatic.http.message import Stamp


def read(file: File, within: Callable[[str], Within]) -> Asset:
    """Read a file and find its references; the asset keeps the bytes if they may be needed again.

    `within` returns where links may lead from the path of the file.

    Raises:
        OSError: the file does not exist or cannot be read, or a link has taken its place.
    """
    reading = _load(file, within)
    data, syntax = reading.data, SYNTAXES.get(extension(file.name))
    references = syntax.find(data) if syntax and data is not None else []
    utf8 = data is None or not media_type(file.name).text or _is_utf8(data)
    kept = None if isinstance(file.content, str) and not references else data
    return Asset(file, reading.stamp, reading.digest, utf8, references, kept)


def _load(file: File, within: Callable[[str], Within]) -> Reading:
    if isinstance(file.content, str):
        return read_file(file.content, within(file.content), file.stamp) if file.stamp else read_file(file.content)
    if isinstance(file.content, bytes):
        data = file.content
    else:
        with file.content() as stream:
            data = stream.read()
    return Reading(Stamp(0, 0, len(data), 0, 0), hashlib.sha256(data).digest(), data)


def _is_utf8(data: bytes) -> bool:
    try:
        return data.isascii() or bool(data.decode())
    except UnicodeDecodeError:
        return False
