"""The types of files by their names, compared with those of WhiteNoise and of Python's `mimetypes`."""

from __future__ import annotations

import mimetypes

import pytest

from servestatic.assets.coding import is_coded
from servestatic.assets.media_type_tables import COMPRESSIBLE, OPAQUE, TEXT
from servestatic.assets.media_types import TYPES, UNKNOWN, media_type

# WhiteNoise 6.12, whitenoise/media_types.py: extensions by type; the last two rows are whole names.
WHITENOISE = """
application/atom+xml .atom
application/font-woff .woff
application/java-archive .ear .jar .war
application/json .json
application/mac-binhex40 .hqx
application/msword .doc
application/pdf .pdf
application/postscript .ai .eps .ps
application/rss+xml .rss
application/rtf .rtf
application/vnd.apple.mpegurl .m3u8
application/vnd.google-earth.kml+xml .kml
application/vnd.google-earth.kmz .kmz
application/vnd.ms-excel .xls
application/vnd.ms-fontobject .eot
application/vnd.ms-powerpoint .ppt
application/vnd.oasis.opendocument.graphics .odg
application/vnd.oasis.opendocument.presentation .odp
application/vnd.oasis.opendocument.spreadsheet .ods
application/vnd.oasis.opendocument.text .odt
application/vnd.openxmlformats-officedocument.presentationml.presentation .pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet .xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document .docx
application/vnd.wap.wmlc .wmlc
application/wasm .wasm
application/x-7z-compressed .7z
application/x-cocoa .cco
application/x-java-archive-diff .jardiff
application/x-java-jnlp-file .jnlp
application/x-makeself .run
application/x-perl .pl .pm
application/x-pilot .pdb .prc
application/x-rar-compressed .rar
application/x-redhat-package-manager .rpm
application/x-sea .sea
application/x-shockwave-flash .swf
application/x-stuffit .sit
application/x-tcl .tcl .tk
application/x-x509-ca-cert .crt .der .pem
application/x-xpinstall .xpi
application/xhtml+xml .xhtml
application/xspf+xml .xspf
application/zip .zip
audio/midi .kar .mid .midi
audio/mpeg .mp3
audio/ogg .ogg
audio/x-m4a .m4a
audio/x-realaudio .ra
font/woff2 .woff2
image/avif .avif
image/gif .gif
image/jpeg .jpeg .jpg
image/png .png
image/svg+xml .svg .svgz
image/tiff .tif .tiff
image/vnd.wap.wbmp .wbmp
image/webp .webp
image/x-icon .ico
image/x-jng .jng
image/x-ms-bmp .bmp
text/css .css
text/html .htm .html .shtml
text/javascript .js .mjs
text/markdown .md
text/mathml .mml
text/plain .txt
text/vnd.sun.j2me.app-descriptor .jad
text/vnd.wap.wml .wml
text/x-component .htc
text/xml .xml
video/3gpp .3gp .3gpp
video/mp2t .ts
video/mp4 .mp4
video/mpeg .mpeg .mpg
video/quicktime .mov
video/webm .webm
video/x-flv .flv
video/x-m4v .m4v
video/x-mng .mng
video/x-ms-asf .asf .asx
video/x-ms-wmv .wmv
video/x-msvideo .avi
application/pkc7-mime apple-app-site-association
text/x-cross-domain-policy crossdomain.xml
"""
# What we say instead, and why.
REGISTERED = "registered with IANA"
BROWSERS = "what browsers expect"
SAME = "RFC 7303 §9.2: the same as text/xml"
SOURCE = "shown rather than run"
DOWNLOADED = "as Python had it until 3.14; browsers save it, whatever it is called"
DIFFERENCES = {
    **dict.fromkeys(
        (".cab", ".chm", ".dcm", ".dll", ".efi", ".exe", ".hjif", ".hmpg", ".ivs", ".thmx"),
        ("application/octet-stream", DOWNLOADED),
    ),
    ".ai": ("application/postscript", REGISTERED),
    ".sql": ("text/plain", SOURCE),
    ".3g2": ("video/3gpp2", "mostly films; both are registered"),
    ".3gp": ("video/3gpp", "mostly films; both are registered"),
    ".3gpp": ("video/3gpp", "mostly films; both are registered"),
    ".3gpp2": ("video/3gpp2", "mostly films; both are registered"),
    ".ass": ("text/plain", "subtitles, as text"),
    ".avi": ("video/vnd.avi", REGISTERED),
    ".bmp": ("image/bmp", REGISTERED),
    ".cjs": ("text/javascript", BROWSERS),
    ".ico": ("image/vnd.microsoft.icon", REGISTERED),
    ".jpg": ("image/jpeg", REGISTERED),
    ".js": ("text/javascript", "RFC 9239 §6; Python has it since 3.12"),
    ".m4a": ("audio/mp4", REGISTERED),
    ".m4v": ("video/mp4", REGISTERED),
    ".mjs": ("text/javascript", "RFC 9239 §6; Python has it since 3.12"),
    ".mml": ("application/mathml+xml", REGISTERED),
    ".obj": ("model/obj", REGISTERED),
    ".opus": ("audio/ogg", "RFC 7845 §9: the file is Ogg; audio/opus is of RTP"),
    ".php": ("application/octet-stream", "a source that may have secrets is not shown"),
    ".pl": ("text/plain", SOURCE),
    ".pm": ("text/plain", SOURCE),
    ".pot": ("text/plain", "gettext's, of which Python packages have many"),
    ".ra": ("audio/x-pn-realaudio", "one type for RealAudio"),
    ".ram": ("audio/x-pn-realaudio", "one type for RealAudio"),
    ".rar": ("application/vnd.rar", REGISTERED),
    ".rdf": ("application/rdf+xml", REGISTERED),
    ".rpm": ("application/x-rpm", "as Python and freedesktop.org have it"),
    ".rtf": ("application/rtf", REGISTERED),
    ".texi": ("application/x-texinfo", "as Python had it until 3.13"),
    ".texinfo": ("application/x-texinfo", "as Python had it until 3.13"),
    ".vcf": ("text/vcard", REGISTERED),
    ".wav": ("audio/wav", BROWSERS),
    ".woff": ("font/woff", REGISTERED),
    ".xml": ("application/xml", SAME),
    ".xul": ("application/vnd.mozilla.xul+xml", REGISTERED),
    ".yaml": ("text/yaml", "shown rather than downloaded, as application/yaml would be"),
    ".yml": ("text/yaml", "shown rather than downloaded, as application/yaml would be"),
    "apple-app-site-association": ("application/json", "Apple's documentation; pkc7-mime is misspelled"),
}


