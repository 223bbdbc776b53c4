"""servestatic_report: the report of a project, with its settings, and of its pages."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.templatetags.static import static
from django.test import override_settings
from django.urls import path

from servestatic.django.holder import holder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _page(request: HttpRequest) -> HttpResponse:
    assert request.get_host() == "shop.example"
    return HttpResponse(f'<link rel="stylesheet" href="{static("css/site.css")}">')


def _stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b'<img src="/static/', b'b.svg">']))


def _fail(request: HttpRequest) -> HttpResponse:
    raise ValueError


def _json(request: HttpRequest) -> HttpResponse:
    return HttpResponse("{}", content_type="application/json")


urlpatterns = [path("", _page), path("stream/", _stream), path("fail/", _fail), path("json/", _json)]


@pytest.fixture
def shop(folder: Path) -> Iterator[Path]:
    (folder / "css/site.css").write_text('@import "app.css";')
    with override_settings(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*", ".shop.example"]):
        yield folder


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    call_command("servestatic_report", "--json", *arguments)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_files_are_those_of_the_index(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found, index = report(capsys), holder.index()
    assert (found["release"], found["prefix"]) == (index.release, "/static/")
    assert {each["path"]: each["url"] for each in found["files"]} == {name: index.url(name) for name in index}


def test_it_is_the_report_of_production_while_debugging(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release = holder.index().release
    with override_settings(DEBUG=True):
        found = report(capsys, "--page", "/")
    assert found["release"] == release
    assert found["page"]["rounds"] == 2


@pytest.mark.parametrize(
    ("page", "rounds"),
    [
        ("/", {"/": 0, "css/site.css": 1, "css/app.css": 2}),
        ("/stream/", {"/stream/": 0, "b.svg": 1}),
        ("css/site.css", {"css/site.css": 0, "css/app.css": 1}),
        ("/static/css/app.css", {"css/app.css": 0}),
    ],
)
def test_pages(shop: Path, capsys: pytest.CaptureFixture[str], page: str, rounds: dict[str, int]) -> None:
    found = report(capsys, "--page", page)["page"]
    assert {each["path"]: each["round"] for each in found["files"]} == rounds


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--page", "/none/"],
            "/none/ is answered with 404 text/html; charset=utf-8: name a page that anyone may see.",
        ),
        (["--page", "/fail/"], "/fail/ is answered with 500"),
        (["--page", "/json/"], "/json/ is answered with 200 application/json"),
        (["--page", "css/none.css"], "no source has a file 'css/none.css'"),
        (["--against", "nowhere"], "nowhere is neither the directory of a build nor the id of a release."),
    ],
)
def test_what_cannot_be_done(shop: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message.replace(".", r"\.")):
        call_command("servestatic_report", *arguments)


def test_without_the_packages_of_the_command_line(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("servestatic.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "click", None)
    with pytest.raises(CommandError, match=r"pip install 'statictree\[cli\]'"):
        call_command("servestatic_report")


def test_a_page_and_lines(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("servestatic_report", "--page", "/")
    assert "page         / loads " in capsys.readouterr().out
    with override_settings(STATIC_ROOT=tmp_path / "root"):
        call_command("collectstatic", "--noinput", verbosity=0)
    (shop / "b.svg").write_text("<svg>2</svg>")
    holder.forget()
    found = report(capsys, "--against", str(tmp_path / "root"))["comparison"]
    assert {each["path"]: each["why"] for each in found["changes"]} == {
        "b.svg": "changed",
        "css/app.css": "references",
        "css/site.css": "references",
    }
