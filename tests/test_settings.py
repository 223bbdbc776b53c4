"""Settings: four origins, one rule, and errors that name the place."""

from pathlib import Path

import pytest

from servestatic.errors import SettingError
from servestatic.settings import (
    Origin,
    Settings,
    command_line,
    django_settings,
    environment,
    keywords,
    option,
    pyproject,
    resolve,
)


def toml(tmp_path: Path, text: str) -> Origin:
    (tmp_path / "pyproject.toml").write_text(text)
    return pyproject(tmp_path)


def test_every_origin_sets_every_type(tmp_path: Path) -> None:
    wanted = Settings(prefix="/s/", fingerprints=False, max_age=5, cors="fonts", strict=True, sources=("a", "b"))
    given = {
        "prefix": "s",
        "fingerprints": False,
        "max_age": 5,
        "cors": "fonts",
        "strict": True,
        "sources": ["a", "b"],
    }
    shouted = {f"SERVESTATIC_{name.upper()}": value for name, value in given.items()}
    variables = {
        "SERVESTATIC_PREFIX": "/s/",
        "SERVESTATIC_FINGERPRINTS": "no",
        "SERVESTATIC_MAX_AGE": "5",
        "SERVESTATIC_CORS": "fonts",
        "SERVESTATIC_STRICT": "1",
        "SERVESTATIC_SOURCES": "a:b",
        "PATH": "/bin",
    }
    text = '[tool.servestatic]\nprefix = "/s"\nfingerprints = false\nmax-age = 5\ncors = "fonts"\nstrict = true\n'
    options = {option(name): value for name, value in given.items()}
    for origin in (
        command_line(options),
        keywords(given),
        environment(variables),
        django_settings(shouted),
        toml(tmp_path, text + 'sources = ["a", "b"]'),
    ):
        resolved = resolve(origin)
        assert resolved.settings == wanted, origin.place
        assert set(resolved.origins.values()) == {origin.place}


def test_the_first_origin_wins(tmp_path: Path) -> None:
    origins = (
        keywords({"max_age": 1}),
        environment({"SERVESTATIC_MAX_AGE": "2", "SERVESTATIC_CORS": "off"}),
        django_settings({"SERVESTATIC_MAX_AGE": 3, "SERVESTATIC_CORS": "all", "SERVESTATIC_STRICT": True}),
        toml(tmp_path, "[tool.servestatic]\nmax-age = 4\nprefix = '/p/'\n"),
    )
    resolved = resolve(*origins, defaults={"prefix": "/d/", "fingerprints": False})
    assert resolved.settings == Settings(max_age=1, cors="off", strict=True, prefix="/p/", fingerprints=False)
    assert resolved.origins["cors"] == "the environment"
    assert resolve(*reversed(origins)).settings.max_age == 4


WRONG = [
    (keywords({"maxage": 1}), "maxage in the keyword arguments: no such setting. Did you mean 'max_age'"),
    (
        environment({"SERVESTATIC_MAXAGE": "1"}),
        "SERVESTATIC_MAXAGE in the environment: no such setting. Did you mean 'SERV",
    ),
    (
        django_settings({"SERVESTATIC_AUTOREFRESH": 1}),
        "SERVESTATIC_AUTOREFRESH in the Django settings: no such setting.",
    ),
    (command_line({"--maxage": 1}), "--maxage in the command line: no such setting. Did you mean '--max-age'?"),
    (command_line({"--max-age": "1s"}), "--max-age in the command line is '1s': expected a whole number"),
    (keywords({"max_age": -1}), "max_age in the keyword arguments is -1: expected a whole number, 0 or more"),
    (keywords({"max_age": True}), "expected a whole number"),
    (environment({"SERVESTATIC_MAX_AGE": "1e3"}), "SERVESTATIC_MAX_AGE in the environment is '1e3': expected a whole"),
    (environment({"SERVESTATIC_MAX_AGE": "²"}), "expected a whole"),
    (environment({"SERVESTATIC_STRICT": "maybe"}), "expected true or false"),
    (keywords({"fingerprints": 1}), "expected true or false"),
    (keywords({"cors": "none"}), "expected one of 'all', 'fonts', 'off'"),
    (keywords({"prefix": "https://cdn.example/static/"}), "expected a URL path"),
    (keywords({"prefix": 3}), "expected a text"),
    (keywords({"sources": 3}), "expected a list of texts"),
    (keywords({"sources": [3]}), "expected a text"),
]


@pytest.mark.parametrize(("origin", "sentence"), WRONG, ids=[sentence[:40] for _, sentence in WRONG])
def test_wrong_settings(origin: Origin, sentence: str) -> None:
    with pytest.raises(SettingError) as caught:
        resolve(origin)
    assert sentence in str(caught.value)


def test_pyproject(tmp_path: Path) -> None:
    assert pyproject(tmp_path).values == {}
    assert toml(tmp_path, "[project]\nname = 'x'\n").values == {}
    with pytest.raises(SettingError, match=r"pyproject\.toml: .*line 1"):
        toml(tmp_path, "[tool.servestatic\n")
    with pytest.raises(SettingError, match=r"max_age in \[tool.servestatic\] of .*Did you mean 'max-age'"):
        resolve(toml(tmp_path, "[tool.servestatic]\nmax_age = 1\n"))
    (tmp_path / "pyproject.toml").write_bytes(b"\xff servestatic")
    assert pyproject(tmp_path).values == {}


@pytest.mark.parametrize(
    ("written", "read"), [("/", "/"), ("", "/"), ("static", "/static/"), ("/a/b", "/a/b/"), ("a/b/", "/a/b/")]
)
def test_prefix(written: str, read: str) -> None:
    assert resolve(keywords({"prefix": written})).settings.prefix == read