def pairs(table: str) -> dict[str, str]:
    return {name: essence for essence, *names in map(str.split, table.strip().splitlines()) for name in names}


def essence(name: str) -> str:
    """Return the type of a file by its extension or whole name."""
    return media_type(f"a{name}" if name.startswith(".") else name).essence


PYTHON = mimetypes.MimeTypes().types_map  # of this version, by whether it is strict; no file of the host is read
THEIRS = {"WhiteNoise": pairs(WHITENOISE), "Python": PYTHON[True], "Python, not strict": PYTHON[False]}


@pytest.mark.parametrize("whose", THEIRS)
def test_each_difference_has_a_reason(whose: str) -> None:
    wrong = {name: essence(name) for name, theirs in THEIRS[whose].items() if essence(name) != theirs}
    assert wrong == {name: DIFFERENCES[name][0] for name in wrong if name in DIFFERENCES}


def test_the_table_of_whitenoise_is_whole() -> None:
    assert len(pairs(WHITENOISE)) == 104


def test_no_extension_has_two_types() -> None:
    written = [name for table in (TEXT, COMPRESSIBLE, OPAQUE) for names in table.values() for name in names.split()]
    assert sorted(written) == sorted(TYPES.keys() - {"svgz"})


@pytest.mark.parametrize(
    ("name", "essence", "text", "compressible"),
    [
        ("film/index.m3u8", "application/vnd.apple.mpegurl", False, True),
        ("film/0.ts", "video/mp2t", False, True),
        ("film/0.m4s", "video/iso.segment", False, False),
        ("film/index.mpd", "application/dash+xml", False, True),
        ("a.ods", "application/vnd.oasis.opendocument.spreadsheet", False, False),
        ("a.DOC", "application/msword", False, True),
        ("map.kml", "application/vnd.google-earth.kml+xml", False, True),
        ("map.pmtiles", "application/vnd.pmtiles", False, False),
        ("map.gpx", "application/gpx+xml", False, True),
        ("a.avif", "image/avif", False, False),
        ("a.heif", "image/heif", False, False),
        ("a.usdz", "model/vnd.usdz+zip", False, False),
        (".well-known/apple-app-site-association", "application/json", False, True),
        ("speculationrules.json", "application/speculationrules+json", False, True),
        ("crossdomain.xml", "text/x-cross-domain-policy", True, True),
        ("a.scss", "text/plain", True, True),
        ("a.vue", "text/plain", True, True),
        ("a.svgz", "image/svg+xml", False, False),
        ("a.", *UNKNOWN[:3]),
        ("css", *UNKNOWN[:3]),
        ("a.css/b", *UNKNOWN[:3]),
        (".css", "text/css", True, True),
    ],
)
def test_media_type(name: str, essence: str, text: bool, compressible: bool) -> None:
    assert media_type(name)[:3] == (essence, text, compressible)


@pytest.mark.parametrize(
    ("name", "length", "coded"),
    [
        ("lib.d.ts", 1000, True),
        ("main.ts", 189, True),
        ("film/0.ts", 188 * 1000, False),
        ("main.css", 188, True),
        ("a.png", 1000, False),
        ("main.css", 0, False),
        ("main.css", 64 * 1024 * 1024, True),
        ("main.css", 64 * 1024 * 1024 + 1, False),
    ],
)
def test_is_coded(name: str, length: int, coded: bool) -> None:
    assert is_coded(name, length) == coded
