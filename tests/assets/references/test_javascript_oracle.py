"""The references of real scripts against es-module-lexer. REFERENCES_CORPUS names a folder of them.

It needs Node, and `npm install` in the folder `oracles`.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from servestatic.assets.references import javascript

CORPUS = os.environ.get("REFERENCES_CORPUS", "")
FILES = sorted(path for path in Path(CORPUS).rglob("*.*js") if path.is_file()) if CORPUS else []
ORACLE = Path(__file__).parent / "oracles" / "imports.js"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

pytestmark = pytest.mark.skipif(not CORPUS, reason="REFERENCES_CORPUS names no folder of scripts")

Found = list[tuple[str, int, str]]


@pytest.fixture(scope="module")
def expected() -> dict[Path, Found | None]:
    """What es-module-lexer finds in each file: kind, byte offset and URL; None where it cannot parse one."""
    node = shutil.which("node") or "node"
    names = "\n".join(map(str, FILES))
    run = subprocess.run([node, ORACLE], input=names, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(FILES)
    return {
        path: None if answer is None else [(kind, start, url) for kind, start, url in answer if is_path(kind, url)]
        for path, answer in zip(FILES, answers, strict=True)
    }


def is_path(kind: str, url: str) -> bool:
    return url.startswith(("./", "../", "/")) or (kind == "url" and url != "" and not url.startswith("data:"))


def found(data: bytes) -> Found:
    references = javascript.find(data)
    kinds = {"json import": "import", "css import": "import"}
    left_out = ("source map", "bundled")
    return [(kinds.get(kind, kind), start, url) for start, _, url, kind in references if kind not in left_out]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_agrees_with_es_module_lexer(path: Path, expected: dict[Path, Found | None]) -> None:
    answer = expected[path]
    if answer is None:
        pytest.skip("es-module-lexer cannot parse it")
    data = path.read_bytes()
    mark = len(BYTE_ORDER_MARK) if data.startswith(BYTE_ORDER_MARK) else 0
    assert found(data) == [(kind, mark + start, url) for kind, start, url in answer]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_knows_where_every_script_ends(path: Path) -> None:
    """The whole script is scanned for the import that is added; a wrong guess anywhere would hide it."""
    end = path.read_bytes() + b"\n;import('./end.js')"
    assert found(end)[-1:] == [("dynamic import", len(end) - len("./end.js')"), "./end.js")]
