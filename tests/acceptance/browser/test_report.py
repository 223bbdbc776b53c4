"""The report in Chromium: of the example, of two releases, and of 20,000 files; with mouse, keyboard and on a phone."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.browser.conftest import EXAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

HOSTILE = "<img src=x onerror=document.title='broken'>.js"
WIDTHS = [390, 1280, 2560]


def run(folder: Path, *arguments: str) -> None:
    """Run the command, or manage.py, in a folder."""
    environment = os.environ | {"SERVESTATIC_STORE": "none", "DEMO_STATE": str(folder / "state")}
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@contextmanager
def opened(browser: Browser, file: Path, width: int = 1280, height: int = 900, **options: str) -> Iterator[Page]:
    """Open a report; nothing is requested but the file, and nothing is written to the console."""
    with browser.new_context(viewport={"width": width, "height": height}, **options) as context:  # type: ignore[arg-type] # options by name
        page = context.new_page()
        found: list[str] = []
        page.on("console", lambda message: found.append(message.text))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.on("request", lambda request: found.append(request.url) if not request.url.startswith("data:") else None)
        page.goto(file.as_uri())
        yield page
        assert found == [file.as_uri()]


def text_of(locator: Locator) -> str:
    return locator.text_content() or ""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a site, of its page, and of what changed since its last release."""
    folder = tmp_path_factory.mktemp("shop")
    modules = {f"static/js/part{number}/module.js": "let a = 1;\n" * 100 * (number + 1) for number in range(9)}
    page = '<link rel=stylesheet href=/css/site.css><script type=module src=/js/app.js></script><img src="/gone.svg">'
    write(
        folder,
        modules
        | {
            "static/index.html": page,
            "static/js/app.js": "import './part8/module.js'",
            "static/css/site.css": '@import "base.css";',
            "static/css/base.css": "a{}\n" * 900,
            f"static/js/{HOSTILE}": "let b;\n" * 2000,
            "shared/css/base.css": "b{}",
        },
    )
    run(folder, "-m", "servestatic", "build", "before", "static", "shared")
    write(folder, {"static/css/base.css": "a{color:red}\n" * 900})
    run(
        folder,
        "-m",
        "servestatic",
        "report",
        "static",
        "shared",
        "--page",
        "/",
        "--against",
        "before",
        "--html",
        "r.html",
    )
    return folder / "r.html"


