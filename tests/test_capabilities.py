"""What the package never does, read from the source, and heard from the interpreter while it works."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.files import write
from tests.test_architecture import MODULES, imports, path_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Modules of the standard library that start programs, talk to other machines, or make objects and code out of bytes.
PROGRAMS = {
    *("subprocess", "multiprocessing", "concurrent.futures.process", "pty", "webbrowser"),
    *("os.system", "os.popen", "os.fork", "os.forkpty", "os.startfile", "os.posix_spawn", "os.posix_spawnp"),
    *("os.spawnl", "os.spawnle", "os.spawnlp", "os.spawnv", "os.spawnve", "os.spawnvp", "os.execl", "os.execle"),
    *("os.execlp", "os.execv", "os.execve", "os.execvp"),
}
NETWORK = {
    *("socket", "socketserver", "ssl", "http.client", "http.server", "urllib.request", "urllib.error", "xmlrpc"),
    *(
        "ftplib",
        "smtplib",
        "poplib",
        "imaplib",
        "asyncio.streams",
        "asyncio.subprocess",
        "requests",
        "httpx",
        "aiohttp",
    ),
}
CODE = {"pickle", "shelve", "marshal", "dbm", "copyreg", "codeop", "runpy", "ctypes", "cffi"}
# Functions that do the same, whatever they are called on.
CALLS = {
    *("eval", "exec", "compile", "__import__", "import_module", "import_string", "exec_module"),
    *("open_connection", "create_connection", "create_server", "start_server", "urlopen", "getaddrinfo"),
    *("create_subprocess_exec", "create_subprocess_shell", "launch"),
}
# Where one of them is, and why.
ALLOWED = {
    ("cli/report/show.py", "launch"): "`servestatic report --open` opens a browser",
    ("cli/serve.py", "socket"): "`servestatic serve` listens",
    ("cli/serve.py", "create_server"): "the same",
    **dict.fromkeys(
        [("releases/site.py", name) for name in ("http.client", "urllib.error", "urllib.request", "urlopen")],
        "`servestatic build --previous https://…` reads the releases of a running site",
    ),
    ("migration/verify/run.py", "subprocess"): "`servestatic migrate --verify` runs the project, by its Python",
    ("migration/verify/texts.py", "subprocess"): "the same asks git for the old settings",
    ("migration/verify/probe.py", "compile"): "the edited settings of the project, in its own process",
    ("migration/verify/probe.py", "import_string"): "the middleware that the project's settings name, there",
    ("serving/compression/coders.py", "import_module"): "one of two names that are in the module",
    ("__init__.py", "import_module"): "a name of the table in the module",
    ("django/__init__.py", "import_module"): "the same",
    ("django/checks/lineage.py", "import_string"): "the storage that Django's settings name, as Django imports it",
    ("standalone/application.py", "import_module"): "the application that the setting names, as servers import theirs",
}


def calls(module: Path) -> Iterator[str]:
    """Yield what a module calls, as it is written; `re.compile` is of another kind."""
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) != "re.compile":
            yield ast.unparse(node.func)


def find(module: Path) -> Iterator[str]:
    """Yield the names of the tables that a module imports or calls."""
    for name in (*imports(module), *calls(module)):
        yield from (each for each in PROGRAMS | NETWORK | CODE if name == each or name.startswith(f"{each}."))
        yield from {name.rpartition(".")[2]} & CALLS


def test_no_module_can() -> None:
    found = {(path_of(module), name) for module in MODULES for name in find(module)}
    assert found == ALLOWED.keys()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import subprocess", "subprocess"),
        ("def f():\n    from http import client", "http.client"),
        ("import pickle as p", "pickle"),
        ("from os import fork", "os.fork"),
        ("import os\nos.system('')", "os.system"),
        ("eval('')", "eval"),
        ("importlib.import_module('')", "import_module"),
        ("import os, http, re\nos.open('', 0)\nre.compile('')\ntable.fork()", None),
    ],
)
def test_what_is_found(tmp_path: Path, text: str, name: str | None) -> None:
    module = write(tmp_path, {"a.py": text}) / "a.py"
    assert {*find(module)} == ({name} if name else set())


# Collects, answers as both adapters, puts a release into a place and a build, and serves that.
WORK = """
import asyncio, io, sys
heard = set()
sys.addaudithook(lambda event, _: heard.add(event))
import servestatic
from servestatic import asgi, wsgi

async def pass_on(scope, receive, send):
    pass

async def receive():
    await asyncio.Event().wait()

async def send(message):
    pass

async def ask(index, path):
    scope = {{"type": "http", "method": "GET", "path": path, "query_string": b"", "root_path": "",
              "headers": [(b"accept-encoding", b"br")]}}
    await asgi.ServeStatic(pass_on, index)(scope, receive, send)

def ask_wsgi(index, path):
    environ = {{"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "wsgi.input": io.BytesIO()}}
    return b"".join(wsgi.ServeStatic(lambda environ, start: [], index)(environ, lambda status, fields: None))

for index in (servestatic.collect({root!r}, store={store!r}, releases={place!r}), servestatic.live({root!r})):
    for name in index:
        for path in (index.url(name), "/static/" + name, "/static/a.0123456789ab.css"):
            asyncio.run(ask(index, path))
            ask_wsgi(index, path)
servestatic.collect({root!r}).write({out!r})
built = servestatic.collect(build={out!r})
assert len(ask_wsgi(built, built.url("a.css"))) > 1000
print(*sorted(heard))
"""
NEVER = {
    *("subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "pty.spawn"),
    *("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"),
    *("urllib.Request", "http.client.connect", "pickle.find_class", "webbrowser.open", "os.startfile"),
}


def test_nothing_of_it_is_heard(tmp_path: Path) -> None:
    """The interpreter reports what is done, whoever does it: libraries that make codings are included."""
    root = write(tmp_path / "static", {"a.css": "a{background:url(b.svg)}" * 99, "b.svg": "<svg/>" * 99, "c.js": "1"})
    places = {name: str(tmp_path / name) for name in ("store", "place", "out")}
    script = WORK.format(root=str(root), **places)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    heard = set(done.stdout.split())
    assert heard >= {"open", "import", "os.rename"}
    assert not heard & NEVER
