"""What one side has for a file. Nothing here opens a file."""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from servestatic.assets.names import path_of


class Answer(NamedTuple):
    """What one side has for a file.

    Attributes:
        url: that templates write; empty if the storage has none.
        status: of the answer; 0 if no middleware serves it.
        fields: of the answer, with their names in lower case.
        digest: SHA-256 of the decoded body, in hex.
        source: that of the file, in hex; empty for a file at the site's root.
        default_type: the media type in the predecessor's own table; empty if that is unknown.
    """

    url: str = ""
    status: int = 0
    fields: Mapping[str, str] = {}
    digest: str = ""
    source: str = ""
    default_type: str = ""


def split_url(name: str, url: str) -> tuple[str, str] | None:
    """Return what precedes the name of a file in its URL, and the fingerprint in it; None if it has another name."""
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (last, "")
    pattern = rf"(.*/){re.escape(folder + slash + stem)}(?:[.-]([0-9A-Za-z]{{6,64}}))?{re.escape(ending)}"
    found = re.fullmatch(pattern, unquote(path_of(url)), re.DOTALL)
    return (found[1], found[2] or "") if found else None
