"""The two environments, what their processes are told, and what all parts start from, kept in .cache/start/.

settled/      a store in which every coding is at its best
build/        a sealed build of the site
built/        the store of those who write it
whitenoise/   what each peer's collectstatic leaves
archmonger/
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import HERE, REQUIREMENTS, CannotRunError, make_peers
from benchmarks.start.trees import PLACE, Tree, make_site

SETTLED, BUILD, BUILT = PLACE / "settled", PLACE / "build", PLACE / "built"
PEERS = ("whitenoise", "archmonger")
_STYLESHEET = "admin/css/base.css"


class Environments(NamedTuple):
    """The interpreters by group, and the site."""

    pythons: Mapping[str, Path]
    site: Tree

    def variables(self, group: str, **more: str | Path) -> dict[str, str]:
        """Return the environment of a process: nothing of ours is inherited, and the peers do not see our package."""
        own = ("PYTHON", "SERVESTATIC_", "SITE_", "DJANGO_", "XDG_CACHE_HOME")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(own)}
        ours = {"PYTHONPATH": str(HERE.parent)} if group == "ours" else {}
        told = {"SITE_SOURCES": json.dumps(self.site.sources), "SITE_BARE": str(PLACE / "base.css.br")}
        return {**inherited, **ours, **told, **{name: str(value) for name, value in more.items()}}

    def run(self, group: str, *arguments: str | Path, **variables: str | Path) -> dict[str, float]:
        """Do one run (see runs.py).

        Raises:
            CannotRunError: it failed.
        """
        command = [self.pythons[group], "-m", "benchmarks.start.runs", *arguments]
        given = self.variables(group, **variables)
        done = subprocess.run(command, cwd=HERE, env=given, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CannotRunError(f"{' '.join(map(str, arguments))} failed:\n{done.stderr}")
        answer: dict[str, float] = json.loads(done.stdout)
        return answer

    def versions(self) -> dict[str, dict[str, str]]:
        """Return the versions of what both environments run on."""
        names = ("django", "uvicorn", "gunicorn", "brotli", "whitenoise", "servestatic", "backports.zstd", "deflate")
        code = (
            "import json, sys\nfrom importlib.metadata import PackageNotFoundError, version\nfound = {}\n"
            f"for name in {names}:\n try: found[name] = version(name)\n except PackageNotFoundError: pass\n"
            "print(json.dumps(found))"
        )
        return {group: json.loads(subprocess.check_output([each, "-c", code])) for group, each in self.pythons.items()}


def make_environments() -> Environments:
    """Make the peers' environment and the site.

    Raises:
        CannotRunError: one cannot be made.
        CannotFetchError: the npm packages cannot be had.
    """
    made = Environments({"ours": Path(sys.executable), "peers": make_peers()}, make_site())
    _write_bare(made.site)
    return made


def _write_bare(site: Tree) -> None:
    import brotli

    data = (Path(site.sources[0].directory) / _STYLESHEET).read_bytes()
    (PLACE / "base.css.br").write_bytes(brotli.compress(data, quality=11))


def prepare(made: Environments) -> None:
    """Bring everything that a warm start needs up to date: what has not changed takes seconds."""
    made.run("ours", "startup", SETTLED)
    made.run("ours", "build", BUILD, BUILT)
    for each in PEERS:
        if not is_collected(made, each):
            print(f"Running collectstatic for {each}, once: minutes …", file=sys.stderr)
            run_collectstatic(made, each)


def run_collectstatic(made: Environments, contender: str, *, again: bool = False) -> dict[str, float]:
    """Run a peer's collectstatic, into an empty directory or over what it left."""
    root = PLACE / contender
    if not again:
        shutil.rmtree(root, ignore_errors=True)
    _stamp(contender).unlink(missing_ok=True)
    took = made.run("peers", "collectstatic", contender, SITE_ROOT=root)
    _stamp(contender).write_text(_made_of(made), "utf-8")
    return took


def is_collected(made: Environments, contender: str) -> bool:
    """Tell whether a peer's STATIC_ROOT is of this site and this version."""
    stamp = _stamp(contender)
    return stamp.is_file() and stamp.read_text("utf-8") == _made_of(made)


def _stamp(contender: str) -> Path:
    return PLACE / f"{contender}.made"


def _made_of(made: Environments) -> str:
    return f"{made.site.digest}\n{REQUIREMENTS.read_text('utf-8')}"


def measure_folder(place: Path) -> dict[str, int]:
    """Count the bytes of a folder's files by their last extension, and of all."""
    sizes: dict[str, int] = {"": 0}
    for path in place.rglob("*"):
        if path.is_file():
            size = path.stat().st_size
            sizes[path.suffix] = sizes.get(path.suffix, 0) + size
            sizes[""] += size
    return sizes
