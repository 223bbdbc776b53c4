"""What a URL in a file names, and how it is written back."""

import pytest

from servestatic.assets.references import is_path, resolve, respell

BASE = "/static/css/app.css"


@pytest.mark.parametrize(
    "url",
    ["", "#id", "?v=1", "data:image/png;base64,AA", "about:blank", "//cdn/x.png", "https://h/x", "mailto:a@b", r"\\x"],
)
def test_not_a_path(url: str) -> None:
    assert not is_path(url)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("a.png", "/static/css/a.png"),
        ("./a.png", "/static/css/a.png"),
        ("../img/a.png", "/static/img/a.png"),
        ("../../robots.txt", "/robots.txt"),
        ("../../../up.png", None),
        ("/static/img/a.png", "/static/img/a.png"),
        ("/../a.png", None),
        ("a.png?v=1#x", "/static/css/a.png"),
        ("a%20b.png", "/static/css/a b.png"),
        ("a%2520b.png", "/static/css/a%20b.png"),
        ("u%CC%88.png", "/static/css/\u00fc.png"),
        ("u\u0308.png", "/static/css/\u00fc.png"),
        ("sub/", "/static/css/sub/"),
        ("{{ x }}", "/static/css/{{ x }}"),
    ],
)
def test_resolve(url: str, path: str | None) -> None:
    assert resolve(url, BASE) == path


@pytest.mark.parametrize(
    ("url", "target", "one_mount", "written"),
    [
        ("a.png", "/static/css/a.png", True, "a.FP.png"),
        ("./a.png", "/static/css/a.png", True, "./a.FP.png"),
        ("../img/a.png?v=1#x", "/static/img/a.png", True, "../img/a.FP.png?v=1#x"),
        ("f.eot?#iefix", "/static/css/f.eot", True, "f.FP.eot?#iefix"),
        ("a%20b.png", "/static/css/a b.png", True, "a%20b.FP.png"),
        ("LICENSE", "/static/css/LICENSE", True, "LICENSE.FP"),
        ("a%2Epng", "/static/css/a.png", True, "a.FP.png"),
        ("u%CC%88.png", "/static/css/\u00fc.png", True, "%C3%BC.FP.png"),
        ("../u\u0308/%40a.png", "/static/\u00fc/@a.png", True, "../%C3%BC/@a.FP.png"),
        ("sub%2Fa.png", "/static/css/sub/a.png", True, "sub/a.FP.png"),
        ("a%3Ab.png", "/static/css/a:b.png", True, "./a:b.FP.png"),
        ("/static/css/a.png", "/static/css/a.png", True, "./a.FP.png"),
        ("/static/img/a.png#x", "/static/img/a.png", True, "../img/a.FP.png#x"),
        ("/static/css/sub/a.png", "/static/css/sub/a.png", True, "./sub/a.FP.png"),
        ("/favicon.ico", "/favicon.ico", False, "/favicon.FP.ico"),
        ("../../favicon.ico", "/favicon.ico", False, "../../favicon.FP.ico"),
    ],
)
def test_respell(url: str, target: str, one_mount: bool, written: str) -> None:
    spelled = respell(url, BASE, target, "FP", one_mount=one_mount)
    assert spelled == written
    assert resolve(spelled, BASE) == target.rpartition("/")[0] + "/" + resolve("/" + spelled.split("/")[-1], BASE)[1:]  # type: ignore[index]
