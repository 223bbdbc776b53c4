"""Manifests of bundlers: what they name keeps its name, their entries have URLs, and no manifest breaks anything."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

import servestatic
from servestatic import Directory, Index, SettingError, UnknownAsset
from servestatic.jinja import install
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import COLLECT, Collect, collect_sealed

IMMUTABLE = "max-age=31536000, immutable"
MANIFEST: dict[str, dict[str, Any]] = {
    "_shared.js": {"file": "assets/shared-DOLicsjL.js", "css": ["assets/shared-D_KJRFDy.css"]},
    "src/lamp.svg": {"file": "assets/lamp-D62fmAGy.svg"},
    "src/main.ts": {
        "file": "assets/main-KSeocUMg.js",
        "isEntry": True,
        "imports": ["_shared.js"],
        "dynamicImports": ["src/later.ts"],
        "css": ["assets/main-BGxL0RgD.css"],
        "assets": ["assets/lamp-D62fmAGy.svg"],
    },
    "src/later.ts": {"file": "assets/later-B8KIjWgm.js"},
    "src/[id].ts": {"file": "assets/id-B8KIjWgm.js"},
}
BUILT = {
    "assets/shared-DOLicsjL.js": "export const one = 1",
    "assets/shared-D_KJRFDy.css": "b {}",
    "assets/lamp-D62fmAGy.svg": "<svg/>",
    "assets/main-KSeocUMg.js": "import './shared-DOLicsjL.js'; import('./later-B8KIjWgm.js')",
    "assets/main-BGxL0RgD.css": "a { background: url(lamp-D62fmAGy.svg) }",
    "assets/later-B8KIjWgm.js": "1",
    "assets/id-B8KIjWgm.js": "1",
    "assets/seems-B8KIjWgm.js": "1",  # looks as if it were named by its content; nobody says so
    "favicon.ico": "ico",
}
NAMED = {name for name in BUILT if name not in ("favicon.ico", "assets/seems-B8KIjWgm.js")}
PLACE = ".vite/manifest.json"


def build(root: Path, manifest: object = MANIFEST, place: str = PLACE) -> Path:
    return write(root, {**BUILT, place: manifest if isinstance(manifest, (str, bytes)) else json.dumps(manifest)})


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return build(tmp_path / "dist")


@pytest.fixture(params=COLLECT)
def collect(request: pytest.FixtureRequest) -> Collect:
    return COLLECT[request.param]


def path_of(dist: Path, place: str = PLACE) -> list[str]:
    return [str(dist / place)]


# ------------------------------------------------------------------------------------------------- what it means


def test_what_a_manifest_names_keeps_its_name(dist: Path, collect: Collect) -> None:
    index = collect(dist, manifests=path_of(dist))
    assert {name for name in index if index.path(name) == name} == NAMED
    for name, content in BUILT.items():
        status, fields, body = get(index, index.url(name))
        plain = "no-cache" if collect is servestatic.live else IMMUTABLE
        assert (status, body, fields["Cache-Control"]) == (200, content.encode(), plain), name
        assert name in NAMED or re.search(r"\.[0-9a-f]{12}\.", index.url(name))


def test_entries(dist: Path, collect: Collect) -> None:
    index = collect(dist, manifests=path_of(dist))
    for key, chunk in MANIFEST.items():
        assert index.url(key) == f"/static/{chunk['file']}"
        assert index.path(key) == chunk["file"]
        assert index.integrity(key) == index.integrity(chunk["file"])
        assert key in index
    assert [(each.url.removeprefix("/static/assets/"), each.kind) for each in index.preload("src/main.ts")] == [
        ("shared-DOLicsjL.js", "module"),
        ("main-BGxL0RgD.css", "style"),
        ("shared-D_KJRFDy.css", "style"),
    ]
    made = index.importmap("src/main.ts", {"main": "src/main.ts"})
    assert made["imports"] == {"main": "/static/assets/main-KSeocUMg.js"}
    assert list(made["integrity"]) == [
        f"/static/assets/{name}.js" for name in ("main-KSeocUMg", "shared-DOLicsjL", "later-B8KIjWgm")
    ]


PAGES: dict[str, list[str]] = {
    "page.stylesheet('src/main.ts')": ["main-BGxL0RgD.css", "shared-D_KJRFDy.css"],
    "page.modulepreload('src/main.ts')": ["main-KSeocUMg.js", "shared-DOLicsjL.js"],
    "page.modulepreload('src/[id].ts')": ["id-B8KIjWgm.js"],
}


@pytest.mark.parametrize("text", PAGES)
def test_pages(dist: Path, text: str) -> None:
    jinja2 = pytest.importorskip("jinja2")
    environment = jinja2.Environment()
    install(environment, servestatic.collect(dist, manifests=path_of(dist)))
    html = environment.from_string(f"{{% set page = static_page() %}}{{{{ {text} }}}}").render()
    assert re.findall('href="/static/assets/(.*?)"', html) == PAGES[text]


@pytest.mark.parametrize(
    ("source", "place", "under"),
    [
        (lambda root: Directory(root / "dist", under="app"), PLACE, "app/"),
        (lambda root: Directory(root), PLACE, "dist/"),
        (lambda root: Directory(root / "dist"), "manifest.json", ""),
        (lambda root: Directory(root / "link"), PLACE, ""),
    ],
    ids=["under", "within", "without .vite", "behind a link"],
)
def test_where_it_is(tmp_path: Path, source: Any, place: str, under: str) -> None:
    dist = build(tmp_path / "dist", place=place)
    (tmp_path / "link").symlink_to(dist)
    index = servestatic.collect(source(tmp_path), manifests=path_of(dist, place))
    assert index.path("src/main.ts") == f"{under}assets/main-KSeocUMg.js"


def test_relative_to_the_working_directory(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dist.parent)
    monkeypatch.setenv("SERVESTATIC_MANIFESTS", "dist/.vite/manifest.json")
    assert servestatic.collect("dist").path("src/main.ts") == "assets/main-KSeocUMg.js"


def test_a_sealed_build_needs_no_manifest(dist: Path) -> None:
    index = collect_sealed(dist, manifests=path_of(dist))
    (dist / PLACE).unlink()
    assert index.url("src/main.ts") == "/static/assets/main-KSeocUMg.js"


def test_a_manifest_is_followed(dist: Path) -> None:
    index = servestatic.live(dist, manifests=path_of(dist))
    assert index.path("src/main.ts") == "assets/main-KSeocUMg.js"
    changed = {"src/main.ts": {"file": "assets/main-CHANGED0.js"}}
    build(dist, changed)
    write(dist, {"assets/main-CHANGED0.js": "2"})
    assert index.url("src/main.ts") == "/static/assets/main-CHANGED0.js"
    (dist / PLACE).unlink()
    with pytest.raises(UnknownAsset):
        index.url("src/main.ts")


# ---------------------------------------------------------------------------------------------- what is wrong

DEEP = "[" * 100_000
WRONG: dict[str, tuple[object, str]] = {
    "empty": ("", "is not JSON"),
    "half": (json.dumps(MANIFEST)[:80], "is not JSON"),
    "no text": (b"\xff\xfe\x00", "is not JSON"),
    "a list": ([], "is not a manifest"),
    "no chunks": ({"a.js": "b.js"}, "is not a manifest"),
    "no file": ({"a.js": {"src": "b.js"}}, "is not a manifest"),
    "a file that is no text": ({"a.js": {"file": 1}}, "is not a manifest"),
    "webpack's": ({"main.js": "/static/main.0123.js"}, "is not a manifest"),
    "too deep": (DEEP, "nested too deeply"),
    "a number of many digits": ("9" * 10_000, "is not JSON"),
    "huge": (b" " * (16 * 1024 * 1024 + 1), "has more than 16777216 bytes"),
    "above": ({"a": {"file": "../secret.js"}}, r"names '../secret.js', which is not below"),
    "within and above": ({"a": {"file": "assets/../../secret.js"}}, "which is not below"),
    "absolute": ({"a": {"file": "/etc/passwd"}}, "which is not below"),
    "a URL": ({"a": {"file": "https://elsewhere.example/a.js"}}, "which is not below"),
    "a backslash": ({"a": {"file": "..\\secret.js"}}, "which is not below"),
    "a null": ({"a": {"file": "a\0.js"}}, "which is not below"),
    "above, in css": ({"a": {"file": "assets/later-B8KIjWgm.js", "css": ["../secret.css"]}}, "which is not below"),
    "not there": ({"a": {"file": "assets/gone.js"}}, r"names files that do not exist: 'assets/gone.js'\. Build again"),
    "nowhere": ({str(n): {"file": f"{n}.js"} for n in range(9)}, r"'0\.js', '1\.js', '2\.js' …\."),
}


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_manifest(tmp_path: Path, how: str, caplog: pytest.LogCaptureFixture) -> None:
    """One warning with the place, and everything is as without it; an error if that is wanted."""
    content, message = WRONG[how]
    write(tmp_path, {"secret.js": "secret"})
    dist = build(tmp_path / "dist", content)
    for make in (servestatic.collect, servestatic.live):
        caplog.clear()
        index = make(dist, manifests=path_of(dist))
        assert [index.path(name) != name for name in BUILT] == [True] * len(BUILT)
        with pytest.raises(UnknownAsset):
            index.url("a")
        warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert len(warnings) == 1
        assert re.search(message, warnings[0])
        assert str(dist / PLACE) in warnings[0]
    with pytest.raises(SettingError, match=message):
        servestatic.collect(dist, manifests=path_of(dist), strict=True)


@pytest.mark.parametrize("place", ["gone/manifest.json", "dist", "dist/", "dist/\0"])
def test_no_manifest(dist: Path, place: str) -> None:
    with pytest.raises(SettingError, match=r"cannot be read \(.*\)\. Build, or correct the path\."):
        servestatic.collect(dist, manifests=[str(dist.parent / place)], strict=True)


def test_a_bundle_that_no_source_has(dist: Path, tmp_path: Path) -> None:
    other = write(tmp_path / "other", {"a.js": "1"})
    with pytest.raises(SettingError, match=r"is of .*dist, which no source has\. Add that folder to the sources"):
        servestatic.collect(other, manifests=path_of(dist), strict=True)


def test_a_link_out_of_the_bundle_is_not_served(dist: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.js").write_text("secret")
    os.symlink(tmp_path / "secret.js", dist / "assets/link.js")
    build(dist, {"a": {"file": "assets/link.js"}})
    index: Index = servestatic.collect(dist, manifests=path_of(dist))
    with pytest.raises(UnknownAsset):
        index.url("a")
