"""The template tags of `{% load servestatic %}`, rendered as pages are: with includes, nonces, CDNs, other storages."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpRequest
from django.template import Context, Engine, RequestContext
from django.test import override_settings
from django.utils.functional import SimpleLazyObject

from servestatic.django.holder import holder
from servestatic.errors import UnknownAsset
from tests.support.files import write

FILES = {
    "js/app.js": "import './tide.js'",
    "js/tide.js": "import './moon.js'",
    "js/moon.js": "export const moon = 1",
    "vendor/lit.js": "export const html = 1",
    "css/type.css": "@font-face { src: url(../a.woff2) }",
    "a.woff2": "2",
}
LOAD = "{% load servestatic %}"
LIBRARIES = {
    "servestatic": "servestatic.django.templatetags.servestatic",
    "static": "django.templatetags.static",
}


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    write(folder, FILES)


def render(text: str, context: Context | None = None, **templates: str) -> str:
    loaders = [("django.template.loaders.locmem.Loader", templates)]
    engine = Engine(loaders=loaders, libraries=LIBRARIES)
    rendered = engine.from_string(LOAD + text).render(Context() if context is None else context)
    return str(rendered)


def links(html: str) -> list[str]:
    return re.findall(r'href="(.*?)"', html)


def urls(*names: str) -> list[str]:
    return [holder.index().url(name) for name in names]


def test_modulepreload() -> None:
    html = render('{% modulepreload "js/app.js" %}')
    assert links(html) == urls("js/app.js", "js/tide.js", "js/moon.js")
    integrity = holder.index().integrity("js/app.js")
    assert html.splitlines()[0] == (f'<link rel="modulepreload" href="{urls("js/app.js")[0]}" integrity="{integrity}">')


def test_patterns() -> None:
    assert links(render('{% modulepreload "js/m*.js" "vendor/*" %}')) == urls("js/moon.js", "vendor/lit.js")


def test_preload() -> None:
    assert render('{% preload "css/type.css" %}') == (
        f'<link rel="preload" as="font" type="font/woff2" href="{urls("a.woff2")[0]}" crossorigin>'
    )
    assert links(render('{% preload "a.woff2" %}')) == urls("a.woff2")
    assert links(render('{% stylesheet "css/type.css" %}')) == urls("css/type.css")


def test_static_integrity() -> None:
    html = render('{% static_integrity "js/app.js" as known %}<{{ known }}><{% static_integrity "js/app.js" %}>')
    assert html == f"<{holder.index().integrity('js/app.js')}>" * 2


def test_importmap() -> None:
    html = render(
        '{% importmap "js/*.js" "lit=vendor/lit.js" more prefix="app/" %}', Context({"more": {"<m>": "js/moon.js"}})
    )
    found = re.fullmatch(r'<script type="importmap">(.*)</script>', html)
    assert found
    assert "<" not in found[1]
    expected = holder.index().importmap("js/*.js", {"lit": "vendor/lit.js", "<m>": "js/moon.js"}, prefix="app/")
    assert json.loads(found[1]) == expected


INCLUDED = '{% load servestatic %}{% modulepreload "js/tide.js" %}{% importmap "js/*.js" %}'
BASE = LOAD + '{% importmap "js/*.js" %}{% modulepreload "js/app.js" %}{% block body %}{% endblock %}'


@pytest.mark.parametrize(
    "page",
    [
        BASE + '{% include "part" %}{% include "part" %}',
        BASE + '{% include "part" only %}',
        BASE + '{% for each in "123" %}{% include "part" with x=each %}{% endfor %}',
        '{% extends "base" %}{% load servestatic %}{% block body %}' + INCLUDED + "{% endblock %}",
    ],
    ids=["include", "only", "loop", "extends"],
)
def test_nothing_twice_on_a_page(page: str) -> None:
    for _ in range(2):  # nor is anything missing on the next page
        html = render(page, part=INCLUDED, base=BASE) if "extends" not in page else render_child(page)
        assert links(html) == urls("js/app.js", "js/tide.js", "js/moon.js")
        assert html.count("<script") == 1


def render_child(page: str) -> str:
    engine = Engine(loaders=[("django.template.loaders.locmem.Loader", {"base": BASE})], libraries=LIBRARIES)
    return str(engine.from_string(page).render(Context()))


def test_a_second_import_map_has_what_the_first_has_not() -> None:
    html = render('{% importmap "js/moon.js" %}{% importmap "js/*.js" %}')
    first, second = (json.loads(each) for each in re.findall(r">({.*?})<", html))
    assert list(first["imports"]) == ["/static/js/moon.js"]
    assert list(second["imports"]) == ["/static/js/app.js", "/static/js/tide.js"]


def django_csp() -> Context:
    request = HttpRequest()
    request.csp_nonce = SimpleLazyObject(lambda: "abc")  # type: ignore[attr-defined] # as django-csp does it
    return RequestContext(request)


class Lazy:
    """As Django 6 makes it: false until it is written."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return "abc"


