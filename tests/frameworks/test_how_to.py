"""The how-to pages: every snippet runs, in the order of the page, and does what is said around it."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.support.files import write
from tests.support.framework_sites import Site

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs/how-to"
IMMUTABLE = "max-age=31536000, immutable"
FILES = {
    "static/css/app.css": "own {}\n",
    "static/a.pdf": "%PDF\n",
    "vendor/vendor.css": "vendor {}\n",
    "public/index.html": "<!doctype html>\n",
    "theme/__init__.py": "",
    "theme/static/theme.css": "theme {}\n",
}


def blocks(page: str, language: str) -> list[str]:
    text = (PAGES / f"{page}.md").read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


Namespace = dict[str, Any]


def check_page(site: Site) -> None:
    """The page's stylesheet is fingerprinted, and is there."""
    found = re.search('href="(?:http://testserver)?(.*?)"', site.ask("/").text)
    assert found
    answer = site.ask(found[1])
    assert (answer.status, answer.text, answer.fields["cache-control"]) == (200, "own {}\n", IMMUTABLE)


def check_page_wsgi(names: Namespace) -> None:
    check_page(Site(names["app"], is_asgi=False))


def check_page_asgi(names: Namespace) -> None:
    check_page(Site(names["app"], is_asgi=True))


def check_flask_factory(names: Namespace) -> None:
    assert Site(names["create_app"](), is_asgi=False).ask("/static/css/app.css").fields["cache-control"] == "max-age=60"


def check_more(names: Namespace, *, is_asgi: bool, place: str, age: int = 60) -> None:
    site = Site(names["app"], is_asgi=is_asgi)
    for name, text in (("css/app.css", "own {}\n"), ("vendor.css", "vendor {}\n"), ("theme.css", "theme {}\n")):
        answer = site.ask(f"{place}{name}")
        assert (answer.text, answer.fields["cache-control"]) == (text, f"max-age={age}")


def check_flask_more(names: Namespace) -> None:
    check_more(names, is_asgi=False, place="/static/")


def check_flask_settings(names: Namespace) -> None:
    fields = Site(names["app"], is_asgi=False).ask("/assets/a.pdf").fields
    assert (fields["cache-control"], fields["x-robots-tag"]) == ("max-age=300", "noindex")


def check_quart_factory(names: Namespace) -> None:
    site = Site(names["create_app"](), is_asgi=True)
    assert site.ask("/static/css/app.css").fields["cache-control"] == "max-age=300"
    assert site.ask("/static/vendor.css").text == "vendor {}\n"


def check_starlette_debug(names: Namespace) -> None:
    assert Site(names["app"], is_asgi=True).ask("/static/css/app.css").fields["cache-control"] == "max-age=60"


def check_starlette_more(names: Namespace) -> None:
    check_more(names, is_asgi=True, place="/static/", age=300)
    site = Site(names["app"], is_asgi=True)
    assert site.ask("/").text == "<!doctype html>\n"
    assert names["app"].url_path_for("static", path="theme.css").startswith("/static/theme.")


def check_litestar_more(names: Namespace) -> None:
    check_more(names, is_asgi=True, place="/assets/", age=300)
    assert re.fullmatch(r"/assets/css/app\.[0-9a-f]{12}\.css", names["url"])


def check_jinja(names: Namespace) -> None:
    assert names["environment"].from_string("{{ static('css/app.css') }}").render() == names["index"].url("css/app.css")


# One check for each snippet of a page, in their order.
CHECKS: dict[str, list[Callable[[Namespace], None]]] = {
    "flask": [check_page_wsgi, check_flask_factory, check_flask_more, check_flask_settings],
    "quart": [check_page_asgi, check_quart_factory],
    "starlette": [check_page_asgi, check_page_asgi, check_starlette_debug, check_starlette_more],
    "litestar": [check_page_asgi, check_litestar_more],
    "jinja": [check_jinja, check_page_wsgi],
}


@pytest.mark.parametrize("page", CHECKS)
def test_snippets(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {**FILES, "templates/home.html": blocks(page, "html")[0]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "theme", raising=False)
    monkeypatch.setitem(sys.modules, "snippets", module := ModuleType("snippets"))
    names = vars(module)
    for number, (snippet, check) in enumerate(zip(blocks(page, "python"), CHECKS[page], strict=True)):
        exec(compile(snippet, f"{page}.md, snippet {number}", "exec"), names)
        check(names)


@pytest.mark.parametrize("page", CHECKS)
def test_what_is_installed(page: str) -> None:
    """The names of the distribution and its extras are right."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for line in "".join(blocks(page, "console")).splitlines():
        found = re.fullmatch(r"\$ pip install '?([a-z]+)(?:\[(.+)\])?'?", line)
        assert found, line
        assert found[1] == project["name"]
        assert found[2] is None or found[2] in project["optional-dependencies"]


@pytest.mark.parametrize("page", [PAGES / f"{page}.md" for page in CHECKS], ids=lambda page: page.name)
def test_links(page: Path) -> None:
    for target in re.findall(r"\]\((.*?)\)", page.read_text("utf-8")):
        name, _, anchor = target.partition("#")
        linked = page.parent / name
        assert linked.is_file(), f"{page.name}: {target}"
        headings = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in {heading.lower().replace(" ", "-") for heading in headings}
