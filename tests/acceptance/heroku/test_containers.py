"""What docs/how-to/docker.md says, without Docker: the same instructions, the same user, a tree that is read-only."""

from __future__ import annotations

import gzip
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.acceptance.heroku.dynos import Dyno, run, running
from tests.acceptance.heroku.releases import release
from tests.acceptance.heroku.slug import ROOT, TWINS, copy_slug, install, set_one_time
from tests.acceptance.heroku.visitors import ask, fetch, find_urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PAGE = ROOT / "docs/how-to/docker.md"
HEALTH = "/static/img/rose.svg"


class Dockerfile(NamedTuple):
    """What is done in an image: variables, commands that build, and the command of a container."""

    variables: dict[str, str]
    builds: list[str]
    command: str


def read_dockerfile(number: int) -> Dockerfile:
    """Read a Dockerfile of the page; what a slug has already is left out."""
    text = re.findall("(?ms)^```dockerfile\n(.*?)^```$", PAGE.read_text())[number]
    lines = [line.split(" ", 1) for line in text.splitlines() if line]
    assert {name for name, _ in lines} <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "EXPOSE", "CMD"}
    assert [rest for name, rest in lines if name == "USER"] == ["nobody"]
    variables = dict(pair.split("=", 1) for name, rest in lines if name == "ENV" for pair in rest.split())
    runs = [rest for name, rest in lines if name == "RUN"]
    assert runs[0].startswith("pip install ")
    return Dockerfile(variables, runs[1:], *[rest for name, rest in lines if name == "CMD"])


def build(file: Dockerfile, folder: Path, tree: Path, place: str = "/srv") -> None:
    for command in file.builds:
        run(folder, tree, ["sh", "-c", command.replace("/app", place)], mode="rw", place=place, DYNO="", SECRET_KEY="")


def container(file: Dockerfile, **variables: str) -> dict[str, str]:
    given = {name: value.replace("/app", "/srv") for name, value in file.variables.items()}
    return {"DYNO": "", "HOME": "/nonexistent", **given, **variables}


def test_django(slug: Path, tmp_path: Path, tell: Callable[[str], None]) -> None:
    file, image = read_dockerfile(0), copy_slug(slug, tmp_path / "app")
    build(file, tmp_path / "build", image)
    with running(tmp_path / "run", image, ["sh", "-c", file.command], **container(file)) as dyno:
        tell(f"boot to the first 200: {dyno.booted:.1f} s (container)")
        answer = ask(dyno.port, HEALTH, Host="10.0.0.1", X_Forwarded_Proto="http")
        assert (answer.status, answer.fields["content-encoding"]) == (200, "br")
        assert answer.body == (image / f"staticfiles/{HEALTH.removeprefix('/static/')}.br").read_bytes()
        dyno.signal(everybody=False)
        dyno.wait_for_end()
        assert dyno.process.returncode == 0, dyno.log()


def test_any_other_application(tmp_path: Path) -> None:
    file, image = read_dockerfile(1), tmp_path / "app"
    subprocess.run(["cp", "--recursive", ROOT / "docs/examples/starlette", image], check=True)
    install(image, f"{ROOT}[cli]", "-r", str(image / "requirements.txt"))
    copy_slug(image, tmp_path / "image")
    build(file, tmp_path / "build", tmp_path / "image")
    (tmp_path / "image/static").rename(tmp_path / "nobody-needs-it")
    with running(tmp_path / "run", tmp_path / "image", ["sh", "-c", file.command], **container(file)) as dyno:
        answer = ask(dyno.port, HEALTH)
        assert answer.body == (tmp_path / f"image/built/{HEALTH.removeprefix('/static/')}.br").read_bytes()
        assert not list(dyno.tmp.iterdir()), "nothing is written anywhere"
        dyno.signal(everybody=False)
        dyno.wait_for_end()


def test_nothing_can_be_written(slug: Path, tmp_path: Path) -> None:
    """No store: codings are made in memory. Django's page needs no more; gunicorn wants /dev/shm."""
    file = read_dockerfile(0)
    command = f"{file.command} --worker-tmp-dir /dev/shm"
    with running(tmp_path / "run", slug, ["sh", "-c", command], tmp="ro", **container(file)) as dyno:
        assert ask(dyno.port, HEALTH).fields["content-encoding"] == "br"
        assert re.search("no store: .*Files are compressed in memory", dyno.log())


def test_a_volume(slug: Path, tmp_path: Path) -> None:
    """The store is on a volume: the next container makes nothing, and a new release gets nothing stale from it.

    Every file has one time, at one place, so that size, time and path tell nothing of two stylesheets.
    """
    file, first, second = read_dockerfile(0), copy_slug(slug, tmp_path / "1"), copy_slug(slug, tmp_path / "2")
    for name, other in (("a", "b"), ("b", "a")):
        (second / f"static/css/{name}.css").write_text(TWINS[other])
    for image in (first, second):
        set_one_time(image)
    release(tmp_path / "release", first)
    start, variables = ["sh", "-c", file.command], container(file, SERVESTATIC_STORE="/media/store")
    with running(tmp_path / "one", first, start, **variables) as one:
        urls = find_urls(one.port)
        fetch(one.port, urls)
        assert sum(one.settle()) > 100
        check_twins(one, TWINS["a"])
    with running(tmp_path / "two", second, start, **variables) as two:
        fetch(two.port, urls)
        assert sum(two.settle()) == 0
        check_twins(two, TWINS["b"])


def check_twins(dyno: Dyno, text: str) -> None:
    assert ask(dyno.port, "/static/css/a.css", "").body.decode() == text
    assert gzip.decompress(ask(dyno.port, "/static/css/a.css", "gzip").body).decode() == text


@pytest.mark.parametrize("owner", [0, 1000])
def test_a_volume_of_another_user(owner: int, slug: Path, tmp_path: Path) -> None:
    """Fly's and Render's belong to root: there is no store then, and the log says why."""
    file = read_dockerfile(0)
    volume = tmp_path / "database/store"
    volume.mkdir(parents=True)
    subprocess.run(["chown", str(owner), volume], check=True)
    variables = container(file, SERVESTATIC_STORE="/media/store")
    with running(tmp_path / "run", slug, ["sh", "-c", file.command], **variables) as dyno:
        assert ask(dyno.port, HEALTH).fields["content-encoding"] == "br"
        assert "no store: /media/store belongs to another user" in dyno.log()
        assert not list(volume.iterdir())
