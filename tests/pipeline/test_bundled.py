"""What Vite lists for `import()` gets the same names as the imports do: otherwise a browser loads each module twice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin

import pytest

from servestatic import collect
from servestatic.assets.references import javascript
from tests.support.client import get
from tests.support.files import write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAIN = """const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=[%s])))=>i.map(i=>d[i]);
function preload(load, dependencies) {}
preload(() => import("./later-C1pLU68S.js"), __vite__mapDeps([0, 1, 2]));
"""
FILES = {
    "dist/assets/later-C1pLU68S.js": 'import "./shared-E7mXXQ9p.js"',
    "dist/assets/shared-E7mXXQ9p.js": "export default 1",
    "dist/assets/later-CORxUu4r.css": "a{}",
}
NAMES = [name.removeprefix("dist/") for name in FILES]
# Vite's setting `base` → how it writes the files, and what its function makes of that: a URL for a link.
BASES: dict[str, tuple[list[str], Callable[[str, str], str]]] = {
    "./": ([name.replace("assets/", "./") for name in NAMES], lambda module, text: urljoin(module, text)),
    "/static/dist/": (NAMES, lambda _, text: f"/static/dist/{text}"),
}


@pytest.mark.parametrize("base", BASES)
def test_both_are_rewritten(base: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    written, make_link = BASES[base]
    lists = [*written, "assets/gone-AAAAAAAA.js"]
    files = FILES | {"dist/assets/main-CAZouSUd.js": MAIN % ",".join(f'"{text}"' for text in lists)}
    with caplog.at_level(logging.INFO, "servestatic"):
        index = collect(write(tmp_path, files), store="none")
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    main = index.url("dist/assets/main-CAZouSUd.js")
    found = javascript.find(get(index, unquote(main))[2])
    links = [make_link(main, reference.url) for reference in found if reference.kind == "bundled"]
    assert links[:-1] == [index.url(name) for name in FILES]
    assert links[-1] == make_link(main, lists[-1])
    assert urljoin(main, found[-1].url) == index.url("dist/assets/later-C1pLU68S.js")


@pytest.mark.parametrize("prefix", ["/", "/static/"])
def test_a_build_at_the_root_of_a_source(prefix: str, tmp_path: Path) -> None:
    files = {name.removeprefix("dist/"): text for name, text in FILES.items()}
    root = write(tmp_path, files | {"main.js": MAIN % '"assets/shared-E7mXXQ9p.js"'})
    index = collect(root, prefix=prefix, store="none")
    served = javascript.find(get(index, unquote(index.url("main.js")))[2])
    assert [f"{prefix}{each.url}" for each in served if each.kind == "bundled"] == [
        index.url("assets/shared-E7mXXQ9p.js")
    ]


def test_a_need_is_what_is_imported(tmp_path: Path) -> None:
    """A preload of the page is for what a module needs at once."""
    files = FILES | {"dist/assets/main-CAZouSUd.js": MAIN % ",".join(f'"{name}"' for name in NAMES)}
    index = collect(write(tmp_path, files), store="none")
    assert [need.name for need in index.reach("dist/assets/main-CAZouSUd.js")] == ["dist/assets/main-CAZouSUd.js"]
