"""The words and numbers of a report, for people."""

from servestatic.cli.output import amount
from servestatic.cli.output import size as bytes_of

__all__ = ["KIND_NAMES", "amount", "bytes_of", "clip", "percent"]

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
    if letters < 4:  # noqa: PLR2004 - fewer say nothing
        return ""
    tail = 0 if letters < 12 else int(letters / 3)
    return f"{text[: int(letters) - 1 - tail]}…{text[len(text) - tail :] if tail else ''}"
