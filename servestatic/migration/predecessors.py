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
        "The same: files at the root of the site, such as robots.txt. The directory has to exist when the server"
        " starts; several are a list. Not STATIC_ROOT, which need not be named: what the finders find is served.",
    ),
    Became(
        "AUTOREFRESH",
        "SERVESTATIC_LIVE",
        "drop",
        "Not needed: with DEBUG the files are followed. SERVESTATIC_LIVE = True follows them without DEBUG.",
        _is_true,
    ),
    Became(
        "USE_FINDERS",
        "",
        "drop",
        "Not needed: what the finders find is always served, and STATIC_ROOT is no source.",
    ),
    Became(
        "MAX_AGE",
        "SERVESTATIC_MAX_AGE",
        "same",
        "The same: seconds, for URLs without fingerprint. 0 sends `no-cache`, None nothing.",
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
        'A Content-Type for a pattern: {".foo": "x/foo"} becomes {"*.foo": {"Content-Type": "x/foo"}}.'
        " Web app manifests, fonts, WebAssembly and what else browsers load are known without it.",
        lambda value: value is UNKNOWN,
    ),
    Became(
        "CHARSET",
        "",
        "drop",
        "Not needed: `charset=utf-8` is sent where the file's bytes are UTF-8, and nothing where they are not.",
        lambda value: str(value).lower() not in ("utf-8", "utf8"),
    ),
    Became(
        "ALLOW_ALL_ORIGINS",
        "SERVESTATIC_CORS",
        "cors",
        'True is the default, "all"; False becomes "off". "fonts" shares fonts alone.',
    ),
    Became(
        "SKIP_COMPRESS_EXTENSIONS",
        "",
        "drop",
        "Not needed: media types that are compressed already are left alone, and so is a file that a coding does not"
        " make smaller by 5 %.",
    ),
    Became(
        "ADD_HEADERS_FUNCTION",
        "SERVESTATIC_HEADERS",
        "ask",
        'Patterns, {"*.pdf": {"X-Robots-Tag": "noindex"}}, or a function of the logical path and the URL path that'
        " returns the fields. CORS is SERVESTATIC_CORS, and what may be cached for good is SERVESTATIC_IMMUTABLE.",
        _is_set,
    ),
    Became(
        "IMMUTABLE_FILE_TEST",
        "SERVESTATIC_IMMUTABLE",
        "ask",
        'Patterns of names, ["assets/*-????????.*"] for Vite, or a function of the logical path, and only for files'
        " that a bundler has named by their content. Fingerprinted URLs are immutable without it.",
        _is_set,
    ),
    Became(
        "STATIC_PREFIX",
        "SERVESTATIC_PREFIX",
        "same",
        "The same. By default the path of STATIC_URL without the script's name.",
    ),
    Became(
        "KEEP_ONLY_HASHED_FILES",
        "",
        "drop",
        "Not needed: nothing is written where collectstatic does not run; the plain names serve the source's bytes.",
    ),
    Became(
        "MANIFEST_STRICT",
        "SERVESTATIC_STRICT",
        "drop",
        "A name that no source has is never an error by default: its URL is plain, and it is logged once with"
        " the nearest name. SERVESTATIC_STRICT = True makes it an error, and broken references in stylesheets and"
        " scripts too.",
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
        "STATIC_ROOT is no source: what is only there is not served. Put the folder that it comes from into"
        " STATICFILES_DIRS.",
        _is_true,
    ),
    Became(
        "ALLOW_UNSAFE_SYMLINKS",
        "SERVESTATIC_FOLLOW_SYMLINKS",
        "links",
        'True becomes "all". Links to other sources, and those of installed packages, are followed without it;'
        ' "packages" follows those to installed packages, and no others.',
    ),
    *(
        Became(
            f"USE_{coding}",
            "",
            "drop",
            "No switch: the client's Accept-Encoding decides, among the codings whose coder is installed.",
        )
        for coding in ("GZIP", "BROTLI", "ZSTD")
    ),
    Became(
        "ZSTD_DICTIONARY",
        "",
        "drop",
        "None: a browser has no such dictionary, and cannot decode what was made with it.",
        _is_set,
    ),
    Became("ZSTD_DICTIONARY_IS_RAW", "", "drop", "None, as there is no dictionary."),
    Became("ZSTD_LEVEL", "", "drop", "None: level 13, in the background, with a window that browsers accept."),
    Became("MINIFY", "", "drop", "None: files are served as they are. Minify where they are built.", _is_true),
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
