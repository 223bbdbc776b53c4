"""Every setting, in one tuple."""

from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, get_args

from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Cors, Policy, find_by_pattern
from servestatic.disk.trust import FollowSymlinks
from servestatic.settings.convert import Age, Headers, Patterns
from servestatic.settings.hooks import guard_headers, guard_test

Compress: TypeAlias = Literal["background", "startup", "build"]


class Settings(NamedTuple):
    """Every setting, with its type, its default and a sentence about what it does."""

    prefix: Annotated[str, "URL path below which the files are served."] = "/static/"
    fingerprints: Annotated[bool, "Whether URLs have fingerprints, so that browsers keep the files for a year."] = True
    max_age: Annotated[
        Age,
        "Seconds for which browsers may cache a URL without a fingerprint; 0 means no-cache, `none` no Cache-Control.",
    ] = 60
    cors: Annotated[Cors, "What pages of other origins may read: `all` files, only `fonts`, or nothing (`off`)."] = (
        "all"
    )
    strict: Annotated[bool, "Whether broken references and unreadable sources are errors."] = False
    pages: Annotated[bool, "Whether HTML files keep their plain names, are rewritten, and are always revalidated."] = (
        True
    )
    immutable: Annotated[
        Patterns,
        "Patterns of files that a bundler has named by their content: they keep their names and bytes, and are"
        " immutable. In Python also a function of the path.",
    ] = ()
    manifests: Annotated[
        tuple[str, ...],
        "Manifests of bundlers, such as `dist/.vite/manifest.json`: the files in it are immutable, too, and you can use"
        " the names of its entries.",
    ] = ()
    index_file: Annotated[
        tuple[str, ...], "Files to serve for a URL that ends with a slash, such as `index.html`: the first that exists."
    ] = ()
    clean_urls: Annotated[bool, "Whether `/about` serves about.html, and `/about/` redirects there."] = False
    headers: Annotated[
        Headers,
        'Headers for the files that match a pattern: `{"*.pdf": {"X-Robots-Tag": "noindex"}}`. In Python also a'
        " function of the path and the URL path.",
    ] = ()
    store: Annotated[
        str, "Directory that caches compressed files and releases; empty for the user's cache, `none` for none."
    ] = ""
    releases: Annotated[
        str,
        "Directory or bucket (`s3://…`) that keeps releases, so that processes serve each other's files during a"
        " deploy. Empty for a directory in the store, `none` for none.",
    ] = ""
    deltas: Annotated[
        bool,
        "Whether a client that has an earlier version of a file downloads only the difference (RFC 9842); needs"
        " Zstandard and `releases`, or a build that keeps releases.",
    ] = True
    compress: Annotated[
        Compress, "When files are compressed best: in the `background`, at `startup`, or only in a sealed `build`."
    ] = "background"
    live: Annotated[bool, "Whether changed files are served at once, for development."] = False
    build: Annotated[str, "Sealed build to serve instead of the sources, which are then ignored."] = ""
    sources: Annotated[tuple[str, ...], "Directories to collect if the program names none."] = ()
    root: Annotated[
        tuple[str, ...],
        "Directories whose files, such as robots.txt, are served at the root of the site, `/`; the other sources are"
        " served below the prefix.",
    ] = ()
    single_page: Annotated[
        str, "Page to serve for unknown paths without an extension, such as `index.html`; standalone only."
    ] = ""
    not_found: Annotated[
        str, "Page to serve with status 404 if nothing is found, such as `404.html`; standalone only."
    ] = ""
    follow_symlinks: Annotated[
        FollowSymlinks,
        "Which links are followed: those that stay `inside` the sources, and those that installers of Python packages"
        " have made; also those to installed `packages` (site-packages, node_modules); or `all`.",
    ] = "inside"
    application: Annotated[
        str, "Application to wrap, as `module:attribute`; only for servestatic:app, wsgi_app and rsgi_app."
    ] = ""
    application_interface: Annotated[
        Literal["", "asgi", "wsgi"], "Interface of that application; by default, it is recognised."
    ] = ""

    @property
    def names_files(self) -> bool:
        """Whether there is something to serve, even if the program names no source."""
        return bool(self.sources or self.root or self.build)


class Setting(NamedTuple):
    """A setting as `Settings` declares it."""

    kind: Any
    default: object
    doc: str


@cache
def list_settings() -> dict[str, Setting]:
    """Return every setting by its name."""
    declared = {name: get_args(kind) for name, kind in Settings.__annotations__.items()}
    defaults = Settings._field_defaults
    return {name: Setting(kind, defaults[name], doc) for name, (kind, doc) in declared.items()}


def policy_of(settings: Settings, *, revalidate: bool = False) -> Policy:
    """Return the policy that the settings determine."""
    immutable, headers = settings.immutable, settings.headers
    return Policy(
        fingerprints=settings.fingerprints,
        revalidate=revalidate,
        max_age=settings.max_age,
        cors=settings.cors,
        pages=settings.pages,
        index_files=settings.index_file,
        clean_urls=settings.clean_urls,
        immutable=guard_test(immutable) if callable(immutable) else compile_patterns(immutable),
        alone=bool(settings.not_found),
        headers=guard_headers(headers) if callable(headers) else find_by_pattern(headers),
    )
