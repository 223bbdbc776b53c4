"""The ways in which the example comes onto a dyno: each serves everything, and all serve the same."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.heroku.dynos import SETTLED, Dyno, running
from tests.acceptance.heroku.releases import collect, release
from tests.acceptance.heroku.slug import TWINS, choose_server, copy_slug, set_one_time
from tests.acceptance.heroku.visitors import Answer, fetch, find_urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IMMUTABLE = "max-age=31536000, immutable"
TROUBLE = "(?im)^.*(?:traceback|warning|error|critical).*$"


def keep_cold(folder: Path, slug: Path) -> None:
    """DISABLE_COLLECTSTATIC=1."""


def collect_warm(folder: Path, slug: Path) -> None:
    """The buildpack's collectstatic."""
    assert re.search(r"\d+ static files copied", collect(folder, slug))


def collect_nowhere(folder: Path, slug: Path) -> None:
    """The buildpack's collectstatic without a STATIC_ROOT, which stops Django's."""
    settings = slug / "config/settings.py"
    settings.write_text(re.sub("(?m)^STATIC_ROOT = .*$", "", settings.read_text()))
    assert "nothing is collected" in collect(folder, slug)
    assert not (slug / "staticfiles").exists()


def take_one_time(folder: Path, slug: Path) -> None:
    """Every file has one time, and two have one length."""
    assert re.search(r"\d+ static files copied", collect(folder, slug))
    set_one_time(slug)


WAYS = {way.__name__: way for way in (keep_cold, collect_warm, collect_nowhere, take_one_time)}


@pytest.mark.parametrize(
    ("way", "server"), [*((way, "gunicorn") for way in WAYS), ("keep_cold", "uvicorn"), ("collect_warm", "uvicorn")]
)
def test_everything_is_served(way: str, server: str, slug: Path, tmp_path: Path, tell: Callable[[str], None]) -> None:
    copy = copy_slug(slug, tmp_path / "app")
    choose_server(copy, server)
    WAYS[way](tmp_path / "build", copy)
    release(tmp_path / "release", copy)
    with running(tmp_path / "dyno", copy) as dyno:
        collecting = ", ".join(re.findall(r"static files ready in ([\d.]+) s", dyno.log()))
        tell(f"boot to the first 200: {dyno.booted:.1f} s, of that collecting {collecting} s ({server}, {way})")
        urls = find_urls(dyno.port)
        assert len(urls) > 30
        check_answers(fetch(dyno.port, urls, ""), fetch(dyno.port, urls, "gzip"), fetch(dyno.port, urls))
        plain = fetch(dyno.port, [f"/static/css/{name}.css" for name in TWINS], "")
        assert {answer.body.decode() for answer in plain.values()} == {*TWINS.values()}
        assert list((dyno.tmp / "servestatic-65534").iterdir()), "the store is in /tmp: nothing else can be written"
        dyno.signal(everybody=True)
        dyno.wait_for_end()
        assert re.findall(TROUBLE, dyno.log()) == []
        assert dyno.limit.kills() == 0


def check_answers(plain: dict[str, Answer], zipped: dict[str, Answer], best: dict[str, Answer]) -> None:
    """Everything is served, for a year, and coded where that pays."""
    for answers in (plain, zipped, best):
        assert {(answer.status, answer.fields["cache-control"]) for answer in answers.values()} == {(200, IMMUTABLE)}
    assert not [url for url, answer in plain.items() if "content-encoding" in answer.fields]
    coded = [url for url, answer in zipped.items() if answer.fields.get("content-encoding") == "gzip"]
    assert len(coded) > len(plain) / 2
    for url in coded:
        assert gzip.decompress(zipped[url].body) == plain[url].body
        assert best[url].fields["content-encoding"] in ("br", "zstd")
        assert len({answers[url].fields["etag"] for answers in (plain, zipped, best)}) == 3


def test_a_broken_reference_does_not_stop_the_build(slug: Path, tmp_path: Path) -> None:
    """Django's own storage with fingerprints stops here."""
    copy = copy_slug(slug, tmp_path / "app")
    (copy / "static/css/broken.css").write_text("main { background: url(missing.png) }\n")
    said = collect(tmp_path / "build", copy)
    assert re.search(r"\d+ static files copied", said)
    assert "static/css/broken.css:1:24" in said


def test_what_was_collected_is_served_at_once(collected: Path, tmp_path: Path) -> None:
    """The first answers have the best codings, those of the build, and none is made."""
    release(tmp_path / "release", collected)
    with running(tmp_path / "dyno", collected) as dyno:
        answers = fetch(dyno.port, find_urls(dyno.port), "br")
        coded = {url: answer.body for url, answer in answers.items() if "content-encoding" in answer.fields}
        assert len(coded) > len(answers) / 2
        for url, body in coded.items():
            assert (collected / f"staticfiles/{url.removeprefix('/static/')}.br").read_bytes() == body
        assert {*re.findall(SETTLED, dyno.log())} <= {"0"}


def test_two_dynos_agree(slug: Path, collected: Path, tmp_path: Path) -> None:
    """One was built with collectstatic, one without; another directory, another store, another time of every file."""
    old = copy_slug(slug, tmp_path / "old")
    set_one_time(old)
    release(tmp_path / "release", slug)
    with running(tmp_path / "one", old) as one, running(tmp_path / "two", collected, place="/home") as two:
        urls = find_urls(one.port)
        assert find_urls(two.port) == urls
        assert validators(one, urls, "") == validators(two, urls, "")
        fetch(one.port, urls)  # so that both workers begin
        one.settle()
        for coding in ("gzip", "br", "zstd"):
            assert validators(one, urls, coding) == validators(two, urls, coding)


def validators(dyno: Dyno, urls: list[str], accept: str) -> dict[str, tuple[str, str]]:
    answers = fetch(dyno.port, urls, accept)
    return {url: (answer.fields.get("content-encoding", ""), answer.fields["etag"]) for url, answer in answers.items()}
