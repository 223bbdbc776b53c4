"""The snippets of docs/how-to/release-id.md, as a project would use them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory

from servestatic.django.holder import holder
from tests.support.files import write
from tests.support.pages import blocks

PAGE = Path(__file__).parents[2] / "docs/how-to/release-id.md"
LIBRARIES = {
    "cache": "django.templatetags.cache",
    "servestatic": "servestatic.django.templatetags.servestatic",
}


@pytest.fixture(autouse=True)
def files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"app.js": "1"})
    news = ModuleType("news.models")
    query = SimpleNamespace(values_list=lambda *_, **__: SimpleNamespace(get=lambda pk: f"v{pk}"))
    news.Article = SimpleNamespace(objects=query)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "news", ModuleType("news"))
    monkeypatch.setitem(sys.modules, "news.models", news)


def run(number: int, **names: Any) -> dict[str, Any]:
    """Run a Python block of the page."""
    python = [block.text for block in blocks(PAGE) if block.language == "python"]
    exec(compile(python[number], str(PAGE), "exec"), names)
    return names


def request(**headers: str) -> HttpRequest:
    return RequestFactory().get("/", headers=headers)


def release_after(folder: Path, text: str) -> str:
    write(folder, {"app.js": text})
    holder.forget()
    return holder.index().release


def test_etags_of_pages(folder: Path) -> None:
    names = run(0)
    before = names["article_etag"](request(), 3)
    assert before == f'"v3-{holder.index().release}"'
    assert release_after(folder, "2") not in before
    assert names["article_etag"](request(), 3) != before


def test_htmx() -> None:
    middleware = run(1)["reload_after_deploy"](lambda _: HttpResponse())
    asked = {None: None, holder.index().release: None, "0123456789abcdef": "true"}
    for sent, refresh in asked.items():
        response = middleware(request(**{"X-Release": sent} if sent else {}))
        assert response.headers.get("HX-Refresh") == refresh


def test_inertia(folder: Path) -> None:
    import json

    from django.core.serializers.json import DjangoJSONEncoder

    version = run(2)["INERTIA_VERSION"]
    release = holder.index().release
    assert version == release
    assert json.loads(json.dumps({"version": version}, cls=DjangoJSONEncoder)) == {"version": release}
    assert release_after(folder, "2") == version != release


def test_templates(folder: Path) -> None:
    templates = [block.text for block in blocks(PAGE) if block.language == "django"]
    assert len(templates) == 3
    engine = Engine(libraries=LIBRARIES)

    def render() -> list[str]:
        loaded = ["" if "{% load" in text else "{% load servestatic %}" for text in templates]
        pairs = zip(loaded, templates, strict=True)
        texts = (text.replace("…", str(len(holder.index()))) + "{{ release }}" for text in (a + b for a, b in pairs))
        return [engine.from_string(text).render(Context()) for text in texts]

    before, release = render(), holder.index().release
    assert all(release in html for html in before)
    release_after(folder, "2")
    assert not any(release in html for html in render())
