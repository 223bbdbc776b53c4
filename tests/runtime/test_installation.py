"""Another project's distribution has a package of the same name: every entrance says so where the two are mixed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import servestatic
from servestatic.errors import ServeStaticError
from servestatic.runtime.installation import check_unmixed

PACKAGE = Path(servestatic.__file__).parent
SENTENCE = (
    "The distribution 'servestatic' 4.4.0 is installed beside 'statictree': both have a package called servestatic."
    " They overwrite each other's files. Run: pip uninstall --yes servestatic && pip install --force-reinstall"
    " --no-deps statictree"
)
# Modules of the other package, as far as they matter: ours has the first three, too.
THEIRS = {
    "__init__.py": "from servestatic.asgi import ServeStaticASGI\nfrom servestatic.wsgi import ServeStatic\n",
    "asgi.py": "from servestatic.base import Base\nclass ServeStaticASGI(Base): pass\n",
    "wsgi.py": "from servestatic.base import Base\nclass ServeStatic(Base): pass\n",
    "base.py": "class Base:\n    def __init__(self, application, root): pass\n",
    "middleware.py": "",
}
# What is left of ours if the other one was installed later: the entrances that it has no file for.
LATER = {
    "starlette": "from servestatic.starlette import ServeStatic; ServeStatic('/static', 'static')",
    "flask": "import flask; from servestatic.flask import ServeStatic; ServeStatic(flask.Flask('site'), 'static')",
    "quart": "import quart; from servestatic.quart import ServeStatic; ServeStatic(quart.Quart('site'), 'static')",
    "litestar": "from litestar import Litestar; from servestatic.litestar import ServeStatic;"
    " Litestar([], plugins=[ServeStatic('static')])",
    "django, wsgi": "from servestatic.django import get_wsgi_application",
    "django, asgi": "from servestatic.django import get_asgi_application",
    "django, middleware": "from django.utils.module_loading import import_string;"
    " import_string('servestatic.django.ServeStaticMiddleware')",
    "the command": "from servestatic.cli import main; main()",
}
EARLIER = LATER | {
    "collect": "import servestatic; servestatic.collect('static')",
    "live": "import servestatic; servestatic.live('static')",
    "asgi": "from servestatic.asgi import ServeStatic; ServeStatic(lambda scope, receive, send: None, 'static')",
    "wsgi": "from servestatic.wsgi import ServeStatic; ServeStatic(lambda environ, start_response: None, 'static')",
    "rsgi": "from servestatic.rsgi import ServeStatic; ServeStatic(lambda scope, protocol: None, 'static')",
    "standalone, wsgi": "from servestatic import wsgi_app",
    "standalone, rsgi": "from servestatic import rsgi_app",
}


@pytest.fixture(scope="module", params=["earlier", "later"])
def mixed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A folder of packages in which the other distribution was installed, before ours or after it."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(PACKAGE, folder / "servestatic", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in THEIRS.items():
        if request.param == "later" or not (folder / "servestatic" / name).exists():
            (folder / "servestatic" / name).write_text(text)
    place = folder / "servestatic-4.4.0.dist-info"
    place.mkdir()
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: servestatic\nVersion: 4.4.0\n")
    (folder / "static").mkdir()
    return request.param, folder


def test_every_entrance(mixed: tuple[str, Path]) -> None:
    order, folder = mixed
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    for name, program in (EARLIER if order == "earlier" else LATER).items():
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1, name
        assert done.stderr.strip().endswith(SENTENCE), f"{name}: {done.stderr}"


def test_the_package_alone() -> None:
    check_unmixed()


def test_without_metadata(tmp_path: Path) -> None:
    (tmp_path / "base.py").touch()
    with pytest.raises(ServeStaticError, match=r"The distribution 'servestatic' .*is installed beside 'statictree'"):
        check_unmixed(tmp_path)
