"""The two environments, the variables of their processes, and what all parts start from, kept in .cache/start/.

settled/      a store in which every coding is at its best
build/        a sealed build of the site
built/        the store of the process that writes it
whitenoise/   what each peer's collectstatic leaves
archmonger/
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import (
    PEERS,
    is_made,
    list_variables,
    make_peers,
    read_output,
    read_versions,
    run_module,
)
from benchmarks.lib.files import compress
from benchmarks.start.site import STYLESHEET
from benchmarks.start.trees import PLACE, Tree, make_site

SETTLED, BUILD, BUILT = PLACE / "settled", PLACE / "build", PLACE / "built"
CONTENDERS = ("whitenoise", "archmonger")
_VERSIONS = ("django", "uvicorn", "gunicorn", "brotli", "whitenoise", "servestatic", "backports.zstd", "deflate")


class Environments(NamedTuple):
    """The interpreters by group, and the site."""

    pythons: Mapping[str, Path]
    site: Tree

    def variables(self, group: str, **more: object) -> dict[str, str]:
        """Return the variables of a server."""
        return list_variables(group, **self._own(), **more)

    def run(self, group: str, *arguments: str | Path, **variables: object) -> dict[str, float]:
        """Do one run (see runs.py).

        Raises:
            CannotRunError: it failed.
        """
        python = self.pythons[group]
        answer: dict[str, float] = read_output(
            run_module(python, group, "start.runs", *arguments, **self._own(), **variables)
        )
        return answer

    def _own(self) -> dict[str, object]:
        return {"SITE_SOURCES": json.dumps(self.site.sources), "SITE_BARE": PLACE / "base.css.br"}

    def versions(self) -> dict[str, dict[str, str]]:
        """Return the versions of what both environments run on."""
        found = {group: read_versions(python) for group, python in self.pythons.items()}
        return {group: {name: own[name] for name in _VERSIONS if name in own} for group, own in found.items()}


def make_environments() -> Environments:
    """Make the peers' environment and the site.

    Raises:
        CannotRunError: one cannot be made.
    """
    made = Environments({"ours": Path(sys.executable), "peers": make_peers()}, make_site())
    data = (Path(made.site.sources[0].directory) / STYLESHEET).read_bytes()
    (PLACE / "base.css.br").write_bytes(compress(data))
    return made


def prepare(made: Environments) -> None:
    """Bring everything that a warm start needs up to date: what has not changed takes seconds."""
    made.run("ours", "startup", SETTLED)
    made.run("ours", "build", BUILD, BUILT)
    for contender in CONTENDERS:
        if not is_made(_stamp(contender), _made_of(made)):
            print(f"Running collectstatic for {contender}, once: minutes …", file=sys.stderr)
            run_collectstatic(made, contender)


def run_collectstatic(made: Environments, contender: str, *, again: bool = False) -> dict[str, float]:
    """Run a peer's collectstatic, into an empty directory or over what it left."""
    root = PLACE / contender
    if not again:
        shutil.rmtree(root, ignore_errors=True)
    _stamp(contender).unlink(missing_ok=True)
    took = made.run("peers", "collectstatic", contender, SITE_ROOT=root)
    _stamp(contender).write_text(_made_of(made), "utf-8")
    return took


def _stamp(contender: str) -> Path:
    return PLACE / f"{contender}.made"


def _made_of(made: Environments) -> str:
    return f"{made.site.digest}\n{PEERS.read_text('utf-8')}"


def measure_folder(place: Path) -> dict[str, int]:
    """Count the bytes of a folder's files by their last extension, and of all."""
    sizes: dict[str, int] = {"": 0}
    for path in place.rglob("*"):
        if path.is_file():
            size = path.stat().st_size
            sizes[path.suffix] = sizes.get(path.suffix, 0) + size
            sizes[""] += size
    return sizes
