"""`uvicorn servestatic:app` and `gunicorn servestatic:wsgi_app`: configured by settings alone."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

import servestatic
from servestatic import BuildError, SettingError, SourceError, asgi, standalone
from servestatic.standalone import conventions
from tests.support.interfaces.asgi import talk
from tests.support.interfaces.rsgi import call_rsgi, rsgi_application, rsgi_scope_of
from tests.support.judge import Sent


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SERVESTATIC_")]:
        monkeypatch.delenv(name)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("wrapped", None)


def write(name: str, text: str = "") -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


@pytest.mark.parametrize(
    ("present", "chosen"),
    [
        (["static/a", "public/a"], "static"),
        (["public/a", "_site/index.html"], "public"),
        (["_site/a", "dist/index.html"], "_site"),
        (["dist/a.whl", "build/index.html"], "build"),
        (["site/index.html"], "site"),
        (["dist/a.whl"], None),
        (["static"], None),
        ([], None),
    ],
)
def test_conventional_folders(present: list[str], chosen: str | None) -> None:
    for name in present:
        write(name)
    if chosen is None:
        with pytest.raises(
            SettingError, match=r"nothing to serve: .* has no directory static, public, _site, and no dist"
        ):
            conventions.configure(Path())
    else:
        settings, sources = conventions.configure(Path())
        assert [Path(source).name for source in sources] == [chosen]
        assert settings.prefix == "/"


def ask(app: asgi.Application, *paths: str) -> list[httpx.Response]:
    async def run() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return [await client.get(path) for path in paths]

    return asyncio.run(run())


def test_a_folder() -> None:
    write("static/css/a.css", "a{}")
    found, missing = ask(standalone.make_app(), "/css/a.css", "/nowhere")
    assert (found.status_code, found.text) == (200, "a{}")
    assert (missing.status_code, missing.text) == (404, "Not found.\n")


WRAPPED = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"asgi " + scope["path"].encode()})

def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"wsgi " + environ["PATH_INFO"].encode()]
"""


