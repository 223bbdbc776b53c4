"""Every setting, in one dataclass."""

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from servestatic.assets.patterns import compile_patterns
from servestatic.assets.policy import Cors, Policy, find_by_pattern
from servestatic.disk.trust import FollowSymlinks
from servestatic.settings.convert import Age, Headers, Patterns
from servestatic.settings.hooks import guard_headers, guard_test

Compress: TypeAlias = Literal["background", "startup", "build"]


def _setting(default: object, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting, with its type, its default and a sentence about what it does."""

    prefix: str = _setting("/static/", "URL path below which the files are served.")
    fingerprints: bool = _setting(True, "Whether URLs have fingerprints, so that browsers keep the files for a year.")
    max_age: Age = _setting(
        60,
        "Seconds for which browsers may cache a URL without a fingerprint; 0 means no-cache, `none` no Cache-Control.",
    )
    cors: Cors = _setting("all", "What pages of other origins may read: `all` files, only `fonts`, or nothing (`off`).")
    strict: bool = _setting(False, "Whether broken references and unreadable sources are errors.")
    pages: bool = _setting(
        True, "Whether HTML files keep their plain names, are rewritten, and are always revalidated."
    )
    immutable: Patterns = _setting(
        (),
        "Patterns of files that a bundler has named by their content: they keep their names and bytes, and are"
        " immutable. In Python also a function of the path.",
    )
    manifests: tuple[str, ...] = _setting(
        (),
        "Manifests of bundlers, such as `dist/.vite/manifest.json`: the files in it are immutable, too, and you can use"
        " the names of its entries.",
    )
    index_file: tuple[str, ...] = _setting(
        (), "Files to serve for a URL that ends with a slash, such as `index.html`: the first that exists."
    )
    clean_urls: bool = _setting(False, "Whether `/about` serves about.html, and `/about/` redirects there.")
    headers: Headers = _setting(
        (),
        'Headers for the files that match a pattern: `{"*.pdf": {"X-Robots-Tag": "noindex"}}`. In Python also a'
        " function of the path and the URL path.",
    )
    store: str = _setting(
        "", "Directory that caches compressed files and releases; empty for the user's cache, `none` for none."
    )
    releases: str = _setting(
        "",
        "Directory or bucket (`s3://…`) that keeps releases, so that processes serve each other's files during a"
        " deploy. Empty for a directory in the store, `none` for none.",
    )
    deltas: bool = _setting(
        True,
        "Whether a client that has an earlier version of a file downloads only the difference (RFC 9842); needs"
        " Zstandard and `releases`, or a build that keeps releases.",
    )
    compress: Compress = _setting(
        "background", "When files are compressed best: in the `background`, at `startup`, or only in a sealed `build`."
    )
    live: bool = _setting(False, "Whether changed files are served at once, for development.")
    build: str = _setting("", "Sealed build to serve instead of the sources, which are then ignored.")
    sources: tuple[str, ...] = _setting((), "Directories to collect if the program names none.")
    root: tuple[str, ...] = _setting(
        (),
        "Directories whose files, such as robots.txt, are served at the root of the site, `/`; the other sources are"
        " served below the prefix.",
    )
    single_page: str = _setting(
        "", "Page to serve for unknown paths without an extension, such as `index.html`; standalone only."
    )
    not_found: str = _setting(
        "", "Page to serve with status 404 if nothing is found, such as `404.html`; standalone only."
    )
    follow_symlinks: FollowSymlinks = _setting(
        "inside",
        "Which links are followed: those that stay `inside` the sources, and those that installers of Python packages"
        " have made; also those to installed `packages` (site-packages, node_modules); or `all`.",
    )
    application: str = _setting(
        "", "Application to wrap, as `module:attribute`; only for servestatic:app, wsgi_app and rsgi_app."
    )
    application_interface: Literal["", "asgi", "wsgi"] = _setting(
        "", "Interface of that application; by default, it is recognised."
    )

    @property
    def names_files(self) -> bool:
        """Whether there is something to serve, even if the program names no source."""
        return bool(self.sources or self.root or self.build)


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