def test_zoom_with_the_mouse(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        title = page.locator("#inside-title")
        assert "14 files" in title.inner_text()
        page.locator("#treemap rect.folder[aria-label^='js/']").click(position={"x": 8, "y": 6})
        assert "11 files" in title.inner_text()
        assert text_of(page.locator("#crumbs")) == "All files/js"
        page.locator("#treemap rect.file").first.click()  # a file leads into its folder
        page.locator("#crumbs button").first.click()
        assert "14 files" in title.inner_text()
        page.locator("#inside").get_by_role("button", name="css/").click()
        assert sorted(page.locator("#inside bdi").all_inner_texts()) == ["base.css", "site.css"]


def test_zoom_with_the_keyboard(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        page.locator("#treemap rect.folder[aria-label^='js/']").focus()
        page.keyboard.press("Enter")
        assert page.locator("#crumbs button").count() == 2
        assert page.locator("#status").inner_text().endswith("11 files")
        page.keyboard.press("Escape")
        assert page.locator("#crumbs button").count() == 1


def test_switch(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        names = page.locator("#treemap text.name")
        before, heavy = text_of(names.first), page.locator("#inside-title").inner_text()
        page.get_by_label("As it is").check()
        assert "as they are" in page.locator("#inside-title").inner_text()
        assert page.locator("#inside-title").inner_text() != heavy
        page.get_by_label("As downloaded").check()
        assert (text_of(names.first), page.locator("#inside-title").inner_text()) == (before, heavy)


def test_search(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        page.keyboard.press("/")
        page.keyboard.type("PART7")
        assert page.locator("#inside-title").inner_text().startswith("1 file with “PART7”")
        assert page.locator("#treemap rect.hit").count() == 1
        page.locator("#inside").get_by_role("button").click()
        assert text_of(page.locator("#crumbs")) == "All files/js/part7"
        page.locator("#search").press("Escape")
        assert page.locator("#search").input_value() == ""
        assert page.locator("#treemap rect.hit").count() == 0


def test_one_kind_of_file(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        button = page.get_by_role("button", name="Stylesheets")
        button.click()
        assert button.get_attribute("aria-pressed") == "true"
        assert {*page.locator("#treemap rect.hit").evaluate_all("all => all.map(one => one.classList[1])")} == {
            "k-style"
        }
        button.click()
        assert page.locator("#treemap.dimmed").count() == 0


def test_names_are_only_text(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        page.locator("#search").fill("onerror")
        assert page.locator("#inside").get_by_role("button").inner_text() == HOSTILE
        page.locator("#treemap rect.hit").hover()
        assert HOSTILE in page.locator("#tip").inner_text()
        assert page.title() != "broken"
        assert page.locator("img").count() == 0


def test_the_page_and_the_release(browser: Browser, shop: Path) -> None:
    with opened(browser, shop) as page:
        graph = page.locator("#page svg[role=img]")
        assert graph.locator("text.column.strong").all_text_contents() == ["The page", "Round 1", "Round 2"]
        assert '{% modulepreload "js/app.js" %}' in page.locator("#page pre").inner_text()
        page.get_by_text("The same as a list").click()
        assert page.get_by_text("round 2, named by js/app.js").is_visible()
        references = "only its references changed"
        assert page.locator("#deploy .tag").all_inner_texts() == ["changed", "changed", references]
        assert page.locator("#broken").get_by_text("'/gone.svg' names no file.").is_visible()
        assert page.locator("#hidden").get_by_text("hides shared/css/base.css").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_widths_and_schemes(browser: Browser, shop: Path, width: int, scheme: str) -> None:
    """Nothing is wider than the window, and the treemap has colours that differ from the paper."""
    with opened(browser, shop, width, color_scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("document.querySelector('#treemap').getBoundingClientRect().width > innerWidth / 2")
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(12, 18, 16)") == (scheme == "dark")


def test_without_script(browser: Browser, shop: Path) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(shop.as_uri())
        assert page.locator("#treemap rect.file").count() > 9
        assert page.get_by_role("heading", name="Largest files").is_visible()


def test_the_example(browser: Browser, tmp_path: Path) -> None:
    environment = os.environ | {"SERVESTATIC_STORE": "none", "DEMO_STATE": str(tmp_path)}
    for command in (["demo"], ["servestatic_report", "--page", "/", "--html", str(tmp_path / "r.html")]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=EXAMPLE, env=environment, check=True)
    with opened(browser, tmp_path / "r.html") as page:
        page.locator("#inside").get_by_role("button", name="admin/").click()
        assert text_of(page.locator("#crumbs")) == "All files/django/admin"
        assert page.locator("#page").get_by_text("site.css", exact=True).first.is_visible()
        assert page.locator("#copies").get_by_text("admin/js/vendor/jquery/jquery.min.js").is_visible()


def test_the_example_shows_its_report(browser: Browser, site: str) -> None:
    with browser.new_context(base_url=site) as context:
        page = context.new_page()
        page.goto("/served/")
        assert int(page.locator("dd").first.inner_text()) > 300
        page.get_by_role("link", name="The whole report").click()
        page.locator("#inside").get_by_role("button", name="tinymce/").first.click()
        assert text_of(page.locator("#crumbs")) == "All files/tinymce"


def test_twenty_thousand_files(browser: Browser, tmp_path: Path) -> None:
    for number in range(20_000):
        folder = tmp_path / f"static/package{number % 60}/dist{number % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module-{number}.js").write_text(f"export const value = {number};\n" * (number % 40 + 1))
    run(tmp_path, "-m", "servestatic", "report", "--html", "r.html")
    assert (tmp_path / "r.html").stat().st_size < 5_000_000
    with opened(browser, tmp_path / "r.html") as page:
        page.locator("#search").fill("module-19999")
        page.locator("#inside").get_by_role("button").click()
        assert page.locator("#treemap rect.hit").count() == 1
        page.locator("#search").press("Escape")
        page.locator("#crumbs button").first.click()
        page.get_by_label("As it is").check()
        assert page.locator("#treemap rect.folder").count() > 60