NONCES: dict[str, Any] = {
    "django-csp": django_csp,
    "a request in the context": lambda: Context({"request": SimpleNamespace(csp_nonce="abc")}),
    "Django 6": lambda: Context({"csp_nonce": Lazy()}),
}


@pytest.mark.parametrize("make", NONCES.values(), ids=NONCES)
def test_nonces(make: Any) -> None:
    html = render(
        '{% importmap "js/moon.js" %}{% modulepreload "js/moon.js" %}'
        '{% preload "css/type.css" %}{% stylesheet "css/type.css" %}',
        make(),
    )
    assert html.count(' nonce="abc"') == 3  # a font is not fetched by a script or a style
    assert "nonce" not in render('{% modulepreload "js/moon.js" %}', Context({"csp_nonce": None}))


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ({"STATIC_URL": "https://cdn.example/s/"}, "https://cdn.example/s/"),
        ({"STATIC_URL": "static/", "FORCE_SCRIPT_NAME": "/app"}, "/app/static/"),
    ],
)
def test_urls_are_those_of_the_storage(settings: dict[str, str], base: str) -> None:
    from django.urls import set_script_prefix

    with override_settings(**settings):
        set_script_prefix(f"{settings.get('FORCE_SCRIPT_NAME', '')}/")
        html = render('{% modulepreload "js/app.js" %}{% importmap "js/moon.js" %}')
        set_script_prefix("/")
    public = [base + holder.index().path(name) for name in ("js/app.js", "js/tide.js", "js/moon.js")]
    assert links(html) == public
    document = json.loads(re.findall(r">({.*?})<", html)[0])
    assert document["imports"] == {f"{base}js/moon.js": public[2]}
    assert list(document["integrity"]) == public[2:]


@pytest.mark.parametrize("settings", [{"DEBUG": True}, {"SERVESTATIC_FINGERPRINTS": False}])
def test_without_fingerprints(settings: dict[str, bool], folder: Path) -> None:
    with override_settings(**settings):
        html = render('{% modulepreload "js/app.js" %}{% importmap "js/*.js" "moon=js/moon.js" %}')
        assert links(html) == ["/static/js/app.js", "/static/js/tide.js", "/static/js/moon.js"]
        assert html.count("integrity=") == 3
        document = json.loads(re.findall(r">({.*?})<", html)[0])
        assert document["imports"] == {"moon": "/static/js/moon.js"}
        assert len(document["integrity"]) == 3


def test_another_storage_has_other_bytes() -> None:
    """Then nothing is promised of them."""
    with override_settings(
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    ):
        html = render('{% modulepreload "js/app.js" %}{% importmap "js/app.js" "app=js/app.js" %}')
        assert links(html) == ["/static/js/app.js", "/static/js/tide.js", "/static/js/moon.js"]
        assert json.loads(re.findall(r">({.*?})<", html)[0]) == {"imports": {"app": "/static/js/app.js"}}
        assert "integrity=" not in html


def test_unknown_names(caplog: pytest.LogCaptureFixture) -> None:
    tags = ('modulepreload "no.js"', 'importmap "no.js" "a=no.js"', 'static_integrity "no.js"', 'preload "no.js"')
    text = "".join(f"{{% {tag} %}}" for tag in tags)
    assert render(text) == ""
    assert len(caplog.records) == 1
    assert "no source has a file 'no.js'" in caplog.text
    with override_settings(SERVESTATIC_STRICT=True), pytest.raises(UnknownAsset):
        render(text)


def test_values_are_escaped(folder: Path) -> None:
    write(folder, {"js/a&b'.js": "1"})
    assert "&amp;nonce&quot;" in render('{% modulepreload "js/moon.js" %}', Context({"csp_nonce": '&nonce"'}))
    (link,) = links(html := render("""{% modulepreload "js/a&b'.js" %}"""))
    assert link == escape(holder.index().url("js/a&b'.js"))
    assert holder.index().integrity("js/a&b'.js") in html


