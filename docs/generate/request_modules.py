"""Write which modules run on a request into the architecture page: `python -m docs.generate.request_modules`.

They are those whose functions are called while a site is asked for all that it can answer, not those that are imported.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import servestatic
from servestatic import asgi

if TYPE_CHECKING:
    from types import FrameType

PACKAGE = Path(servestatic.__file__).parent
PAGE = Path(__file__).parents[1] / "explanation" / "architecture.md"
TABLE = re.compile(r"(\| modules \| lines \|\n\|---\|---\|\n)(?:\|.*\n|%MODULES%\n)*")
FILES = {"css/app.css": "a{background:url(../img/b.png)}" * 99, "img/b.png": "b" * 99, "big.bin": "b" * 300_000}
REQUESTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {"accept-encoding": "gzip, br"}),
    ("GET", {"range": "bytes=1-9", "if-range": '"x"'}),
    ("GET", {"range": "bytes=1-9"}),
    ("GET", {"if-none-match": '"x"', "if-modified-since": "Thu, 01 Jan 1970 00:00:00 GMT"}),
    ("GET", {"if-match": '"x"'}),
    ("HEAD", {}),
    ("POST", {}),
)


def find_modules() -> set[Path]:
    """Return the modules of the package that run while requests are answered, with a store and then without."""
    found: set[Path] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            found.add(path.relative_to(PACKAGE))

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "static")
        for name, text in FILES.items():
            root.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
            root.joinpath(name).write_text(text)
        for store in (str(Path(folder, "store")), "none"):
            application = asgi.ServeStatic(_pass_on, servestatic.collect(root, store=store, compress="build"))
            sys.setprofile(note)
            try:
                asyncio.run(_ask_for_all(application, root))
            finally:
                sys.setprofile(None)
    return {path for path in found if path.name != "__init__.py"}


async def _ask_for_all(application: asgi.ServeStatic, root: Path) -> None:
    for change in ("", "changed"):
        if change:
            root.joinpath("css/app.css").write_text(change)
            application.index.resources.cache.forget()
        for name in FILES:
            for path in (f"/static/{name}", application.index.url(name), "/static/css/app.0123456789ab.css"):
                for method, fields in REQUESTS:
                    headers = [(key.encode(), value.encode()) for key, value in fields.items()]
                    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "query_string": b""}
                    await application({**scope, "root_path": "", "headers": headers}, _wait, _drop)


async def _pass_on(*_: object) -> None:
    """The path is of no release of the site."""


async def _wait() -> asgi.Message:
    await asyncio.Event().wait()
    return {}


async def _drop(_: asgi.Message) -> None:
    pass


def render(text: str) -> str:
    """Return the page with its table brought up to date."""
    names: dict[str, list[str]] = defaultdict(list)
    lines: dict[str, int] = defaultdict(int)
    for path in sorted(find_modules()):
        folder = f"`{path.parent.as_posix()}/`" if len(path.parts) > 1 else "the adapter"
        names[folder].append(path.stem)
        lines[folder] += len((PACKAGE / path).read_text("utf-8").splitlines())
    rows = [f"| {folder}: {', '.join(names[folder])} | {lines[folder]} |" for folder in names]
    rows.append(f"| all of them | {sum(lines.values()):,} |")
    return TABLE.sub(lambda match: match[1] + "".join(f"{row}\n" for row in rows), text)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")