@pytest.mark.parametrize(
    ("target", "interface", "answer"),
    [("app", None, "asgi /x"), ("app", "asgi", "asgi /x"), ("wsgi", "wsgi", "wsgi /x"), ("wsgi", None, "wsgi /x")],
)
def test_a_wrapped_application(
    target: str, interface: str | None, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("wrapped.py", WRAPPED)
    write("static/a.css", "a{}")
    monkeypatch.setenv("SERVESTATIC_APPLICATION", f"wrapped:{target}")
    if interface:
        monkeypatch.setenv("SERVESTATIC_APPLICATION_INTERFACE", interface)
    found, passed = ask(standalone.make_app(), "/static/a.css", "/x")
    assert (found.text, passed.text) == ("a{}", answer)


SITE = {
    "_site/index.html": "<p>home",
    "_site/about.html": "<p>about",
    "_site/404.html": "<p>nothing here",
    "_site/docs/index.html": "<p>docs",
}


def test_a_site() -> None:
    """Index files, clean URLs and 404.html without any setting."""
    for name, text in SITE.items():
        write(name, text)
    paths = ("/", "/about", "/about.html", "/docs/", "/nowhere", "/nowhere.js")
    expected = ["<p>home", "<p>about", "<p>about", "<p>docs", "<p>nothing here", "Not found.\n"]
    assert [response.text for response in ask(standalone.make_app(), *paths)] == expected
    with httpx.Client(transport=httpx.WSGITransport(standalone.make_wsgi_app()), base_url="http://test") as client:
        assert [client.get(path).text for path in paths] == expected
        assert client.get("/docs?a=1").headers["Location"] == "./docs/?a=1"
    application = standalone.make_rsgi_app()
    asked = (rsgi_scope_of(Sent("GET", path, ())) for path in paths)
    assert [asyncio.run(call_rsgi(application.__rsgi__, each)).body.decode() for each in asked] == expected


def test_pages_below_a_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SITE.items():
        write(name, text)
    monkeypatch.setenv("SERVESTATIC_PREFIX", "/docs/")
    monkeypatch.setenv("SERVESTATIC_SINGLE_PAGE", "about.html")
    asked = ask(standalone.make_app(), "/docs/", "/docs/nowhere", "/nowhere.html")
    assert [(each.status_code, each.text) for each in asked] == [
        (200, "<p>home"),
        (404, "<p>nothing here"),
        (404, "<p>nothing here"),
    ]


WITH_ROOT = {
    "static/app.css": "a{}",
    "public/index.html": "<p>home",
    "public/about.html": "<p>about",
    "public/404.html": "<p>nothing here",
    "public/robots.txt": "User-agent: *",
}


def test_files_at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other files are then below the usual prefix, and pages are looked for at the root."""
    for name, text in WITH_ROOT.items():
        write(name, text)
    monkeypatch.setenv("SERVESTATIC_ROOT", "public")
    expected = {
        "/": "<p>home",
        "/about": "<p>about",
        "/robots.txt": "User-agent: *",
        "/static/app.css": "a{}",
        "/app.css": "Not found.\n",
        "/static/robots.txt": "Not found.\n",
        "/nowhere": "<p>nothing here",
        "/static/nowhere": "<p>nothing here",
    }
    assert [response.text for response in ask(standalone.make_app(), *expected)] == [*expected.values()]
    with httpx.Client(transport=httpx.WSGITransport(standalone.make_wsgi_app()), base_url="http://test") as client:
        assert [client.get(path).text for path in expected] == [*expected.values()]
    application = standalone.make_rsgi_app()
    asked = (rsgi_scope_of(Sent("GET", path, ())) for path in expected)
    assert [asyncio.run(call_rsgi(application.__rsgi__, each)).body.decode() for each in asked] == [*expected.values()]
    monkeypatch.setenv("SERVESTATIC_SINGLE_PAGE", "index.html")
    (page,) = ask(standalone.make_app(), "/users/3")
    assert page.status_code == 404  # it does not navigate
    monkeypatch.setenv("SERVESTATIC_SINGLE_PAGE", "app.html")
    with pytest.raises(SettingError, match=r"single_page names a page that does not exist"):
        standalone.make_wsgi_app()


@pytest.mark.parametrize(
    ("present", "root", "sources"),
    [
        (["static/a", "public/a"], "public", ["static"]),
        (["public/a"], "public", []),
        (["public/a"], "./public/", []),
        (["public/a", "_site/index.html"], "public", ["_site"]),
        (["files/a"], "files", []),
    ],
)
def test_conventional_folders_beside_the_root(
    present: list[str], root: str, sources: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in present:
        write(name)
    monkeypatch.setenv("SERVESTATIC_ROOT", root)
    settings, found = conventions.configure(Path())
    assert [Path(source).name for source in found] == sources
    assert settings.prefix == "/static/"
    assert ask(standalone.make_app(), "/a")[0].status_code == 200


def test_files_at_the_root_in_front_of_an_application(monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", WRAPPED)
    for name, text in WITH_ROOT.items():
        write(name, text)
    monkeypatch.setenv("SERVESTATIC_ROOT", "public")
    for target, answer in (("app", "asgi"), ("wsgi", "wsgi")):
        monkeypatch.setenv("SERVESTATIC_APPLICATION", f"wrapped:{target}")
        asked = ask(standalone.make_app(), "/robots.txt", "/static/app.css", "/", "/about")
        assert [each.text for each in asked] == ["User-agent: *", "a{}", f"{answer} /", f"{answer} /about"]


def test_pages_are_not_usual_in_front_of_an_application(monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", WRAPPED)
    for name, text in SITE.items():
        write(name, text)
    monkeypatch.setenv("SERVESTATIC_APPLICATION", "wrapped:app")
    asked = ask(standalone.make_app(), "/static/", "/static/about", "/static/about.html", "/nowhere")
    assert [each.text for each in asked] == ["asgi /static/", "asgi /static/about", "<p>about", "asgi /nowhere"]


def test_live(monkeypatch: pytest.MonkeyPatch) -> None:
    write("_site/index.html", "<p>old")
    monkeypatch.setenv("SERVESTATIC_LIVE", "1")
    app = standalone.make_app()
    assert ask(app, "/")[0].text == "<p>old"
    write("_site/index.html", "<p>newer")
    write("_site/new.css", "a{}")
    assert [each.text for each in ask(app, "/", "/new.css")] == ["<p>newer", "a{}"]


NAVIGATES = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/users/3", NAVIGATES, 200),
        ("HEAD", "/users/3", NAVIGATES, 200),
        ("GET", "/users/", NAVIGATES, 200),
        ("GET", "/users/3", {"accept": "application/json"}, 404),
        ("GET", "/users/3", {"accept": "*/*"}, 404),
        ("GET", "/missing.js", NAVIGATES, 404),
        ("GET", "/app.0123456789ab.js", NAVIGATES, 404),
        ("POST", "/users/3", NAVIGATES, 404),
    ],
)
def test_a_single_page(
    method: str, path: str, headers: dict[str, str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("dist/index.html", "<p>page")
    write("dist/app.js", "1")
    monkeypatch.setenv("SERVESTATIC_SINGLE_PAGE", "index.html")

    async def ask_once() -> httpx.Response:
        transport = httpx.ASGITransport(standalone.make_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path, headers=headers)

    with httpx.Client(transport=httpx.WSGITransport(standalone.make_wsgi_app()), base_url="http://test") as client:
        for response in (asyncio.run(ask_once()), client.request(method, path, headers=headers)):
            assert response.status_code == status
            assert (response.text == "<p>page") == (status == 200 and method == "GET")


def test_wsgi(monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", WRAPPED)
    write("static/a.css", "a{}")
    with httpx.Client(transport=httpx.WSGITransport(standalone.make_wsgi_app()), base_url="http://test") as client:
        assert client.get("/a.css").text == "a{}"
        assert client.get("/nowhere").status_code == 404
        assert client.head("/nowhere").content == b""
    monkeypatch.setenv("SERVESTATIC_APPLICATION", "wrapped:wsgi")
    with httpx.Client(transport=httpx.WSGITransport(standalone.make_wsgi_app()), base_url="http://test") as client:
        assert client.get("/static/a.css").text == "a{}"
        assert client.get("/x").text == "wsgi /x"
    monkeypatch.setenv("SERVESTATIC_APPLICATION_INTERFACE", "asgi")
    with pytest.raises(SettingError, match=r"'wrapped:wsgi' is ASGI.*serve servestatic:app instead"):
        standalone.make_wsgi_app()


def test_rsgi(monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", f"{WRAPPED}\nfrom tests.support.interfaces.rsgi import rsgi_application as rsgi\n")
    write("static/a.css", "a{}")
    monkeypatch.setenv("SERVESTATIC_APPLICATION", "wrapped:rsgi")
    application = standalone.make_rsgi_app()
    assert application.app is rsgi_application
    asked = (rsgi_scope_of(Sent("GET", path, ())) for path in ("/static/a.css", "/x"))
    found, passed = [asyncio.run(call_rsgi(application.__rsgi__, each)) for each in asked]
    assert (found.body, passed.body) == (b"a{}", b"the application\n")
    for target, interface in (("wrapped:app", ""), ("wrapped:app", "asgi"), ("wrapped:wsgi", "wsgi")):
        monkeypatch.setenv("SERVESTATIC_APPLICATION", target)
        monkeypatch.setenv("SERVESTATIC_APPLICATION_INTERFACE", interface)
        with pytest.raises(SettingError, match=r"servestatic:rsgi_app cannot wrap: serve servestatic:app instead"):
            standalone.make_rsgi_app()


@pytest.mark.parametrize(
    ("target", "interface", "sentence"),
    [
        (
            "app",
            "wsgi",
            "application_interface is 'wsgi', but the application 'wrapped:app' is ASGI. Remove the setting",
        ),
        ("wsgi", "asgi", "application_interface is 'asgi', but the application 'wrapped:wsgi' is WSGI. Remove the"),
        ("rsgi", "", "'wrapped:rsgi' is RSGI, which servestatic:app cannot wrap: serve servestatic:rsgi_app instead"),
        ("other", "", "'wrapped:other' is not an application: expected a callable of scope, receive and send"),
    ],
)
def test_applications_of_other_interfaces(
    target: str, interface: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("wrapped.py", f"{WRAPPED}\nother = 5\nfrom tests.support.interfaces.rsgi import rsgi_application as rsgi\n")
    write("static/a.css", "a{}")
    monkeypatch.setenv("SERVESTATIC_APPLICATION", f"wrapped:{target}")
    monkeypatch.setenv("SERVESTATIC_APPLICATION_INTERFACE", interface)
    with pytest.raises(SettingError, match=re.escape(sentence)):
        ask(standalone.make_app(), "/x")


def test_an_asgi_application_is_not_wsgi(monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", WRAPPED)
    write("static/a.css", "a{}")
    monkeypatch.setenv("SERVESTATIC_APPLICATION", "wrapped:app")
    with pytest.raises(SettingError, match=r"'wrapped:app' is ASGI.*serve servestatic:app instead"):
        standalone.make_wsgi_app()


MAKERS: list[Callable[[], object]] = [
    lambda: ask(standalone.make_app(), "/"),
    standalone.make_wsgi_app,
    standalone.make_rsgi_app,
]


@pytest.mark.parametrize("setting", ["single_page", "not_found"])
@pytest.mark.parametrize("page", ["abuot.html", "/about.html", "css"])
def test_pages_that_do_not_exist(setting: str, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They stop the start, but while developing; 404.html, which is usual, need not exist."""
    write("static/about.html", "<p>about")
    write("static/css/index.html", "<p>")
    monkeypatch.setenv(f"SERVESTATIC_{setting.upper()}", page)
    for make in MAKERS:
        with pytest.raises(
            SettingError, match=f"{setting} names a page that does not exist: there is no page '{page}' among the files"
        ):
            make()
    monkeypatch.setenv("SERVESTATIC_LIVE", "1")
    standalone.make_wsgi_app()
    monkeypatch.setenv(f"SERVESTATIC_{setting.upper()}", "404.html" if setting == "not_found" else "about.html")
    monkeypatch.delenv("SERVESTATIC_LIVE")
    for make in MAKERS:
        make()


@pytest.mark.parametrize("name", ["SERVESTATIC_SOURCES", "SERVESTATIC_BUILD"])
def test_directories_that_do_not_exist(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "nope")
    for make in MAKERS:
        with pytest.raises(
            (SourceError, BuildError), match=r"nope.* does not exist|there is no sealed build in .*nope"
        ):
            make()


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("nowhere:app", "cannot be imported: No module named 'nowhere'"),
        ("wrapped:none", "has no attribute 'none'"),
        ("wrapped", "Expected module:attribute"),
    ],
)
def test_applications_that_cannot_be_imported(target: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write("wrapped.py", WRAPPED)
    write("static/a.css")
    monkeypatch.setenv("SERVESTATIC_APPLICATION", target)
    with pytest.raises(SettingError) as caught:
        standalone.make_wsgi_app()
    assert sentence in str(caught.value)


def test_lifespan_says_why_it_cannot_start() -> None:
    sent = talk(standalone.make_app(), {"type": "lifespan"}, "lifespan.startup")
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert sent[0]["message"].startswith("nothing to serve: ")


def test_uvicorn_stops_with_a_sentence() -> None:
    command = [sys.executable, "-m", "uvicorn", "servestatic:app", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "nothing to serve: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_names_are_made_once() -> None:
    write("static/a.css")
    for name in ("app", "wsgi_app", "rsgi_app"):
        try:
            assert getattr(servestatic, name) is getattr(servestatic, name)
        finally:
            vars(servestatic).pop(name, None)
