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
    fingerprints: bool = _setting(True, "Whether URLs have fingerprints, so that browsers keep the files for a year.")
    max_age: Age = _setting(
        60,
        "Seconds for which browsers may reuse a file without asking, under a URL without fingerprint; 0 sends"
        " `no-cache`, `none` no Cache-Control.",
    )
    cors: Cors = _setting("all", "What pages of other origins may read: `all` files, only `fonts`, or nothing (`off`).")
    strict: bool = _setting(False, "Whether broken references and unreadable sources are errors.")
    pages: bool = _setting(
        True, "Whether HTML files keep their plain names, are rewritten, and are always revalidated."
    )
    immutable: Patterns = _setting(
        (),
        "Patterns of files that a bundler has named by their content: they keep their names and bytes, and"
        " browsers keep them for a year. In Python also a function of the path.",
    )
    manifests: tuple[str, ...] = _setting(
        (),
        "Manifests of bundlers, such as `dist/.vite/manifest.json`: files in them count as `immutable`, and the"
        " names of their entries lead to the files.",
    )
    index_file: str = _setting(
        "", "File that is served for a URL that ends with a slash, such as `index.html`; empty for none."
    )
    clean_urls: bool = _setting(False, "Whether `/about` serves about.html, and `/about/` redirects to it.")
    headers: Headers = _setting(
        (),
        'Headers for the files that match a pattern: `{"*.pdf": {"X-Robots-Tag": "noindex"}}`. In Python also a'
        " function of the path and the URL path.",
    )
    store: str = _setting(
        "",
        "Directory of the store, which keeps compressed and rewritten files for the next start; empty for one in the"
        " user's cache directory, `none` for no store.",
    )
    releases: str = _setting(
        "",
        "Directory or bucket (`s3://…`) that keeps releases, so that processes serve each other's files during a"
        " deploy; empty for a directory in the store, `none` to keep none.",
    )
    deltas: bool = _setting(
        True,
        "Whether a browser that has an earlier release of a file downloads only the difference (RFC 9842); needs"
        " Zstandard, and `releases` or a build that keeps releases.",
    )
    compress: Compress = _setting(
        "background", "When files are compressed best: in the `background`, at `startup`, or only in a sealed `build`."
    )
    live: bool = _setting(False, "Whether the next request sees a change of a file, for development.")
    build: str = _setting("", "Sealed build to serve; no sources are collected then.")
    sources: tuple[str, ...] = _setting((), "Directories to collect if the program names none.")
    root: tuple[str, ...] = _setting(
        (),
        "Directories whose files are served at the root of the site, `/`, such as robots.txt; the other sources"
        " are served below `prefix`.",
    )
    single_page: str = _setting(
        "",
        "Page that is served for paths without extension where no file is found, such as `index.html`; only without"
        " `application` or framework.",
    )
    not_found: str = _setting(
        "",
        "Page that is sent with status 404 where nothing is found, such as `404.html`; only without `application` or"
        " framework.",
    )
    follow_symlinks: FollowSymlinks = _setting(
        "inside",
        "Which links are followed: those that stay `inside` the sources, and what installers of Python packages have"
        " linked; also those to installed `packages` (site-packages, node_modules); or `all`.",
    )
    application: str = _setting(
        "",
        "Application behind the files, as `module:attribute`; for `servestatic:app`, `wsgi_app`, `rsgi_app` and"
        " `serve`.",
    )
    application_interface: Literal["", "asgi", "wsgi"] = _setting(
        "", "Interface of that application; by default it is recognised."
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
        index_file=settings.index_file,
        clean_urls=settings.clean_urls,
        immutable=guard_test(immutable) if callable(immutable) else compile_patterns(immutable),
        alone=bool(settings.not_found),
        headers=guard_headers(headers) if callable(headers) else find_by_pattern(headers),
    )
