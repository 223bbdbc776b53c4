"""`check --deploy`: names in templates and form media that no source has, with the place and the nearest names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django import forms
from django.core.checks import CheckMessage
from django.template import Context, Library
from django.templatetags.static import StaticNode
from django.test import override_settings

from servestatic import collect
from servestatic.django.checks import check_deployment, templates
from tests.support.django_site import configure

configure()

FILES = ("css/app.css", "js/app.js", "img/ünï.svg", "vendor/jquery.js", "a.txt")
LOADERS = "django.template.loaders."


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    for name in FILES:
        (tmp_path / "static" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "static" / name).write_text("1")
    (tmp_path / "templates").mkdir()
    apps = ["servestatic.django", "django.contrib.staticfiles", "tests"]
    with override_settings(
        INSTALLED_APPS=apps, STATICFILES_DIRS=[tmp_path / "static"], TEMPLATES=engines(tmp_path / "templates")
    ):
        yield tmp_path


def engines(*folders: Path, **options: Any) -> list[dict[str, Any]]:
    backend = "django.template.backends.django.DjangoTemplates"
    return [{"BACKEND": backend, "DIRS": list(folders), "OPTIONS": options}]


def found(code: str) -> list[CheckMessage]:
    return [each for each in check_deployment() if each.id == f"servestatic.{code}"]


def missing(folder: Path) -> list[tuple[str, str]]:
    """Each finding as place below the templates' folder and name."""
    said = [each.msg.partition(": {% static '") for each in found("W023")]
    return [
        (place.removeprefix(f"{folder}/templates/"), name.removesuffix("' %} names a file that does not exist."))
        for place, _, name in said
    ]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{% static 'css/app.css' %}", []),
        ("{% static 'gone.css' %}", ["1 gone.css"]),
        ('\n\n{% static "gone.css" %}', ["3 gone.css"]),
        ("{% static 'a.txt?v=1#x' %}{% static 'gone.txt?v=1' %}", ["1 gone.txt?v=1"]),
        ("{% static 'img/u\u0308ni\u0308.svg' %}", []),
        ("{% static '' %}{% static 'css/' %}{% static '/' %}", []),
        ("{% static '//cdn.example/x.js' %}{% static 'https://cdn.example/x.js' %}{% static 'data:,' %}", []),
        ("{% static '/css/app.css' %}", ["1 /css/app.css"]),
        ("{% static name %}{% static 'gone.css'|upper %}{% static name|default:'gone.css' %}", []),
        ("{% static 'gone.css' as url %}{{ url }}", ["1 gone.css"]),
        ("{% if a %}\n{% static '1' %}{% elif b %}\n{% static '2' %}{% endif %}", ["2 1", "3 2"]),
        ("{% if a %}{% else %}\n{% static '3' %}{% endif %}", ["2 3"]),
        ("{% for a in b %}{% static '1' %}{% empty %}{% static '2' %}{% endfor %}", ["1 1", "1 2"]),
        ("{% ifchanged %}{% static '1' %}{% else %}{% static '2' %}{% endifchanged %}", ["1 1", "1 2"]),
        ("{% with a=b %}{% block c %}{% block d %}{% static '1' %}{% endblock %}{% endblock %}{% endwith %}", ["1 1"]),
        ("{% filter upper %}{% spaceless %}{% static '1' %}{% endspaceless %}{% endfilter %}", ["1 1"]),
        ("{% autoescape off %}{% static '1' %}{% endautoescape %}", ["1 1"]),
        ("{% comment %}{% static '1' %}{% endcomment %}{# {% static '1' %} #}", []),
        ("{% verbatim %}{% static '1' %}{% endverbatim %}", []),
        ("{% if %}{% static 'gone.css' %}", []),
        ("{% nonsense %}{% static 'gone.css' %}", []),
        ("{% include 'other.html' %}{% static '1' %}", ["1 1"]),
    ],
)  # fmt: skip
def test_template(folder: Path, template: str, expected: list[str]) -> None:
    (folder / "templates/a.html").write_text("{% load static %}" + template)
    assert sorted(missing(folder)) == [
        (f"a.html:{line}", name) for line, _, name in (each.partition(" ") for each in expected)
    ]


