"""What holds in every framework, by the URLs that its templates make."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path

import flask
import litestar
import pytest
import quart

import servestatic.flask
import servestatic.litestar
import servestatic.quart
import servestatic.starlette
from servestatic import SettingError, SourceError, UnknownAsset
from tests.support.files import write
from tests.support.framework_sites import FILES, SITES, Site

IMMUTABLE = "max-age=31536000, immutable"
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.|$)")
ROOTED = sorted(SITES.keys() - {"jinja"})  # Jinja alone knows of no request
TELL_THE_SERVER = {"starlette", "fastapi", "jinja"}  # they pass an error on, after an answer with 500 or without


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "static", FILES)
    return tmp_path


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest, folder: Path) -> Site:
    return SITES[request.param](folder)


# What a template writes → the URL it gets, fingerprints as ~, and the status of a request for it.
URLS = [
    ("css/app.css", "/static/css/app~.css", 200),
    ("js/app.js", "/static/js/app~.js", 200),
    ("a#b ü.txt", "/static/a%23b%20%C3%BC~.txt", 200),
    ("@a/b+(c)=d.js", "/static/@a/b+(c)=d~.js", 200),
    ("@a/b+(c).js", "/static/@a/b+(c).js", 404),
    ("docs/index.html", "/static/docs/index.html", 200),
    ("css/nowhere.css", "/static/css/nowhere.css", 404),
    (".env", "/static/.env", 404),
]


@pytest.mark.parametrize(("name", "expected", "status"), URLS)
def test_url(site: Site, name: str, expected: str, status: int) -> None:
    (url,) = site.urls(name)
    assert FINGERPRINT.sub("~", url) == expected
    assert site.ask(url).status == status


# Path → status and body, with the setting `root`; the page of the application is at `/`.
AT_ROOT = [
    ("/robots.txt", 200, "User-agent: *\n"),
    ("/.well-known/a.json", 200, "[]"),
    ("/guide/", 404, None),
    ("/nowhere.txt", 404, None),
    ("/static/robots.txt", 404, None),
    ("/nowhere.0123456789ab.txt", 404, None),
]


@pytest.fixture(params=SITES)
def site_with_root(request: pytest.FixtureRequest, folder: Path) -> Site:
    names = ("robots.txt", ".well-known/a.json", "guide/index.html", "index.html")
    write(folder / "public", dict(zip(names, ("User-agent: *\n", "[]", "guide", "the page of the root"), strict=True)))
    site = SITES[request.param](folder, root=folder / "public")
    start(site)
    return site


def start(site: Site) -> None:
    """Start an application as a server does: Litestar serves files at the root from then on."""
    if isinstance(site.application, litestar.Litestar):

        async def run() -> None:
            async with site.application.lifespan():
                pass

        asyncio.run(run())
        asyncio.run(run())  # as test clients may do


@pytest.mark.parametrize("root", ["", "/sub"])
@pytest.mark.parametrize(("path", "status", "text"), AT_ROOT)
def test_files_at_the_root(site_with_root: Site, root: str, path: str, status: int, text: str | None) -> None:
    answer = site_with_root.ask(root + path, root=root)
    assert answer.status == status
    assert text in (None, answer.text)
    assert site_with_root.ask("/", root="").text != "the page of the root"


def test_urls_of_files_at_the_root(folder: Path) -> None:
    """Where URLs are those of any route; Flask's and Quart's are below the path of the static route."""
    write(folder / "public", {"favicon.ico": "icon"})
    for name in sorted(SITES.keys() - {"flask", "quart"}):
        site = SITES[name](folder, root=folder / "public")
        start(site)
        for root in ("", "/sub") if name in ROOTED else ("",):
            (url,) = site.urls("favicon.ico", root=root)
            assert FINGERPRINT.sub("~", url) == f"{root}/favicon~.ico"
            answer = site.ask(url, root=root)
            assert (answer.status, answer.text, answer.fields["cache-control"]) == (200, "icon", IMMUTABLE)


def test_methods_at_the_root(site_with_root: Site) -> None:
    assert site_with_root.ask("/robots.txt", method="HEAD").fields["content-length"] == "14"
    assert site_with_root.ask("/robots.txt", method="POST").fields["allow"] == "GET, HEAD, OPTIONS"


def test_pages_at_the_root(folder: Path) -> None:
    """Where they are asked for; routes that come before the mount go first in Starlette and FastAPI."""
    write(folder / "public", {"index.html": "the page of the root", "about.html": "about"})
    for name, make in SITES.items():
        site = make(folder, root=folder / "public", index_file="index.html", clean_urls=True)
        start(site)
        assert site.ask("/about").text == "about", name
        own = name in ("starlette", "fastapi")
        assert (site.ask("/").text == "the page of the root") is not own, name


# Path, method, fields → status, and what the answer's fields begin with; {} is the fingerprint of css/app.css.
REQUESTS = [
    ("css/app.{}.css", "GET", {}, 200, {"cache-control": IMMUTABLE, "content-type": "text/css; charset=utf-8"}),
    ("css/app.{}.css", "GET", {"accept_encoding": "br"}, 200, {"content-encoding": "br", "vary": "Accept-Encoding"}),
    ("css/app.{}.css", "HEAD", {}, 200, {"cache-control": IMMUTABLE}),
    ("css/app.{}.css", "GET", {"range": "bytes=0-3"}, 206, {"content-range": "bytes 0-3/"}),
    ("css/app.{}.css", "GET", {"if_none_match": "*"}, 304, {"cache-control": IMMUTABLE}),
    ("css/app.{}.css", "POST", {}, 405, {"allow": "GET, HEAD, OPTIONS"}),
    ("css/app.css", "GET", {}, 200, {"cache-control": "max-age=60", "etag": '"'}),
    ("css/app.css", "GET", {"if_none_match": "*"}, 304, {"cache-control": "max-age=60"}),
    ("css/app.0123456789ab.css", "GET", {}, 404, {"cache-control": "no-store"}),
    ("css/app.{}.css/", "GET", {}, 404, {}),
    ("../static/css/app.css", "GET", {}, 404, {}),
    ("%2e%2e/static/css/app.css", "GET", {}, 404, {}),
    (".env", "GET", {}, 404, {}),
    ("static/css/app.css", "GET", {}, 404, {}),
]


@pytest.mark.parametrize(
    ("path", "method", "fields", "status", "expected"), REQUESTS, ids=lambda value: value if type(value) is str else ""
)
def test_request(
    site: Site, path: str, method: str, fields: dict[str, str], status: int, expected: dict[str, str]
) -> None:
    (url,) = site.urls("css/app.css")
    fingerprint = url.split(".")[-2]
    answer = site.ask(f"/static/{path.format(fingerprint)}", method=method, **fields)
    assert answer.status == status
    assert {name: answer.fields.get(name, "")[: len(value)] for name, value in expected.items()} == expected


def test_bytes(site: Site) -> None:
    """A plain name serves the source's bytes, a fingerprinted one those that refer to fingerprinted names."""
    css, dot, clock, js = site.urls("css/app.css", "img/dot.svg", "js/clock.js", "js/app.js")
    assert site.ask("/static/css/app.css").text == FILES["css/app.css"]
    assert f"url({dot.replace('/static/', '../')})" in site.ask(css, accept_encoding="br").text
    assert f"'{clock.replace('/static/js/', './')}'" in site.ask(js).text


