"""The type of a file by its extension: one table, the same on every machine (`mimetypes` reads the host's files).

Types are registered with IANA (https://www.iana.org/assignments/media-types) or, failing that, what browsers expect.
"""

from typing import NamedTuple


class MediaType(NamedTuple):
    """A media type (RFC 9110 §8.3.1) and what follows from it.

    Attributes:
        essence: type and subtype.
        text: the bytes are text that takes a charset parameter.
        compressible: content codings are worth a try.
    """

    essence: str
    text: bool
    compressible: bool

    @property
    def page(self) -> bool:
        """Whether it is the type of pages, whose URLs people know."""
        return self.essence in ("text/html", "application/xhtml+xml")

    @property
    def font(self) -> bool:
        """Whether browsers fetch it as a font, always with CORS (CSS Fonts 4 §4.8.2)."""
        return self.essence.startswith("font/") or self.essence == "application/vnd.ms-fontobject"


_TEXT = {
    "text/calendar": "ics",
    "text/css": "css",
    "text/csv": "csv",
    "text/html": "html htm",
    "text/javascript": "js mjs cjs",
    "text/markdown": "md markdown",
    "text/plain": "txt text log conf ini",
    "text/vcard": "vcf",
    "text/vtt": "vtt",
    "text/x-component": "htc",
    "text/yaml": "yaml yml",
}
_COMPRESSIBLE = {
    "application/atom+xml": "atom",
    "application/geo+json": "geojson",
    "application/importmap+json": "importmap",
    "application/json": "json map",
    "application/ld+json": "jsonld",
    "application/manifest+json": "webmanifest",
    "application/opensearchdescription+xml": "osdx",
    "application/rss+xml": "rss",
    "application/rtf": "rtf",
    "application/toml": "toml",
    "application/vnd.ms-fontobject": "eot",
    "application/wasm": "wasm",
    "application/xhtml+xml": "xhtml xht",
    "application/xml": "xml xsl xsd",
    "application/xslt+xml": "xslt",
    "font/otf": "otf",
    "font/ttf": "ttf",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "image/vnd.microsoft.icon": "ico cur",
    "model/gltf+json": "gltf",
    "model/gltf-binary": "glb",
    "model/obj": "obj",
    "model/stl": "stl",
}
_OPAQUE = {
    "application/epub+zip": "epub",
    "application/gzip": "gz tgz svgz",
    "application/pdf": "pdf",
    "application/vnd.android.package-archive": "apk",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/x-7z-compressed": "7z",
    "application/x-bzip2": "bz2",
    "application/x-tar": "tar",
    "application/x-xz": "xz",
    "application/zip": "zip",
    "application/zstd": "zst",
    "audio/aac": "aac",
    "audio/flac": "flac",
    "audio/matroska": "mka",
    "audio/mp4": "m4a",
    "audio/mpeg": "mp3",
    "audio/ogg": "oga ogg opus",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "font/collection": "ttc",
    "font/woff": "woff",
    "font/woff2": "woff2",
    "image/apng": "apng",
    "image/avif": "avif",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/jpeg": "jpg jpeg jfif",
    "image/jxl": "jxl",
    "image/png": "png",
    "image/tiff": "tif tiff",
    "image/webp": "webp",
    "video/matroska": "mkv",
    "video/mp4": "mp4 m4v",
    "video/mpeg": "mpeg mpg",
    "video/ogg": "ogv",
    "video/quicktime": "mov",
    "video/webm": "webm",
}
UNKNOWN = MediaType("application/octet-stream", text=False, compressible=False)

_BY_EXTENSION = {
    extension: MediaType(essence, text, compressible)
    for table, text, compressible in ((_TEXT, True, True), (_COMPRESSIBLE, False, True), (_OPAQUE, False, False))
    for essence, extensions in table.items()
    for extension in extensions.split()
}


def media_type(name: str) -> MediaType:
    """Return the type of a file by the extension of its name, `application/octet-stream` if that is unknown."""
    return _BY_EXTENSION.get(name.rpartition(".")[2].lower(), UNKNOWN)
