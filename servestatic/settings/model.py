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
    """Every setting, with its type, its default and a sentence that says what it does."""

    prefix: str = _setting("/static/", "URL path below which the files are served.")
    fingerprints: bool = _setting(True, "Whether URLs carry fingerprints and are immutable.")
    max_age: Age = _setting(
        60,
        "Seconds for which browsers may reuse a URL without fingerprint; 0 means no-cache, `none` no Cache-Control.",
    )
    cors: Cors = _setting("all", "What pages of other origins may read: `all` files, `fonts` alone, or `off`.")
    strict: bool = _setting(False, "Whether broken references and unreadable sources are errors.")
    pages: bool = _setting(
        True, "Whether HTML files keep their plain names, are rewritten, and are always revalidated."
    )
    immutable: Patterns = _setting(
        (),
        "Patterns of files that a bundler named by their content: they keep names and bytes, and are immutable. In"
        " Python also a function of the path.",
    )
    manifests: tuple[str, ...] = _setting(
        (),
        "Manifests of bundlers, such as `dist/.vite/manifest.json`: files that one names are immutable, too, and the"
        " names of its entries lead to them.",
    )
    index_file: tuple[str, ...] = _setting(
        (), "Files that a URL ending with a slash serves, such as `index.html`: the first that exists; empty for none."
    )
    clean_urls: bool = _setting(False, "Whether `/about` serves about.html, and `/about/` leads there.")
    headers: Headers = _setting(
        (),
        'Fields for the files that match a pattern: `{"*.pdf": {"X-Robots-Tag": "noindex"}}`. In Python also a function'
        " of the path and the URL path.",
    )
    store: str = _setting(
        "", "Directory that keeps what took time to make; empty for the user's cache, `none` for none."
    )
    releases: str = _setting(
        "",
        "Directory or bucket (`s3://…`) that keeps releases: processes serve each other's files during a deploy. Empty"
        " for a directory in the store, `none` for none.",
    )
    deltas: bool = _setting(
        True,
        "Whether a client that has an earlier release of a file downloads the difference (RFC 9842); needs Zstandard"
        " and `releases`, or a build that keeps releases.",
    )
    compress: Compress = _setting(
        "background", "When the best codings are made: in the `background`, at `startup`, or only in a sealed `build`."
    )
    live: bool = _setting(False, "Whether changes of the sources are followed, as development wants it.")
    build: str = _setting("", "Sealed build to serve instead of collecting; the sources are ignored then.")
    sources: tuple[str, ...] = _setting((), "Directories to collect where the program names none.")
    root: tuple[str, ...] = _setting(
        (),
        "Directories whose files are served at the root of the site, `/`, such as robots.txt; the prefix is that of the"
        " other sources.",
    )
    single_page: str = _setting(
        "", "Page that answers for paths without extension that name no file, such as `index.html`; standalone only."
    )
    not_found: str = _setting(
        "", "Page to answer with where nothing is found, such as `404.html`, with status 404; standalone only."
    )
    follow_symlinks: FollowSymlinks = _setting(
        "inside",
        "Which links are followed: those that stay `inside` the sources, and what installers of Python packages have"
        " linked; also those to installed `packages` (site-packages, node_modules); or `all`.",
    )
    application: str = _setting(
        "", "Application to wrap, as `module:attribute`; only for servestatic:app and its kind."
    )
    application_interface: Literal["", "asgi", "wsgi"] = _setting(
        "", "Interface of that application; it is recognised where nothing is set."
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
