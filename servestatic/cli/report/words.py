"""The words and numbers of a report, for people."""

import re

from servestatic.cli.output import amount
from servestatic.cli.output import size as bytes_of

__all__ = ["KIND_NAMES", "amount", "bytes_of", "clip", "percent", "shorten"]

_INSTALLED = re.compile(r"(?<!\S)/\S*/(?:site|dist)-packages/")
_FEWEST = 4  # letters: fewer say nothing
_WITH_END = 12  # letters

KIND_NAMES = {
    "script": "Scripts",
    "style": "Stylesheets",
    "page": "Pages",
    "image": "Images",
    "font": "Fonts",
    "film": "Film and sound",
    "data": "Data",
    "map": "Source maps, types",
    "other": "Other",
}


def shorten(sentence: str) -> str:
    """Return a sentence with the paths of installed packages shortened, from the name of the package on."""
    return _INSTALLED.sub("", sentence)


def percent(part: float, whole: float) -> str:
    """Write a share: `39%`, `<1%`."""
    if not whole or not part:
        return "0%"
    share = 100 * part / whole
    return "<1%" if share < 1 else f"{share:.0f}%"


def clip(text: str, letters: float) -> str:
    """Return a text that fits so many letters; of a long one its end stays, which has the extension."""
    if len(text) <= letters:
        return text
    if letters < _FEWEST:
        return ""
    tail = 0 if letters < _WITH_END else int(letters / 3)
    return f"{text[: int(letters) - 1 - tail]}…{text[len(text) - tail :] if tail else ''}"
