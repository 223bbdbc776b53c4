"""Why an answer is another than before: the sentences that people read, and whether one has to act on them."""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason for a difference.

    Attributes:
        what: differs: `URL`, `Cache-Control`, `bytes` and so on; empty for the name of any other field.
        why: one sentence; for a difference that is not explained, what to do.
        explained: it is meant to be so, and harmless.
    """

    what: str
    why: str
    explained: bool = True


# ------------------------------------------------------------------------------------------------------------ URLs

SCHEME = Reason("URL", "Fingerprints are computed differently (SHA-256, not MD5); every file is fetched once more.")
PAGE = Reason("URL", "Pages keep their plain names, since people know their URLs.")
NAMED_NOW = Reason("URL", "The old storage has plain names. SERVESTATIC_FINGERPRINTS = False keeps them.")
SPELLING = Reason("URL", "The same path; characters such as `@` are not percent-encoded.")
NOT_NAMED = Reason(
    "URL", "The name no longer has a fingerprint. See SERVESTATIC_FINGERPRINTS and SERVESTATIC_PAGES.", False
)
OTHER_URL = Reason("URL", "The path differs. Compare STATIC_URL and SERVESTATIC_PREFIX.", False)
NO_URL = Reason("URL", "The storage of the edited settings has no URL for it.", False)
NEW_URL = Reason("URL", "The old storage has no URL for it; a page that uses one is a 500.")
GONE = Reason("file", "Only the old settings find it. Compare INSTALLED_APPS and STATICFILES_DIRS.", False)
COME = Reason("file", "Only the edited settings find it.")

# ----------------------------------------------------------------------------------------------------------- answers

NOT_SERVED = Reason("answer", "It is no longer served. `servestatic explain` and `manage.py check` say more.", False)
ROOT_NOT_SERVED = Reason("answer", "It is no longer served at the site's root. Set SERVESTATIC_ROOT.", False)
REDIRECT = Reason("answer", "A redirect is a 308, which keeps method and query.")
SERVED_NOW = Reason("answer", "It is served now.")
MEDIA_TYPE = Reason("Content-Type", "One table of registered media types, the same on every machine.")
CHARSET = Reason("Content-Type", "A charset is sent for text whose bytes are UTF-8, and for nothing else.")
OWN_TYPE = Reason("Content-Type", "The old settings have a type of their own. Move it to SERVESTATIC_HEADERS.", False)
LIFETIME = Reason("Cache-Control", "Immutable, for a year (RFC 8246), without `public`.")
NO_PUBLIC = Reason("Cache-Control", "As long, without `public`: files behind a password stay out of shared caches.")
PAGE_FRESH = Reason("Cache-Control", "Pages are always revalidated.")
NO_CACHE = Reason("Cache-Control", "`no-cache` says what a lifetime of 0 means.")
FINGERPRINTED = Reason("Cache-Control", "A URL with a fingerprint may be cached forever.")
OTHER_LIFETIME = Reason(
    "Cache-Control", "The lifetime differs. Set SERVESTATIC_MAX_AGE or SERVESTATIC_IMMUTABLE.", False
)
ETAG = Reason("ETag", "Every response has one, a digest of its bytes.")
NO_ETAG = Reason("ETag", "It is missing now.", False)
DATE = Reason("Last-Modified", "A file whose references are rewritten has no date of its own; the ETag is exact.")
DATE_NOW = Reason("Last-Modified", "The source's date is sent with the source's bytes.")
DELTAS = Reason("Vary", "Clients that have an earlier version may receive the difference (SERVESTATIC_DELTAS).")
CODED_NOW = Reason("Vary", "The file is compressed, since that makes it 5 % smaller.")
NOT_CODED = Reason("Vary", "The file is not compressed: its type is not, or it would not become 5 % smaller.")
OTHER_VARY = Reason("Vary", "It names other headers. Look for them in SERVESTATIC_HEADERS.", False)
CORS = Reason("Access-Control-Allow-Origin", "Other origins may read something else. Set SERVESTATIC_CORS.", False)
FIELD_NOW = Reason("", "Only the edited settings send it.")
FIELDS_NOW = {
    "accept-ranges": Reason("Accept-Ranges", "Parts of a file can be requested, as the response says."),
    "use-as-dictionary": Reason("Use-As-Dictionary", "The next version may be sent as the difference from this one."),
    "x-content-type-options": Reason("X-Content-Type-Options", "Browsers take the media type as it is sent."),
}
OWN_FIELD = Reason("", "Only the old settings send it, or send this value. Move it to SERVESTATIC_HEADERS.", False)

# ------------------------------------------------------------------------------------------------------------- bytes

MORE_KINDS = Reason("bytes", "References are rewritten in JavaScript modules, pages and web app manifests, too.")
REFERENCES = Reason("bytes", "References have our fingerprints; everything else is the same.")
OTHER_SOURCE = Reason("bytes", "Another file of this name is found first. Compare INSTALLED_APPS and finders.", False)
OTHER_TARGET = Reason("bytes", "A reference leads to another URL. Compare both with the file that is meant.", False)
OTHER_BYTES = Reason("bytes", "The old storage changes more than references. Do that where the files are built.", False)