class Renamed(StaticNode):
    """As django CMS does: the version is a folder of the path."""

    def url(self, context: Context) -> str:
        return self.handle_simple(f"1.0/{self.path.resolve(context)}")


class Elsewhere(StaticNode):
    """As a project does that has two hosts."""

    @classmethod
    def handle_simple(cls, path: str) -> str:
        return f"https://cdn.example/{path}"


class Decorated(StaticNode):
    """The same name, and something after its URL."""

    def render(self, context: Context) -> str:
        return f"{super().render(context)}?v=1"


register = Library()
for node in (Renamed, Elsewhere, Decorated):
    register.tag(node.__name__.lower(), node.handle_token)


@pytest.mark.parametrize(("tag", "expected"), [("renamed", []), ("elsewhere", []), ("decorated", [("a.html:1", "no")])])
def test_tags_that_derive_from_static(folder: Path, tag: str, expected: list[tuple[str, str]]) -> None:
    (folder / "templates/a.html").write_text(f"{{% load derived %}}{{% {tag} 'no' %}}")
    with override_settings(TEMPLATES=engines(folder / "templates", libraries={"derived": __name__})):
        assert missing(folder) == expected


def test_parents_and_parts_are_templates_of_their_own(folder: Path) -> None:
    for name, text in {
        "base.html": "{% load static %}{% block a %}\n{% static 'base.css' %}{% endblock %}{% include 'part.html' %}",
        "part.html": "{% load static %}\n\n{% static 'part.css' %}",
        "sub/page.txt": "{% extends 'base.html' %}{% load static %}{% block a %}{% static 'page.css' %}{% endblock %}",
    }.items():
        (folder / "templates" / name).parent.mkdir(exist_ok=True)
        (folder / "templates" / name).write_text(text)
    expected = [("base.html:2", "base.css"), ("part.html:3", "part.css"), ("sub/page.txt:1", "page.css")]
    assert sorted(missing(folder)) == expected


def test_the_template_that_is_used(folder: Path) -> None:
    """Of templates of one name the first counts; what is no text, or too large, is left out."""
    for name, text in {"first/a.html": "css/app.css", "second/a.html": "gone.css", "second/b.html": "b.css"}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("{% load static %}{% static '" + text + "' %}")
    (folder / "first/binary.html").write_bytes(b"\xff{% load static %}{% static 'gone' %}")
    (folder / "first/large.html").write_text("{% load static %}{% static 'gone' %}" + " " * 2**20)
    with override_settings(TEMPLATES=engines(folder / "first", folder / "second")):
        assert missing(folder) == [(f"{folder}/second/b.html:1", "b.css")]


@pytest.mark.parametrize("cached", [False, True])
def test_loaders(folder: Path, cached: bool) -> None:
    texts = {"memory.html": "{% load static %}{% static 'gone.css' %}"}
    loaders: list[Any] = [(f"{LOADERS}locmem.Loader", texts), f"{LOADERS}app_directories.Loader"]
    with override_settings(TEMPLATES=engines(loaders=[(f"{LOADERS}cached.Loader", loaders)] if cached else loaders)):
        assert missing(folder) == [("memory.html:1", "gone.css")]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("app.css", "Did you mean 'css/app.css'?"),
        ("css/ap.css", "Did you mean 'css/app.css'?"),
        ("/js/app.js", "Did you mean 'js/app.js'?"),
        ("js/jquery.js", "Did you mean 'vendor/jquery.js'?"),
        ("nothing/like/it.woff2", "No source has a similar name."),
    ],
)
def test_nearest_names(folder: Path, name: str, hint: str) -> None:
    (folder / "templates/a.html").write_text("{% load static %}{% static '" + name + "' %}")
    (message,) = found("W023")
    assert str(message.hint).startswith(hint)


