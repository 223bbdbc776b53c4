"""Settings: four origins, one rule, and errors that name the place."""

import os
from pathlib import Path

import pytest

from servestatic.errors import SettingError
from servestatic.settings.model import Settings
from servestatic.settings.origins import (
    Origin,
    command_line,
    django_settings,
    environment,
    keywords,
    option,
    pyproject,
    resolve,
)
from tests.support.files import make_irregular


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
        assert resolved.settings == wanted, origin.name
        assert set(resolved.origins.values()) == {origin.name}


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


def test_no_age(tmp_path: Path) -> None:
    origins = (
        keywords({"max_age": None}),
        environment({"SERVESTATIC_MAX_AGE": "None"}),
        django_settings({"SERVESTATIC_MAX_AGE": None}),
        toml(tmp_path, '[tool.servestatic]\nmax-age = "none"\n'),
    )
    for origin in origins:
        assert resolve(origin).settings == Settings(max_age=None), origin.name


@pytest.mark.parametrize("names", [(), ("index.html",), ("index.html", "index.htm")], ids=len)
def test_index_files(tmp_path: Path, names: tuple[str, ...]) -> None:
    origins = (
        command_line({"--index-file": names or ("",)}),  # an option that is repeated
        keywords({"index_file": [*names]}),
        environment({"SERVESTATIC_INDEX_FILE": os.pathsep.join(names)}),
        django_settings({"SERVESTATIC_INDEX_FILE": names}),
        toml(tmp_path, f'[tool.servestatic]\nindex-file = "{os.pathsep.join(names)}"\n'),
        toml(tmp_path, f"[tool.servestatic]\nindex-file = {[*names]}\n"),
    )
    for origin in origins:
        resolved = resolve(origin, defaults={"index_file": "default.html"})
        assert resolved.settings == Settings(index_file=names), origin