@pytest.mark.parametrize("debug", [True, False])
def test_manifests(folder: Path, debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    """While developing, a bundle that comes later is found."""
    manifest = folder / ".vite/manifest.json"
    bundle = {
        "assets/main-12345678.js": "1",
        ".vite/manifest.json": json.dumps({"src/main.ts": {"file": "assets/main-12345678.js"}}),
    }
    with override_settings(SERVESTATIC_MANIFESTS=[manifest], DEBUG=debug):
        text = "{% load static %}{% static 'src/main.ts' %}"
        assert [render(text), render(text)] == ["/static/src/main.ts"] * 2
        assert [record.levelname for record in caplog.records].count("WARNING") == 2  # the manifest, and the name
        write(folder, bundle)
        if not debug:
            holder.forget()
        assert render(text) == "/static/assets/main-12345678.js"


def test_manifests_and_collectstatic(folder: Path, tmp_path: Path) -> None:
    write(folder, {"assets/main-12345678.js": "1", "assets/main-12345678.css": "a {}"})
    chunk = {"file": "assets/main-12345678.js", "css": ["assets/main-12345678.css"]}
    write(folder, {".vite/manifest.json": json.dumps({"src/main.ts": chunk})})
    out = tmp_path / "out"
    with override_settings(SERVESTATIC_MANIFESTS=[folder / ".vite/manifest.json"], STATIC_ROOT=out):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (out / "assets/main-12345678.js").is_file()
    paths = json.loads((out / "staticfiles.json").read_text())["paths"]
    assert paths["assets/main-12345678.js"] == "assets/main-12345678.js"
    assert len(list((out / "assets").glob("*.js"))) == 1
    with override_settings(SERVESTATIC_BUILD=str(out), STATICFILES_DIRS=[]):
        assert links(render('{% stylesheet "src/main.ts" %}')) == ["/static/assets/main-12345678.css"]


# ------------------------------------------------------------------------------------------ the how-to pages

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


def blocks(page: str, language: str) -> list[str]:
    text = (PAGES / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_how_to_use_modules(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"vendor/lit.js": "1", "js/levels.js": "2", "css/app.css": "@font-face { src: url(../a.woff2) }"})
    page, names = blocks("modules.md", "html")
    html = render(page)
    levels, last = urls("js/levels.js", "js/app.js")
    assert links(html) == urls("js/app.js", "js/tide.js", "js/moon.js", "vendor/lit.js", "a.woff2", "css/app.css")
    assert html.count(f'src="{last}" integrity="sha384-') == 1
    html = render(names, Context({"modules": {"named": "js/levels.js"}}))
    imports: dict[str, str] = {}
    for document in re.findall(r">({.*?})<", html):
        imports |= json.loads(document)["imports"]
    assert {"app/js/app.js", "lit", "@tides/levels", "named"} < imports.keys()
    assert imports["named"] == imports["@tides/levels"] == levels
    monkeypatch.chdir(folder.parent)
    pytest.importorskip("jinja2")
    (script,) = blocks("modules.md", "python")
    found: dict[str, Any] = {}
    exec(compile(script, "modules.md", "exec"), found)
    written = found["page"].render()
    assert links(written) == urls("js/app.js", "js/tide.js", "js/moon.js", "vendor/lit.js", "a.woff2", "css/app.css")
    assert written.count("integrity=") == 6


def test_how_to_use_vite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = {
        "src/main.ts": {"file": "assets/main-1.js", "imports": ["_chunk.js"], "css": ["assets/main-2.css"]},
        "_chunk.js": {"file": "assets/chunk-3.js", "css": ["assets/chunk-4.css"]},
    }
    names = ["assets/main-1.js", "assets/chunk-3.js", "assets/main-2.css", "assets/chunk-4.css"]
    write(tmp_path / "dist", {**dict.fromkeys(names, "a"), "bundles/a.01234567.js": "b", "bundles/a.js": "c"})
    write(tmp_path / "dist", {".vite/manifest.json": json.dumps(manifest)})
    monkeypatch.chdir(tmp_path)
    found: dict[str, Any] = {}
    for snippet in blocks("vite.md", "python"):
        exec(compile(snippet, "vite.md", "exec"), found)
    with override_settings(**{name: value for name, value in found.items() if name.startswith("S")}):
        (page,) = blocks("vite.md", "html")
        html = render(page)
        assert links(html) == [f"/static/{name}" for name in names]
        assert 'src="/static/assets/main-1.js" integrity="sha384-' in html
        assert holder.index().path("bundles/a.01234567.js") == "bundles/a.01234567.js"
        assert holder.index().path("bundles/a.js") != "bundles/a.js"


@pytest.mark.parametrize("page", ["modules.md", "vite.md"])
def test_links_of_the_pages(page: str) -> None:
    for target in re.findall(r"\]\((?!https:)(.*?)\)", (PAGES / page).read_text("utf-8")):
        name, _, anchor = target.partition("#")
        text = (PAGES / name).read_text("utf-8")
        headings = [heading.lower().replace(" ", "-") for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
        assert not anchor or anchor in headings, target


def test_static_release() -> None:
    assert render("{% static_release %}") == holder.index().release
