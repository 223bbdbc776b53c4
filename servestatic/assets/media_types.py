"""The type of a file by its name: one table, the same on every machine (`mimetypes` reads the host's files)."""

from typing import NamedTuple

from servestatic.assets.media_type_tables import COMPRESSIBLE, OPAQUE, TEXT


class MediaType(NamedTuple):
    """A media type (RFC 9110 §8.3.1) and what follows from it.

    Attributes:
        essence: type and subtype.
        text: the bytes are text that takes a charset parameter.
        compressible: content codings are worth a try.
        stored: the content coding that the bytes have already, without which they are not of this type; mostly empty.
    """

    essence: str
    text: bool
    compressible: bool
    stored: str = ""

    @property
    def page(self) -> bool:
        """Whether it is the type of pages, whose URLs people know."""
        return self.essence in ("text/html", "application/xhtml+xml")

    @property
    def font(self) -> bool:
        """Whether browsers fetch it as a font, always with CORS (CSS Fonts 4 §4.8.2)."""
        return self.essence.startswith("font/") or self.essence == "application/vnd.ms-fontobject"


UNKNOWN = MediaType("application/octet-stream", text=False, compressible=False)

# By extension: stored in a content coding, which must be named (SVG 1.1 §1.2).
_STORED = {"svgz": MediaType("image/svg+xml", text=False, compressible=False, stored="gzip")}
TYPES = _STORED | {
    extension: MediaType(essence, text, compressible)
    for table, text, compressible in ((TEXT, True, True), (COMPRESSIBLE, False, True), (OPAQUE, False, False))
    for essence, extensions in table.items()
    for extension in extensions.split()
}
_SPECULATION_RULES = MediaType("application/speculationrules+json", text=False, compressible=True)  # HTML §7.6.1
# By whole name, which says more than the extension.
NAMES = {
    "apple-app-site-association": MediaType("application/json", text=False, compressible=True),  # Apple's documentation
    "crossdomain.xml": MediaType("text/x-cross-domain-policy", text=True, compressible=True),
    "speculation-rules.json": _SPECULATION_RULES,
    "speculationrules.json": _SPECULATION_RULES,
}


def media_type(name: str) -> MediaType:
    """Return the type of a file by its name or extension, `application/octet-stream` if both are unknown."""
    last = name.rpartition("/")[2].lower()
    _, dot, extension = last.rpartition(".")
    return NAMES.get(last) or (TYPES.get(extension, UNKNOWN) if dot else UNKNOWN)
