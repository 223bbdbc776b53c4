"""Integrity in Django: elements of form media, the app that gives it to all of them, the loader, and the check."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import django
import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory, override_settings

from servestatic.django.checks import check_deployment
from servestatic.django.holder import holder
from servestatic.django.integrity import conversion
from servestatic.django.integrity.loader import add_integrity, find_elements
from tests.support.files import write
from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

if django.VERSION < (5, 2):
    pytest.skip("form media has objects since Django 5.2", allow_module_level=True)

from servestatic.django import Module, Script, Stylesheet

DJANGO: Any = forms  # whose stubs have no Script
APPS = ["servestatic.django", "servestatic.django.integrity", "django.contrib.staticfiles", "tests"]


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    write(folder, {"js/app.js": "import './tide.js'", "js/tide.js": "1"})


def expected(name: str) -> str:
    return f'"{holder.index().url(name)}" integrity="{holder.index().integrity(name)}" crossorigin="anonymous"'


def filled(template: str) -> str:
    return re.sub(r"\{(.*?)\}", lambda match: expected(match[1]), template)


def words(html: str) -> list[str]:
    """Return elements without the order of their attributes, which Django sorts."""
    return sorted(html.replace(">", " > ").split())


# What is in form media → what is written; `{name}` is a URL with its integrity.
ELEMENTS: dict[str, tuple[Callable[[], object], str]] = {
    "script": (lambda: Script("js/app.js"), "<script src={js/app.js}></script>"),
    "script with attributes": (
        lambda: Script(src="js/app.js", defer=True, id='"'),
        '<script src={js/app.js} id="&quot;" defer></script>',
    ),
    "module": (lambda: Module("js/app.js"), '<script src={js/app.js} type="module"></script>'),
    "stylesheet": (
        lambda: Stylesheet("css/app.css", media="print"),
        '<link href={css/app.css} rel="stylesheet" media="print">',
    ),
    "its own integrity": (
        lambda: Script("https://cdn.example/x.js", integrity="sha384-x"),
        '<script src="https://cdn.example/x.js" integrity="sha384-x"></script>',
    ),
    "its own attributes": (
        lambda: Script("js/app.js", integrity="sha384-x", crossorigin="use-credentials"),
        '<script src="/static/js/app.057356ac7dca.js" integrity="sha384-x" crossorigin="use-credentials"></script>',
    ),
    "another host": (lambda: Script("//cdn.example/x.js"), '<script src="//cdn.example/x.js"></script>'),
    "missing": (lambda: Script("no.js"), '<script src="/static/no.js"></script>'),
}


@pytest.mark.parametrize("row", ELEMENTS)
def test_elements(row: str) -> None:
    make, written = ELEMENTS[row]
    media: Any = forms.Media(js=[make()])  # type: ignore[list-item] # the stubs know paths alone
    assert words(str(make())) == words(str(media)) == words(filled(written))


@pytest.mark.skipif(django.VERSION < (6, 1), reason="the tag came with Django 6.1")
@pytest.mark.parametrize("switched", [True, False])
def test_nonce(switched: bool) -> None:
    """The page's nonce and the integrity are written together."""
    conversion.convert_media()
    script, style = ("js/app.js", "css/app.css") if switched else (Script("js/app.js"), Stylesheet("css/app.css"))
    media = forms.Media(js=[script], css={"all": [style]})
    with override_settings(INSTALLED_APPS=APPS if switched else [APPS[0], *APPS[2:]]):
        text = "{% csp_nonce_attr media %}|{{ media }}"
        with_nonce, without = (
            Engine().from_string(text).render(Context({"csp_nonce": "abc", "media": media})).split("|")
        )
    assert with_nonce.count(' nonce="abc"') == with_nonce.count("integrity=") == without.count("integrity=") == 2
    assert "nonce" not in without