def test_a_missing_file_is_the_applications_own_404(site: Site) -> None:
    answer, usual = site.ask("/static/css/nowhere.css"), site.ask("/nowhere")
    assert (answer.status, answer.text) == (404, usual.text)
    assert answer.fields["content-type"] == usual.fields["content-type"]


@pytest.mark.parametrize("framework", ROOTED)
def test_below_a_root_path(framework: str, folder: Path) -> None:
    site = SITES[framework](folder)
    (url,) = site.urls("css/app.css", root="/sub")
    assert url.startswith("/sub/static/css/app.")
    assert site.ask(url, root="/sub").fields["cache-control"] == IMMUTABLE
    assert site.ask("/sub/static/css/app.css", root="/sub").text == FILES["css/app.css"]
    assert site.ask("/sub/static/css/nowhere.css", root="/sub").status == 404


@pytest.mark.parametrize("framework", SITES)
def test_unknown_name_is_told_once(framework: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    site = SITES[framework](folder)
    with caplog.at_level(logging.WARNING, "servestatic"):
        for _ in range(3):
            assert site.urls("css/ap.css") == ["/static/css/ap.css"]
    told = [record.message for record in caplog.records if record.name == "servestatic"]
    assert told == [
        "servestatic: no source has a file 'css/ap.css'. Did you mean 'css/app.css'? Its URL has no fingerprint."
    ]


@pytest.mark.parametrize("framework", SITES)
def test_unknown_name_is_an_error_with_strict(framework: str, folder: Path) -> None:
    site = SITES[framework](folder, strict=True)
    assert site.urls("css/app.css")[0].startswith("/static/css/app.")
    if framework in TELL_THE_SERVER:
        with pytest.raises(UnknownAsset, match=r"Did you mean 'css/app\.css'\?"):
            site.ask("/?name=css/ap.css")
    else:
        assert site.ask("/?name=css/ap.css").status == 500


@pytest.mark.parametrize("framework", SITES)
def test_settings_are_keywords(framework: str, folder: Path) -> None:
    site = SITES[framework](folder, max_age=5, headers={"*.svg": {"X-Robots-Tag": "noindex"}})
    assert site.ask("/static/img/dot.svg").fields["x-robots-tag"] == "noindex"
    assert site.ask("/static/css/app.css").fields["cache-control"] == "max-age=5"


@pytest.mark.parametrize("framework", SITES)
def test_settings_from_the_environment(framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_FINGERPRINTS", "off")
    assert SITES[framework](folder).urls("css/app.css") == ["/static/css/app.css"]


@pytest.mark.parametrize("framework", SITES)
def test_wrong_setting_fails_at_once(framework: str, folder: Path) -> None:
    with pytest.raises(SettingError, match="max_age in the keyword arguments is 'soon'"):
        SITES[framework](folder, max_age="soon")


@pytest.mark.parametrize("framework", ["flask", "quart", "starlette", "fastapi"])
def test_the_framework_decides_the_prefix(framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SITES[framework](folder, prefix="/static")
    monkeypatch.setenv("SERVESTATIC_PREFIX", "/assets/")
    with pytest.raises(SettingError, match=r"prefix in the environment is '/assets/', but .* makes it '/static/'"):
        SITES[framework](folder)


@pytest.mark.parametrize("framework", SITES)
def test_folders_redirect_and_serve_their_page(framework: str, folder: Path) -> None:
    site = SITES[framework](folder, index_file="index.html")
    answer = site.ask("/static/docs?a=1")
    assert (answer.status, answer.fields["location"]) == (308, "./docs/?a=1")
    assert site.ask("/static/docs/").text == FILES["docs/index.html"]


@pytest.mark.parametrize("framework", SITES)
def test_live(framework: str, folder: Path) -> None:
    """A change, a new file and a deleted one are so at the next request, in what templates write and what is served."""
    site = SITES[framework](folder, debug=True)
    (before,) = site.urls("css/app.css")
    assert site.ask(before).fields["cache-control"] == "no-cache"
    assert site.urls("css/new.css") == ["/static/css/new.css"]

    write(folder / "static", {"css/app.css": "changed {}\n", "css/new.css": "new {}\n"})
    after, new = site.urls("css/app.css", "css/new.css")
    assert (before != after, site.ask(after).text, site.ask("/static/css/app.css").text) == (
        True,
        *["changed {}\n"] * 2,
    )
    assert (FINGERPRINT.sub("~", new), site.ask(new).text) == ("/static/css/new~.css", "new {}\n")

    (folder / "static/css/new.css").unlink()
    assert site.ask(new).status == 404
    assert site.urls("css/new.css") == ["/static/css/new.css"]


@pytest.mark.parametrize("framework", SITES)
def test_live_follows_references(framework: str, folder: Path) -> None:
    """The image's change gives the stylesheet another name."""
    site = SITES[framework](folder, debug=True)
    before = site.urls("css/app.css", "img/dot.svg")
    write(folder / "static", {"img/dot.svg": "<svg/>\n"})
    css, dot = after = site.urls("css/app.css", "img/dot.svg")
    assert not set(before) & set(after)
    assert dot.replace("/static/", "../") in site.ask(css).text


@pytest.mark.parametrize("framework", ROOTED)
def test_live_by_the_environment(framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVESTATIC_LIVE", "on")
    site = SITES[framework](folder)
    (url,) = site.urls("css/app.css")
    assert site.ask(url).fields["cache-control"] == "no-cache"


MAKERS: dict[str, Callable[..., object]] = {
    "flask": lambda *sources: servestatic.flask.ServeStatic(flask.Flask(__name__), *sources),
    "quart": lambda *sources: servestatic.quart.ServeStatic(quart.Quart(__name__), *sources),
    "starlette": lambda *sources: servestatic.starlette.ServeStatic("/static", *sources),
    "litestar": lambda *sources: litestar.Litestar(plugins=[servestatic.litestar.ServeStatic(*sources)]),
}


@pytest.mark.parametrize("framework", MAKERS)
def test_what_cannot_be_collected_stops_the_start(
    framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = MAKERS[framework]
    make(folder / "static")
    with pytest.raises(SourceError, match=r"nowhere' does not exist\. Create it"):
        make(folder / "nowhere")
    with pytest.raises(TypeError, match="5 is not a source"):
        make(5)
    monkeypatch.setenv("SERVESTATIC_LIVE", "1")
    make(folder / "nowhere")