WRONG = [
    (
        keywords({"zzz": 1}),
        "zzz in the keyword arguments: no such setting. Correct the name or remove it. See https://",
    ),
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
    (keywords({"max_age": True}), "expected a whole number, 0 or more, or none"),
    (environment({"SERVESTATIC_MAX_AGE": "1e3"}), "SERVESTATIC_MAX_AGE in the environment is '1e3': expected a whole"),
    (environment({"SERVESTATIC_MAX_AGE": "²"}), "expected a whole"),
    (environment({"SERVESTATIC_STRICT": "maybe"}), "expected true or false"),
    (keywords({"fingerprints": 1}), "expected true or false"),
    (keywords({"cors": "none"}), "expected one of 'all', 'fonts', 'off'"),
    (keywords({"prefix": "https://cdn.example/static/"}), "expected a URL path"),
    (keywords({"prefix": 3}), "expected a text"),
    (keywords({"sources": 3}), "expected a list of texts"),
    (keywords({"sources": [3]}), "expected a text"),
    (keywords({"index_file": True}), "index_file in the keyword arguments is True: expected a list of texts, or one"),
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


SERVICES = {
    "SERVESTATIC_SERVICE_HOST": "10.0.0.1",
    "SERVESTATIC_SERVICE_PORT": "80",
    "SERVESTATIC_SERVICE_PORT_HTTP": "80",
    "SERVESTATIC_SERVICE_PORT_HTTP_ADMIN": "81",
    "SERVESTATIC_PORT": "tcp://10.0.0.1:80",
    "SERVESTATIC_PORT_80_TCP": "tcp://10.0.0.1:80",
    "SERVESTATIC_PORT_80_TCP_PROTO": "tcp",
    "SERVESTATIC_PORT_80_TCP_PORT": "80",
    "SERVESTATIC_PORT_80_TCP_ADDR": "10.0.0.1",
    "SERVESTATIC_PORT_53_UDP": "udp://10.0.0.1:53",
    "SERVESTATIC_WEB_SERVICE_HOST": "10.0.0.2",
    "SERVESTATIC_WEB_SERVICE_PORT": "80",
    "SERVESTATIC_WEB_PORT": "tcp://10.0.0.2:80",
    "SERVESTATIC_WEB_PORT_9000_SCTP_ADDR": "10.0.0.2",
}


def test_services_of_kubernetes() -> None:
    resolved = resolve(environment(SERVICES | {"SERVESTATIC_MAX_AGE": "5"}))
    assert resolved.settings == Settings(max_age=5)


@pytest.mark.parametrize("name", ["PORT", "SERVICE", "SERVICE_PORTS", "PORT_TCP", "HOST", "PORT_80"])
def test_what_no_service_is_called(name: str) -> None:
    with pytest.raises(SettingError, match=f"SERVESTATIC_{name} in the environment: no such setting"):
        resolve(environment({f"SERVESTATIC_{name}": "8000"}))


FORMS = [
    "[tool.servestatic]\nmax-age = 3",
    '[ tool . "servestatic" ]\nmax-age = 3',
    "['tool'.'servestatic']\nmax-age = 3",
    "[tool]\nservestatic.max-age = 3",
    "[tool]\nother = 1\nservestatic = {max-age = 3}",
    "  [ 'tool' ] # servestatic\nother = 1\nservestatic = {max-age = 3}",
    "tool.servestatic.max-age = 3",
    "tool.servestatic = {max-age = 3}",
    "tool = {other = 1, servestatic = {max-age = 3}}",
    '"tool" = {other = 1, servestatic = {max-age = 3}}',
]


@pytest.mark.parametrize("text", FORMS)
def test_each_form_of_the_table_in_pyproject(tmp_path: Path, text: str) -> None:
    assert resolve(toml(tmp_path, text)).settings == Settings(max_age=3)


def test_a_pyproject_that_only_names_the_package_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomllib.loads", lambda _: pytest.fail("that takes milliseconds"))
    text = '[project]\ndependencies = ["servestatic"]\n[tool.ruff]\nsrc = ["servestatic"]\n'
    assert toml(tmp_path, text).values == {}


SHAPES = [
    ("tool = 'servestatic'", None),
    ("[[tool]]\nx = 'servestatic'", None),
    ("tool.servestatic = 3", r"tool\.servestatic in .* is 3: expected a table, \[tool\.servestatic\]"),
    ("[[tool.servestatic]]\nmax-age = 3", r"tool\.servestatic in .* is \[.*\]: expected a table"),
    ("[tool.servestatic.max-age]\na = 3", "max-age in .* expected a whole number"),
    ("[tool.servestatic]\nmax-age = " + "1" * 5000, "Correct the file"),
    ("[tool.servestatic]\nsources = " + "[" * 20_000, "Correct the file"),
    ("[tool.servestatic]\ncors = ['all']", "expected one of"),
    ("[tool.servestatic]\nheaders = 3", "expected a mapping"),
    ("[tool.servestatic]\nprefix = 1979-05-27", "expected a text"),
]


@pytest.mark.parametrize(("text", "sentence"), SHAPES, ids=[text[:30] for text, _ in SHAPES])
def test_pyproject_of_another_shape(tmp_path: Path, text: str, sentence: str | None) -> None:
    if sentence is None:
        assert toml(tmp_path, text).values == {}
        return
    with pytest.raises(SettingError, match=sentence):
        resolve(toml(tmp_path, text))


@pytest.mark.parametrize("kind", ["fifo", "device", "directory", "none"])
def test_pyproject_that_is_not_a_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "pyproject.toml"
    if kind != "none":
        make_irregular(path, kind)
    assert pyproject(tmp_path).values == {}


@pytest.mark.parametrize(
    ("written", "read"), [("/", "/"), ("", "/"), ("static", "/static/"), ("/a/b", "/a/b/"), ("a/b/", "/a/b/")]
)
def test_prefix(written: str, read: str) -> None:
    assert resolve(keywords({"prefix": written})).settings.prefix == read
