"""`static` in an environment of one's own."""

import logging
from pathlib import Path

import pytest
from jinja2 import Environment

import servestatic
from servestatic import UnknownAsset
from servestatic.frameworks.names import MAX_UNKNOWN
from servestatic.jinja import install
from tests.support.files import write


@pytest.fixture
def index(tmp_path: Path) -> servestatic.Index:
    write(tmp_path, {"css/app.css": "a {}\n", "a&b.css": "b {}\n"})
    return servestatic.collect(tmp_path, prefix="/assets/")


def render(index: servestatic.Index, template: str, *, strict: bool = False) -> str:
    environment = Environment(autoescape=True)
    install(environment, index, strict=strict)
    return environment.from_string(template).render()


def test_url(index: servestatic.Index) -> None:
    assert render(index, "{{ static('css/app.css') }}") == index.url("css/app.css")


def test_within_macros_and_imports(index: servestatic.Index) -> None:
    """A global is there without the context."""
    template = "{% macro link(name) %}<link href='{{ static(name) }}'>{% endmacro %}{{ link('css/app.css') }}"
    assert render(index, template) == f"<link href='{index.url('css/app.css')}'>"


def test_query_is_escaped_for_its_place(index: servestatic.Index) -> None:
    url = index.url("css/app.css")
    assert render(index, "{{ static('css/app.css?a=1&b=2#top') }}") == f"{url}?a=1&amp;b=2#top"


def test_strict(index: servestatic.Index) -> None:
    with pytest.raises(UnknownAsset, match=r"Did you mean 'css/app\.css'\?"):
        render(index, "{{ static('css/ap.css') }}", strict=True)


def test_unknown_names_are_told_up_to_a_limit(index: servestatic.Index, caplog: pytest.LogCaptureFixture) -> None:
    template = "{% for n in range(" + str(MAX_UNKNOWN + 50) + ") %}{{ static(n ~ '.css') }} {% endfor %}"
    with caplog.at_level(logging.WARNING, "servestatic"):
        urls = render(index, template).split()
    assert urls[-1] == f"/assets/{MAX_UNKNOWN + 49}.css"
    assert len(caplog.records) == MAX_UNKNOWN