def test_the_same_file_is_written_once() -> None:
    both = forms.Media(js=["js/app.js"]) + forms.Media(js=[Script("js/app.js")])
    assert str(both).count("<script") == 1
    assert Script("js/app.js") == DJANGO.Script("js/app.js") == Script("js/app.js") == "js/app.js"
    assert hash(Script("js/app.js")) == hash(DJANGO.Script("js/app.js"))
    assert Script("js/app.js") != Script("js/tide.js")
    assert Script("js/app.js") != Module("js/app.js")


def test_the_bytes_of_another_storage_are_not_known() -> None:
    plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=plain):
        assert str(Script("js/app.js")) == '<script src="/static/js/app.js"></script>'


# --------------------------------------------------------------------------------------------------- the switch


class Raw:
    """As packages write elements of their own."""

    def __html__(self) -> str:
        return "<script src='/raw.js'></script>"

    __str__ = __html__


def test_all_form_media() -> None:
    media = forms.Media(
        js=["js/app.js", DJANGO.Script("js/tide.js", defer=True), Raw(), "https://cdn.example/x.js"],  # type: ignore[list-item] # as above
        css={"print": ["css/app.css"], "all": ["b.css"]},
    )
    conversion.convert_media()
    conversion.convert_media()
    assert "integrity" not in str(media)
    with override_settings(INSTALLED_APPS=APPS):
        written = str(media)
    assert words(written) == words(
        filled(
            """
            <link href="/static/b.css" rel="stylesheet" media="all">
            <link href={css/app.css} rel="stylesheet" media="print">
            <script src={js/app.js}></script>
            <script src={js/tide.js} defer></script>
            <script src='/raw.js'></script>
            <script src="https://cdn.example/x.js"></script>
            """
        )
    )


def test_an_old_django(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django, "VERSION", (5, 1, 0, "final", 0))
    with pytest.raises(ImproperlyConfigured, match=r"needs Django 5\.2"):
        conversion.convert_media()


# --------------------------------------------------------------------------------------------------- the loader

# The text of a template → the name that the tag after the attribute has; None: the text stays as it is.
TEXTS = [
    ("""<script src="{% static 'a.js' %}" defer></script>""", "'a.js'"),
    ("""<script src="{% static "a.js" %}"></script>""", '"a.js"'),
    ("<script defer\n src='{% static name %}'></script>", "name"),
    ("<SCRIPT SRC={%static 'a.js'%}></SCRIPT>", "'a.js'"),
    ("""<script {% if a > b %}defer{% endif %} src="{% static 'a.js' %}"></script>""", "'a.js'"),
    ("""<link rel="stylesheet" href="{% static 'a.css' %}">""", "'a.css'"),
    ("""<link rel="icon" href="{% static 'a.svg' %}">""", None),
    ("""<script data-src="{% static 'a.js' %}"></script>""", None),
    ("""<script src="{% static 'a.js' %}?v=1"></script>""", None),
    ("""<script src="{% static 'a.js' %}" integrity="x"></script>""", None),
    ("""<script src="{% url 'jsi18n' %}"></script><script>"src={% static 'a.js' %}"</script>""", None),
    ("""{% verbatim %}<script src="{% static 'a.js' %}"></script>{% endverbatim %}""", None),
    ("""{% comment %}<script src="{% static 'a.js' %}"></script>{% endcomment %}""", None),
    ("""{# <script src="{% static 'a.js' %}"></script> #}""", None),
    ("""<script src="{% static 'a.js' %}" """, None),
]
LOAD = " {% load static_integrity_attr from servestatic %}{% static_integrity_attr "


@pytest.mark.parametrize(("text", "name"), TEXTS)
def test_text(text: str, name: str | None) -> None:
    changed = add_integrity(text)
    if name is None:
        assert changed == text
    else:
        assert changed.replace(f"{LOAD}{name} %}}", "") == text != changed
        assert add_integrity(changed) == changed


def test_an_element_without_end() -> None:
    """It takes linear time, and would take exponential time with a pattern that goes back."""
    assert [*find_elements('<script src="' + "{% a %}" * 2_000)] == []


