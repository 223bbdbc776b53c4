"""Jinja, with or without a framework: `{{ static("css/app.css") }}`.

For pages that load modules: `{% set page = static_page() %}`, then `{{ page.importmap("js/*.js") }}`,
`{{ page.modulepreload("js/app.js") }}` and the other methods of `servestatic.frameworks.markup.Page`.
"""

from jinja2 import Environment
from markupsafe import Markup

from servestatic.frameworks.markup import Page
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index

__all__ = ["install"]


def install(environment: Environment, index: Index, *, strict: bool = False) -> None:
    """Add `static(name)` to the templates of an environment: the URL of a file, fingerprinted.

    Also `static_release()`, the id of the release, and `static_page(nonce="")`: create it once for a page, to write
    import maps, preloads and integrity.

    An unknown name gets its plain URL, and is logged once; with `strict`, it raises UnknownAsset.
    """
    names = Names(index, strict=strict)

    def static_page(nonce: str = "") -> Page:
        return Page(index, names.url, nonce, mark=Markup)

    environment.globals["static"] = names.url
    environment.globals["static_page"] = static_page
    environment.globals["static_release"] = lambda: index.release
