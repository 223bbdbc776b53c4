"""The difference from an earlier release over real sockets, on one connection that is kept alive."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pytest

from servestatic.http.dictionary import write_dictionary
from servestatic.serving.compression.coders import find_zstd
from tests.support.tree import collect_site, write
from tests.support.wire import SERVERS, running, talk, write_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROME = "gzip, deflate, br, zstd, dcb, dcz"


class Site(NamedTuple):
    folder: Path
    url: str
    earlier: bytes
    present: bytes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two releases; the servers get the environment of this process."""
    folder = tmp_path_factory.mktemp("deltas")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SERVESTATIC_RELEASES", str(folder / "releases"))
        write(folder)
        script = folder / "static" / "app.css"
        present = script.read_bytes()
        earlier = present[:2000] + b"/* what was here before */" + present[2100:]
        script.write_bytes(earlier)
        collect_site(folder, settled=True)
        script.write_bytes(present)
        yield Site(folder, collect_site(folder, settled=True).url("app.css"), earlier, present)


@pytest.mark.parametrize("server", SERVERS)
def test_deltas(site: Site, server: str, tmp_path: Path) -> None:
    zstd = find_zstd()
    assert zstd is not None
    known, unknown = (write_dictionary(hashlib.sha256(data).digest()) for data in (site.earlier, b"another"))
    requests = [
        write_request("GET", site.url, (("Accept-Encoding", CHROME), ("Available-Dictionary", dictionary)))
        for dictionary in (known, unknown, known)
    ]
    with running(SERVERS[server], site.folder, tmp_path / "log") as port:
        first, other, again = talk(port, requests, at_once=False)
    assert [answer.status for answer in (first, other, again)] == [200] * 3
    fields = dict(first.fields)
    assert (fields["content-encoding"], fields["vary"]) == ("dcz", "Accept-Encoding, Available-Dictionary")
    assert dict(other.fields)["content-encoding"] == "br"
    assert (again.body, dict(again.fields)["etag"]) == (first.body, fields["etag"])
    dictionary = zstd.ZstdDict(site.earlier, is_raw=True).as_prefix
    assert zstd.decompress(first.body[40:], zstd_dict=dictionary) == site.present
    assert len(first.body) < len(other.body)
    assert "Traceback" not in (tmp_path / "log").read_text()