LOADER = "servestatic.django.integrity.loader.Loader"
LIBRARIES = {"static": "django.templatetags.static", "servestatic": "servestatic.django.templatetags.servestatic"}


def test_loader() -> None:
    templates = {
        "page": "{% extends 'base' %}{% load static %}"
        """{% block a %}<script src="{% static 'js/app.js' %}"></script>{% endblock %}""",
        "base": "{% load static %}{% block a %}{% endblock %}"
        """<link rel=stylesheet href="{% static 'css/app.css' %}">""",
    }
    engine = Engine(loaders=[(LOADER, [("django.template.loaders.locmem.Loader", templates)])], libraries=LIBRARIES)
    html = engine.get_template("page").render(Context())
    assert words(html) == words(filled("<script src={js/app.js}></script><link rel=stylesheet href={css/app.css}>"))
    assert engine.get_template("page") is engine.get_template("page")


# --------------------------------------------------------------------------------------------------- the check


class Bare(forms.TextInput):
    class Media:
        js = ("js/app.js", "https://cdn.example/x.js", Raw())


def found(loader: str, **templates: str) -> list[str]:
    backend = "django.template.backends.django.DjangoTemplates"
    loaders = [(loader, [("django.template.loaders.locmem.Loader", templates)])]
    options = {"loaders": loaders, "libraries": LIBRARIES}
    with override_settings(TEMPLATES=[{"BACKEND": backend, "OPTIONS": options}]):
        return [message.msg for message in check_deployment() if message.id == "servestatic.W027"]


def test_check() -> None:
    text = """{% load static %}\n<script src="{% static 'js/app.js' %}"></script>\n<script src='/x.js'></script>"""
    cached = "django.template.loaders.cached.Loader"
    assert found(cached, a=text) == []
    conversion.convert_media()
    with override_settings(INSTALLED_APPS=APPS):
        first, second, *_ = found(cached, a=text)
        assert first == "a:2: the script {% static 'js/app.js' %} has no integrity."
        assert second == "a:3: the script /x.js has no integrity."
        assert found(LOADER, a=text)[0] == second
        bare = [line.partition(": ")[2] for line in found(LOADER) if f"{__name__}.Bare:" in line]
    assert bare == ["the script https://cdn.example/x.js has no integrity.", "the script /raw.js has no integrity."]


# ---------------------------------------------------------------------------------------------- the how-to page


def test_how_to(folder: Path) -> None:
    """docs/how-to/integrity.md: each snippet, with the files that it names."""
    write(folder, dict.fromkeys(("js/menu.js", "js/tiles.js", "js/map.js", "css/map.css"), "a"))
    page, media, settings, middleware, view = (block.text for block in blocks(DOCS / "how-to/integrity.md"))
    html = Engine(libraries=LIBRARIES).from_string(page).render(Context())
    for name in ("css/app.css", "js/menu.js", "js/app.js"):
        assert html.count(f'integrity="{holder.index().integrity(name)}"') == 1
    names: dict[str, Any] = {}
    for text in (media, settings, middleware, view):
        exec(compile(text, "integrity.md", "exec"), names)
    assert str(names["MapInput"]().media).count("integrity=") == 3
    with override_settings(INSTALLED_APPS=names["INSTALLED_APPS"], TEMPLATES=names["TEMPLATES"]):
        assert check_deployment() == []
    respond = names["require_integrity"](lambda request: HttpResponse())
    sent = {path: respond(RequestFactory().get(path)).headers.get("Integrity-Policy") for path in ("/", "/admin/")}
    assert sent == {"/": "blocked-destinations=(script)", "/admin/": None}
    names["render"] = lambda request, template: HttpResponse()
    policy = names["home"](None).headers["Content-Security-Policy"]
    digests = (holder.index().integrity(name) for name in names["SCRIPTS"])
    assert policy == f"script-src {' '.join(map(repr, digests))}"