def test_a_sealed_build_stands_for_the_sources(folder: Path) -> None:
    collect(folder / "static").write(str(folder / "out"))
    (folder / "templates/a.html").write_text("{% load static %}{% static 'css/app.css' %}{% static 'gone' %}")
    with override_settings(SERVESTATIC_BUILD=str(folder / "out"), STATICFILES_DIRS=[]):
        assert missing(folder) == [("a.html:1", "gone")]


def test_too_many_templates(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MAX_TEMPLATES", 2)
    for number in range(3):
        (folder / f"templates/{number}.html").write_text("{% load static %}{% static 'gone' %}")
        assert len(found("W025")) == (number == 2)
    assert len(found("W023")) == 2


# ------------------------------------------------------------------------------------------------------- media


class Written(forms.TextInput):
    class Media:
        js = ("js/app.js", "js/gone.js", "https://cdn.example/x.js", "/absolute.js", "js/gone.js")
        css = {"all": ["css/app.css", "css/ap.css"]}  # noqa: RUF012 - as people write it


class Derived(Written):
    """Says nothing itself."""


class Computed(forms.TextInput):
    @property
    def media(self) -> forms.Media:
        return forms.Media(js=["js/computed.js"])


class Failing(forms.TextInput):
    @property
    def media(self) -> forms.Media:
        raise RuntimeError("wants a request")


class Form(forms.Form):
    computed = forms.CharField(widget=Computed)
    failing = forms.CharField(widget=Failing)

    class Media:
        js = ("form.js",)


def said_of_media() -> set[tuple[str, str]]:
    pairs = (each.msg.removeprefix("Media of ").removesuffix("' does not exist.") for each in found("W024"))
    return {(place.rpartition(".")[2], name) for place, _, name in (pair.partition(": '") for pair in pairs)}


def test_media(folder: Path) -> None:
    expected = {
        ("Written", "js/gone.js"),
        ("Written", "css/ap.css"),
        ("Computed", "js/computed.js"),
        ("Form", "form.js"),
    }
    assert {each for each in said_of_media() if each[0] in ("Written", "Derived", "Computed", "Form")} == expected
    (message,) = (each for each in found("W024") if "css/ap.css" in each.msg)
    assert "Did you mean 'css/app.css'?" in str(message.hint)


@pytest.mark.skipif(django.VERSION < (5, 2), reason="forms.Script came with Django 5.2")
def test_objects_in_media(folder: Path) -> None:
    class WithScript(forms.TextInput):
        class Media:
            js = (forms.Script("js/app.js", type="module"), forms.Script("js/module.js", type="module"))

    assert ("WithScript", "js/module.js") in said_of_media()


def test_admin(folder: Path) -> None:
    names = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
    with override_settings(
        INSTALLED_APPS=["servestatic.django", "tests", *(f"django.contrib.{name}" for name in names)]
    ):
        from django.contrib import admin
        from django.contrib.auth.models import Group, Permission

        class Inline(admin.TabularInline):  # type: ignore[type-arg]
            model = Permission

            class Media:
                js = ("inline.js",)

        class GroupAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
            inlines = (Inline,)

            class Media:
                css = {"all": ["group.css"]}  # noqa: RUF012 - as people write it

        site = admin.AdminSite()
        site.register(Group, GroupAdmin)
        assert {("GroupAdmin", "group.css"), ("Inline", "inline.js")} <= said_of_media()
        assert not {name for _, name in said_of_media() if name.startswith("admin/")}


def test_what_is_not_installed_is_not_looked_at(folder: Path) -> None:
    with override_settings(INSTALLED_APPS=["servestatic.django", "django.contrib.staticfiles"]):
        assert said_of_media() == set()
