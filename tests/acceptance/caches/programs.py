"""nginx and Varnish as processes on a loopback port, configured as the documentation says."""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.ports import free_port
from tests.support.wire import ROOT, wait_until_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ENDS_WITHIN = 10.0  # seconds
_BLOCK = re.compile(r"^```\w+\n# (/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# Around what a site brings along: as Debian's nginx.conf, but for places of files and nginx's own default type.
_NGINX = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
include /etc/nginx/modules-enabled/*.conf;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    gzip on;
    include conf.d/*.conf;
}}
"""


def read_blocks(page: str) -> dict[str, str]:
    """Return the code blocks of a page whose first line names a file, by that name."""
    return dict(_BLOCK.findall((ROOT / "docs/how-to" / page).read_text()))


def _replace(text: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        text = text.replace(word, value)
    return text


@contextlib.contextmanager
def nginx(folder: Path, files: Mapping[str, str], words: Mapping[str, str]) -> Iterator[int]:
    """Start nginx with files of /etc/nginx, some words in them replaced; yields the port instead of 80."""
    port, log = free_port(), folder / "log"
    (folder / "conf.d").mkdir(parents=True)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, user=getpass.getuser()))
    for path, text in files.items():
        file = folder / Path(path).relative_to("/etc/nginx")
        file.parent.mkdir(exist_ok=True)
        file.write_text(_replace(text, {"listen 80;": f"listen 127.0.0.1:{port};", **words}))
    with _started(["nginx", "-c", str(folder / "nginx.conf")], port, log):
        yield port
    assert log.read_text() == ""
    assert not re.search(r"\[(alert|crit|emerg)\]", (folder / "error.log").read_text())


@contextlib.contextmanager
def varnish(folder: Path, vcl: str, words: Mapping[str, str], *options: str) -> Iterator[int]:
    """Start Varnish with a configuration, some words in it replaced; yields its port."""
    port = free_port()
    folder.mkdir()
    (folder / "default.vcl").write_text(_replace(vcl, words))
    command = ["varnishd", "-F", "-n", str(folder / "work"), "-f", str(folder / "default.vcl")]
    command += ["-j", "none", "-a", f"127.0.0.1:{port}", "-s", "malloc,64M", *options]
    with _started(command, port, folder / "log"):
        yield port


@contextlib.contextmanager
def _started(command: list[str], port: int, log: Path) -> Iterator[None]:
    """Start a program with processes of its own; only they are ended, and all of them."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_until_open(process, port, log)
        yield
        process.terminate()
        process.wait(_ENDS_WITHIN)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(_ENDS_WITHIN)
