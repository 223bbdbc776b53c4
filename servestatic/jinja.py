"""Jinja, in any framework or none: `{{ static("css/app.css") }}`.

For pages that load modules: `{% set page = static_page() %}`, and of that `{{ page.importmap("js/*.js") }}`,
`{{ page.modulepreload("js/app.js") }}` and the others of `servestatic.frameworks.markup.Page`.
"""

from jinja2 import Environment
from markupsafe import Markup

from servestatic.frameworks.markup import Page
from servestatic.frameworks.names import Names
from servestatic.serving.index import Index

__all__ = ["install"]


def install(environment: Environment, index: Index, *, strict: bool = False) -> None:
    """Give the templates of an environment `static(name)`: the URL of a file, fingerprinted.

    And `static_page(nonce="")`, which is made once for a page and writes what browsers want to know of its modules.

    A name that no source has gives its plain URL and one warning; an UnknownAsset if `strict`.
    """
    names = Names(index, strict=strict)

    def static_page(nonce: str = "") -> Page:
        return Page(index, names.url, nonce, mark=Markup)

    environment.globals["static"] = names.url
    environment.globals["static_page"] = static_page
