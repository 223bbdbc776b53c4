"""What browsers are told of modules: needs, integrity, import maps, and what the manifests of bundlers say."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from pathlib import Path

import jinja2
import pytest

import servestatic
from servestatic import Directory, UnknownAsset
from servestatic.assets.importmap import dump
from servestatic.jinja import install
from tests.support.client import get
from tests.support.files import write
from tests.support.indexes import Collect

FILES = {
    "js/app.js": "import './b.js'; import '../vendor/lit.js'; import './b.js'; const f = () => import('./later.js')",
    "js/b.js": "import { c } from './c.js'; import './app.js'; new Worker(new URL('./worker.js', import.meta.url))",
    "js/c.js": "export * from './d.js'; import data from './data.json' with { type: 'json' };"
    " import sheet from './sheet.css' with { type: 'css' }; import './data.json'; import './bundled.css'",
    "js/d.js": "export const d = 1",
    "js/data.json": "{}",
    "js/sheet.css": "@font-face { src: url(../fonts/a.woff2) }",
    "js/later.js": "import './d.js'",
    "js/worker.js": "import './d.js'",
    "js/bundled.js": "import './bundled.css'; import 'lit'; import x from '../fonts/b.ttf'; import y from '../a.png'",
    "js/bundled.css": "a {}",
    "js/own.js": "import './own.js'",
    "vendor/lit.js": "export const html = 1",
    "css/app.css": """
        @import "base.css";
        @font-face { src: url(../fonts/a.woff2) format("woff2"), url(../fonts/a.woff) format("woff") }
        @font-face { src: url("../fonts/b.ttf?#iefix") }
        a { background: url(../a.png) }
    """,
    "css/base.css": "@import url(app.css); @import '../css/print.css' print; @font-face { src: url(../fonts/a.woff2) }",
    "css/print.css": "",
    "fonts/a.woff2": "2",
    "fonts/a.woff": "1",
    "fonts/b.ttf": "0",
    "a.png": "png",
    "page.html": "<script type=module src=js/app.js></script>",
}
# name → what it needs, in order
NEEDS: dict[str, list[str]] = {
    "js/app.js": ["js/b.js", "vendor/lit.js", "js/c.js", "js/d.js", "js/data.json", "js/sheet.css", "fonts/a.woff2"],
    "js/b.js": ["js/c.js", "js/app.js", "js/d.js", "js/data.json", "js/sheet.css", "vendor/lit.js", "fonts/a.woff2"],
    "js/c.js": ["js/d.js", "js/data.json", "js/sheet.css", "fonts/a.woff2"],
    "js/later.js": ["js/d.js"],
    "js/d.js": [],
    "js/own.js": [],
    "js/bundled.js": [],
    "css/app.css": ["css/base.css", "fonts/a.woff2", "fonts/b.ttf", "css/print.css"],
    "fonts/a.woff2": [],
    "page.html": [],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "static", FILES)


def sha384(data: bytes) -> str:
    return f"sha384-{b64encode(hashlib.sha384(data).digest()).decode()}"


# ------------------------------------------------------------------------------------------------------- needs


@pytest.mark.parametrize("fingerprints", [True, False])
def test_preload(root: Path, collect: Collect, fingerprints: bool) -> None:
    index = collect(root, fingerprints=fingerprints)
    for name, needs in NEEDS.items():
        assert [each.url for each in index.preload(name)] == [index.url(each) for each in needs], name
    assert [each.kind for each in index.preload("css/app.css")] == ["style", "font", "font", "style"]
    assert [each.kind for each in index.preload("js/c.js")] == ["module", "json", "css", "font"]
    with pytest.raises(UnknownAsset, match=r"Did you mean 'js/app\.js'"):
        index.preload("js/ap.js")


def test_needs_of_another_mount(tmp_path: Path) -> None:
    static = write(tmp_path / "static", {"a.js": "import '/b.js'", "sub/c.js": "1"})
    public = write(tmp_path / "public", {"b.js": "import '/static/sub/c.js'", "a.js": "other"})
    for make in (servestatic.collect, servestatic.live):
        index = make(static, Directory(public, at="/"), store="none")
        urls = [each.url for each in index.preload("a.js")]
        assert [url.partition(".")[0] for url in urls] == ["/b", "/static/sub/c"]
        assert all(get(index, url)[0] == 200 for url in urls)


def test_needs_follow_changes(root: Path) -> None:
    index = servestatic.live(root)
    assert len(index.preload("js/app.js")) == 7
    write(root, {"js/d.js": "import './e.js'; 1", "js/e.js": "1"})
    assert index.url("js/e.js") in [each.url for each in index.preload("js/app.js")]
    write(root, {"js/app.js": "1 + 1"})
    assert index.preload("js/app.js") == ()
    (root / "js/e.js").unlink()
    assert index.preload("js/d.js") == ()


def test_files_without_references_cost_nothing(root: Path) -> None:
    index = servestatic.collect(root)
    assert all(
        entry.needs for mount in index.catalog.mounts for entry in index.catalog.entries() if entry.name in mount.needs
    )
    assert index.catalog.mounts[0].needs.keys() == {
        "js/app.js", "js/b.js", "js/c.js", "js/later.js", "js/worker.js", "css/app.css", "css/base.css",
        "js/sheet.css",
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------- integrity


@pytest.mark.parametrize("fingerprints", [True, False])
def test_integrity_is_of_what_is_served(root: Path, collect: Collect, fingerprints: bool) -> None:
    index = collect(root, fingerprints=fingerprints)
    for name in index:
        for _ in range(2):
            assert index.integrity(name) == sha384(get(index, index.url(name))[2]), name
    with pytest.raises(UnknownAsset, match="no source has a file"):
        index.integrity("nothing.js")


def test_integrity_with_a_store(root: Path, tmp_path: Path) -> None:
    for _ in range(2):
        index = servestatic.collect(root, store=str(tmp_path / "store"))
        for name in index:
            assert index.integrity(name) == sha384(get(index, index.url(name))[2]), name


def test_integrity_of_what_has_changed(root: Path) -> None:
    """A page that names bytes which are not to be had must not be promised others."""
    index = servestatic.collect(root)
    write(root, {"js/d.js": "changed"})
    with pytest.raises(UnknownAsset, match="changed since it was collected"):
        index.integrity("js/d.js")
    assert index.url("js/d.js") not in index.importmap("js/d.js")["integrity"]
    live = servestatic.live(root)
    before = live.integrity("js/d.js")
    write(root, {"js/d.js": "changed again"})
    assert before != live.integrity("js/d.js") == sha384(b"changed again")
    (root / "js/d.js").unlink()
    with pytest.raises(UnknownAsset):
        live.integrity("js/d.js")


# -------------------------------------------------------------------------------------------------- import maps

IMPORTS: list[tuple[tuple[str | dict[str, str], ...], str, dict[str, str]]] = [
    (("js/d.js",), "", {"/static/js/d.js": "js/d.js"}),
    (("js/d.js",), "app/", {"/static/js/d.js": "js/d.js", "app/js/d.js": "js/d.js"}),
    (({"lit": "vendor/lit.js"},), "app/", {"/static/vendor/lit.js": "vendor/lit.js", "lit": "vendor/lit.js"}),
    (("js/[cd].js",), "", {"/static/js/c.js": "js/c.js", "/static/js/d.js": "js/d.js"}),
    (("vendor/*",), "", {"/static/vendor/lit.js": "vendor/lit.js"}),
    ((), "", {}),
]


@pytest.mark.parametrize(("names", "prefix", "imports"), IMPORTS)
def test_import_map(
    root: Path, collect: Collect, names: tuple[str | dict[str, str], ...], prefix: str, imports: dict[str, str]
) -> None:
    index = collect(root)
    made = index.importmap(*names, prefix=prefix)
    assert made["imports"] == {key: index.url(name) for key, name in imports.items()}
    assert list(made["imports"]) == list(imports)


def test_integrity_of_an_import_map(root: Path, collect: Collect) -> None:
    index = collect(root)
    reached = ["js/app.js", "js/b.js", "vendor/lit.js", "js/c.js", "js/d.js", "js/data.json", "js/sheet.css"]
    made = index.importmap("js/app.js")["integrity"]
    assert made == {index.url(name): index.integrity(name) for name in reached}
    assert list(made) == [index.url(name) for name in reached]


def test_without_fingerprints_a_plain_url_needs_no_import(root: Path) -> None:
    index = servestatic.collect(root, fingerprints=False)
    assert index.importmap("js/d.js", {"d": "js/d.js"})["imports"] == {"d": "/static/js/d.js"}


@pytest.mark.parametrize("name", ["nothing.js", "nothing/*.js", "css/*"])
def test_import_map_of_nothing(root: Path, name: str) -> None:
    with pytest.raises(UnknownAsset):
        servestatic.collect(root).importmap(name)


def test_json_that_cannot_end_a_script() -> None:
    document = {"imports": {"</script><!--": "a&b"}}
    assert not set(dump(document)) & set("<>&")
    assert json.loads(dump(document)) == document


# -------------------------------------------------------------------------------------------------------- Jinja


def test_jinja(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    index = servestatic.collect(root)
    environment = jinja2.Environment(autoescape=True)
    install(environment, index)

    def render(text: str) -> list[str]:
        return environment.from_string("{% set page = static_page('n') %}" + text).render().split("\n")

    modules = {"js/c.js": "", "js/d.js": "", "js/data.json": ' as="json"', "js/sheet.css": ' as="style"'}
    assert render("{{ page.modulepreload('js/c.js', 'js/d.js') }}{{ page.modulepreload('js/d.js') }}") == [
        f'<link rel="modulepreload"{kind} href="{index.url(name)}" integrity="{index.integrity(name)}" nonce="n">'
        for name, kind in modules.items()
    ]
    assert render("{{ page.preload('js/c.js') }}")[2:] == [
        f'<link rel="modulepreload" as="json" href="{index.url("js/data.json")}"'
        f' integrity="{index.integrity("js/data.json")}" nonce="n">',
        f'<link rel="modulepreload" as="style" href="{index.url("js/sheet.css")}"'
        f' integrity="{index.integrity("js/sheet.css")}" nonce="n">',
        f'<link rel="preload" as="font" type="font/woff2" href="{index.url("fonts/a.woff2")}" crossorigin>',
    ]
    assert render("{{ page.stylesheet('js/c.js') }}") == [""]
    assert render("{{ page.integrity('js/d.js') }}") == [index.integrity("js/d.js")]
    assert render("{{ page.preload('fonts/b.ttf') }}") == [
        f'<link rel="preload" as="font" type="font/ttf" href="{index.url("fonts/b.ttf")}" crossorigin>'
    ]
    assert render("{{ page.stylesheet('css/print.css') }}") == [
        f'<link rel="stylesheet" href="{index.url("css/print.css")}" integrity="{index.integrity("css/print.css")}"'
        ' nonce="n" crossorigin>'
    ]
    (script,) = render("{{ page.importmap('js/d.js', 'd=js/d.js') }}{{ page.importmap('js/d.js') }}")
    assert script == f'<script type="importmap" nonce="n">{dump(index.importmap("js/d.js", {"d": "js/d.js"}))}</script>'
    assert not caplog.records
    assert render("{{ page.modulepreload('no.js') }}{{ page.importmap('x=no.js', 'none/*.js') }}") == [""]
    assert [record.args[0].args[0][:30] for record in caplog.records] == [  # type: ignore[union-attr,index] # an error
        "no source has a file 'no.js'.",
        "no source has a file 'none/*.j",
    ]
