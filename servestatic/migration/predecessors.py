"""What each setting of WhiteNoise 6 and of Archmonger's ServeStatic 4 became.

`servestatic migrate`, Django's system checks and the pages under docs/how-to read these tables.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias

WHITENOISE = "WHITENOISE_"
ARCHMONGER = "SERVESTATIC_"

# same: keep the value; drop: remove the line; ask: leave it to the user; the others convert the value.
How: TypeAlias = Literal["same", "drop", "ask", "cors", "index file", "links", "media types", "paths"]
UNKNOWN = object()  # the value of an expression that is not a constant


class Became(NamedTuple):
    """What a setting became.

    Attributes:
        name: its name without the prefix.
        ours: the setting that takes its place; empty if none is needed or none exists.
        how: what `servestatic migrate` does with the line.
        why: sentences for the documentation and for the user who decides.
        loses: returns whether a constant value, or `UNKNOWN`, needs a decision of the user.
    """

    name: str
    ours: str
    how: How
    why: str
    loses: Callable[[object], bool] = lambda _: False


def _is_true(value: object) -> bool:
    return value is True


def _is_set(value: object) -> bool:
    return value is not None and value is not False


SHARED = (
    Became(
        "ROOT",
        "SERVESTATIC_ROOT",
        "paths",
        "The same: files at the root of the site, such as robots.txt. It may be a list, and each directory must"
        " exist when the server starts. Do not name STATIC_ROOT: the files that the finders find are served.",
    ),
    Became(
        "AUTOREFRESH",
        "SERVESTATIC_LIVE",
        "drop",
        "Not needed: with DEBUG, changed files are served at once. SERVESTATIC_LIVE = True does so without DEBUG.",
        _is_true,
    ),
    Became(
        "USE_FINDERS",
        "",
        "drop",
        "Not needed: the files that the finders find are always served, and STATIC_ROOT is not a source.",
    ),
    Became(
        "MAX_AGE",
        "SERVESTATIC_MAX_AGE",
        "same",
        "The same: seconds, for URLs without a fingerprint. 0 sends `no-cache`, None nothing.",
    ),
    Became(
        "INDEX_FILE",
        "SERVESTATIC_INDEX_FILE",
        "index file",
        'The name of the file: True becomes "index.html", False and None become "". Several are a list; the first that'
        " exists is served.",
        lambda value: value is UNKNOWN,
    ),
    Became(
        "MIMETYPES",
        "SERVESTATIC_HEADERS",
        "media types",
        'A Content-Type for a pattern: {".foo": "x/foo"} becomes {"*.foo": {"Content-Type": "x/foo"}}. Web app'
        " manifests, fonts, WebAssembly and other types that browsers load are built in.",
        lambda value: value is UNKNOWN,
    ),
    Became(
        "CHARSET",
        "",
        "drop",
        "Not needed: `charset=utf-8` is sent if the file's bytes are UTF-8, otherwise no charset.",
        lambda value: str(value).lower() not in ("utf-8", "utf8"),
    ),
    Became(
        "ALLOW_ALL_ORIGINS",
        "SERVESTATIC_CORS",
        "cors",
        'True is the default, "all"; False becomes "off". "fonts" shares only fonts.',
    ),
    Became(
        "SKIP_COMPRESS_EXTENSIONS",
        "",
        "drop",
        "Not needed: files of compressed media types are not compressed again, nor is a file that would not become"
        " 5 % smaller.",
    ),
    Became(
        "ADD_HEADERS_FUNCTION",
        "SERVESTATIC_HEADERS",
        "ask",
        'Patterns, {"*.pdf": {"X-Robots-Tag": "noindex"}}, or a function of the logical path and the URL path that'
        " returns the headers. For CORS set SERVESTATIC_CORS, for files that may be cached forever"
        " SERVESTATIC_IMMUTABLE.",
        _is_set,
    ),
    Became(
        "IMMUTABLE_FILE_TEST",
        "SERVESTATIC_IMMUTABLE",
        "ask",
        'Patterns of names, ["assets/*-????????.*"] for Vite, or a function of the logical path. Use it only for'
        " files that a bundler has named by their content; fingerprinted URLs are immutable anyway.",
        _is_set,
    ),
    Became(
        "STATIC_PREFIX",
        "SERVESTATIC_PREFIX",
        "same",
        "The same. By default, the path of STATIC_URL without the script name.",
    ),
    Became(
        "KEEP_ONLY_HASHED_FILES",
        "",
        "drop",
        "Not needed: without collectstatic nothing is written, and plain names serve the bytes of the source.",
    ),
    Became(
        "MANIFEST_STRICT",
        "SERVESTATIC_STRICT",
        "drop",
        "By default an unknown name is not an error: its URL is plain, and the log suggests the nearest name, once."
        " SERVESTATIC_STRICT = True makes unknown names errors, and broken references in stylesheets and scripts"
        " too.",
        lambda value: value is not False,
    ),
)

WHITENOISE_SETTINGS = SHARED
ARCHMONGER_SETTINGS = (
    *SHARED,
    Became("USE_MANIFEST", "", "drop", "Not needed: names come from the files themselves, not from staticfiles.json."),
    Became(
        "USE_STATIC_ROOT",
        "",
        "drop",
        "STATIC_ROOT is not a source: files that exist only there are not served. Add the folder that they come"
        " from to STATICFILES_DIRS.",
        _is_true,
    ),
    Became(
        "ALLOW_UNSAFE_SYMLINKS",
        "SERVESTATIC_FOLLOW_SYMLINKS",
        "links",
        'True becomes "all". Links to other sources, and those within installed packages, are followed anyway;'
        ' "packages" also follows links to installed packages.',
    ),
    *(
        Became(
            f"USE_{coding}",
            "",
            "drop",
            "There is no switch: the client's Accept-Encoding chooses among the codings that are installed.",
        )
        for coding in ("GZIP", "BROTLI", "ZSTD")
    ),
    Became(
        "ZSTD_DICTIONARY",
        "",
        "drop",
        "Not supported: browsers do not have the dictionary, so they cannot decode the file.",
        _is_set,
    ),
    Became("ZSTD_DICTIONARY_IS_RAW", "", "drop", "Not supported: there is no dictionary."),
    Became("ZSTD_LEVEL", "", "drop", "Not supported: zstd level 13 is used, with a window that browsers accept."),
    Became("MINIFY", "", "drop", "Not supported: files are served as they are. Minify them in your build.", _is_true),
)

BY_NAME = {
    **{WHITENOISE + setting.name: setting for setting in WHITENOISE_SETTINGS},
    **{ARCHMONGER + setting.name: setting for setting in ARCHMONGER_SETTINGS},
}

APP = "servestatic.django"
MIDDLEWARE = "servestatic.django.ServeStaticMiddleware"
STORAGE = "servestatic.django.ServeStaticStorage"

# Dotted paths in settings, and what replaces them.
PATHS = {
    "whitenoise.middleware.WhiteNoiseMiddleware": MIDDLEWARE,
    "whitenoise.storage.CompressedManifestStaticFilesStorage": STORAGE,
    "whitenoise.storage.CompressedStaticFilesStorage": STORAGE,
    "whitenoise.storage.ManifestStaticFilesStorage": STORAGE,
    "whitenoise.storage.StaticFilesStorage": STORAGE,
    "whitenoise.django.GzipManifestStaticFilesStorage": STORAGE,
    "whitenoise.runserver_nostatic": APP,
    "servestatic.middleware.ServeStaticMiddleware": MIDDLEWARE,
    "servestatic.storage.CompressedManifestStaticFilesStorage": STORAGE,
    "servestatic.storage.CompressedStaticFilesStorage": STORAGE,
    "servestatic.runserver_nostatic": APP,
    "servestatic.runserver_nostatic.apps.ServeStaticRunserverNoStaticAliasConfig": APP,
    "servestatic.apps.ServeStaticConfig": APP,
}
# Names of apps that mean something else outside INSTALLED_APPS.
APPS = {"whitenoise": APP, "servestatic": APP}
HEROKU = ("django_heroku", "django_on_heroku")
