"""What the pages about deploys say is done: the lines of files for services that no test can have."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest

import servestatic
from servestatic.releases.document import read_ids
from servestatic.releases.load import check
from tests.support.client import get
from tests.support.console import environment
from tests.support.files import write
from tests.support.pages import DOCS, blocks
from tests.support.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOW_TO = DOCS / "how-to"


def find_block(page: str, language: str, part: str) -> str:
    """Return the one block of a how-to that has some text."""
    (found,) = (
        block.text for block in blocks(HOW_TO / f"{page}.md") if block.language == language and part in block.text
    )
    return found


def run(line: str, folder: Path, **variables: str) -> str:
    """Run a line of a shell, and return what it writes, to either stream."""
    done = subprocess.run(
        ["bash", "-euc", line], cwd=folder, env=environment() | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_docker(tmp_path: Path) -> None:
    """Three images, each built from the one before it: the instructions that have to do with files, without Docker."""
    file = find_block("docker", "dockerfile", "--previous")
    built = re.search(r"FROM \$\{PREVIOUS\} AS previous\n.*?RUN mkdir -p (\S+)\n", file, re.DOTALL)
    copied = re.search(r"COPY --from=previous (\S+) (\S+)", file)
    line = re.search(r"RUN (servestatic build .*)", file)
    kept = re.search(r"COPY --from=build (\S+) (\S+)\nENV SERVESTATIC_BUILD=(\S+)", file)
    assert built
    assert copied
    assert line
    assert kept
    assert built[1] == copied[1] == kept[1] == kept[3] == f"/app/{kept[2]}"
    before, indexes = tmp_path / "base", []
    before.mkdir()
    for number in range(3):
        app = tmp_path / f"image{number}/app"
        write(app / "static", {"app.css": "a{}" * 100, f"only{number}.js": f"{number}", "x.js": f"/* {number} */"})
        said = run(line[1].replace(copied[2], str(before)), app)
        assert ("has no release, so none is copied" in said) == (number == 0)
        indexes.append(servestatic.collect(app / "static", store="none", prefix="/"))
        before = app / kept[2]
    assert read_ids(before) == [index.release for index in reversed(indexes)]
    assert check(before) == []
    loaded = servestatic.collect(build=str(before), prefix="/")
    for index in indexes:
        for name in index:
            assert get(loaded, index.url(name))[2] == get(index, index.url(name))[2]


# ---------------------------------------------------------------------------------------------------------- Kamal


def list_served(place: Path) -> list[Path]:
    """List the files of a place without those that its processes announce themselves with."""
    return sorted(path for path in place.rglob("*") if path.is_file() and ".servestatic" not in path.parts)


def test_kamal(tmp_path: Path) -> None:
    """Two images with an asset path, whose files Kamal copies as `cp -rnT`: each container serves the names of both."""
    file = find_block("kamal", "dockerfile", "servestatic build")
    line = re.search(r"RUN (servestatic build .*)", file)
    place = re.search(r"ENV SERVESTATIC_RELEASES=(\S+)", file)
    assert line
    assert place
    assert find_block("kamal", "yaml", "asset_path").split()[-1] == place[1] == "/app/built"
    indexes = []
    for number in range(2):
        app = tmp_path / f"image{number}"
        write(app / "static", {"app.css": "a{}" * 100, f"only{number}.js": f"{number}", "x.js": f"/* {number} */"})
        run(line[1], app)
    for number in range(2):
        volume = tmp_path / f"volume{number}"
        for image in (number, 1 - number):
            run(f"mkdir -p {volume}; cp -rnT image{image}/built {volume}", tmp_path)
        before = list_served(volume)
        options: dict[str, Any] = {"releases": str(volume), "store": str(tmp_path / f"store{number}")}
        index = servestatic.collect(tmp_path / f"image{number}/static", prefix="/static/", **options)
        assert read_ids(volume)[0] == index.release, "it is the release that the image has"
        index.resources.begin()
        indexes.append(index)
        assert list_served(volume) == before, "nothing is written that the image has"
    for index in indexes:
        for other in indexes:
            for name in other:
                assert get(index, other.url(name))[2] == get(other, other.url(name))[2]


# ------------------------------------------------------------------------------------------------ a virtual machine

APPLICATION = """
import servestatic.wsgi

def page(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [app.index.url("a.css").encode()]

app = servestatic.wsgi.ServeStatic(page, servestatic.collect("static"))
"""


def fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return bytes(response.read())


def wait_for(port: int, path: str, *, other_than: bytes = b"") -> bytes:
    """Wait until a path is answered with something else."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if (body := fetch(port, path)) != other_than:
                return body
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{path} is answered as before, or not at all")


def wait_until_kept(store: Path) -> None:
    """Wait until a thread of a worker has put the release into the store."""
    until = time.monotonic() + 30
    while not any(store.glob("places/*/.servestatic/releases/*")):
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def serving(unit: configparser.SectionProxy, folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start what a unit starts, in another folder and at another port."""
    program, *arguments = shlex.split(unit["ExecStart"].replace("8000", str(port)))
    assert program.endswith("/.venv/bin/gunicorn")
    name, _, value = unit["Environment"].partition("=")
    assert value == f"/var/cache/{unit['CacheDirectory']}"
    variables = environment() | {name: str(folder.parent / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", *arguments], cwd=folder, env=variables)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_a_virtual_machine(tmp_path: Path) -> None:
    """`git pull` below gunicorn, then a reload: pages of both releases have their files, before and after it."""
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign] # as the documentation of configparser says
    unit.read_string(find_block("virtual-machine", "ini", "ExecReload"))
    pull = re.search(r"git pull(?= &&)", find_block("virtual-machine", "console", "systemctl reload"))
    assert unit["Service"]["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert pull
    origin, site, port = tmp_path / "origin", tmp_path / "site", free_port()
    commit = "git add -A; git -c user.name=a -c user.email=a@b commit -qm x"
    write(origin, {"app.py": APPLICATION, "static/a.css": "a{}", "static/same.css": "same"})
    run(f"git init -q; {commit}; git clone -q {origin} {site}", origin)
    with serving(unit["Service"], site, port) as process:
        old = wait_for(port, "/")
        assert fetch(port, old.decode()) == b"a{}"
        wait_until_kept(tmp_path / "cache")
        write(origin, {"static/a.css": "b{}"})
        run(commit, origin)
        run(pull[0], site)
        assert fetch(port, old.decode()) == b"a{}"
        process.send_signal(signal.SIGHUP)
        new = wait_for(port, "/", other_than=old)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            assert fetch(port, old.decode()) == b"a{}"
            if (page := fetch(port, "/")) == new:
                assert fetch(port, page.decode()) == b"b{}"


# --------------------------------------------------------------------------------------------------------- Heroku


def test_the_bucket_of_an_add_on(tmp_path: Path) -> None:
    script = find_block("heroku", "sh", "bin/with-bucket")
    write(tmp_path, {"bin/with-bucket": script})
    (tmp_path / "bin/with-bucket").chmod(0o755)
    values = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b c", "AWS_REGION": "eu-west-1", "BUCKET_NAME": "n"}
    print_all = "import os; print(*(os.environ[name] for name in ('AWS_SECRET_ACCESS_KEY', 'SERVESTATIC_RELEASES')))"
    line = f'bin/with-bucket {sys.executable} -c "{print_all}"'
    assert (
        run(line, tmp_path, **{f"BUCKETEER_{name}": value for name, value in values.items()}) == "b c s3://n/static\n"
    )
    processes = find_block("heroku", "text", "bin/with-bucket")
    for process in re.findall(r"bin/with-bucket (.*)", processes):
        assert process.startswith(("gunicorn ", "python manage.py servestatic_build"))


# ----------------------------------------------------------------------------------------------------- CloudFront

CASES = [
    ("br, gzip, deflate", "/static/css/app.css", "/br/css/app.css"),
    ("gzip, deflate, br, zstd", "/static/a", "/br/a"),
    ("gzip", "/static/a", "/gzip/a"),
    ("BR;Q=1.0", "/static/a", "/br/a"),
    ("br;q=0, gzip;q=0.5", "/static/a", "/gzip/a"),
    ("br ; q=0.000 , gzip ; q=0", "/static/a", "/identity/a"),
    ("brotli, xgzip", "/static/a", "/identity/a"),
    ("identity", "/static/a", "/identity/a"),
    ("", "/static/a", "/identity/a"),
    (None, "/static/a%20b/c", "/identity/a%20b/c"),
    ("br", "/static/static/a", "/br/static/a"),
    ("br", "/other/a", 404),
    ("br", "/", 404),
]


def test_the_function_of_cloudfront(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    function = find_block("cloudfront", "js", "function handler")
    events = [
        {"request": {"uri": uri, "headers": {} if value is None else {"accept-encoding": {"value": value}}}}
        for value, uri, _ in CASES
    ]
    script = f"{function}\nconsole.log(JSON.stringify({json.dumps(events)}.map(handler)))"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout)
    assert [answer.get("uri", answer.get("statusCode")) for answer in answers] == [expected for *_, expected in CASES]


def test_the_prefixes_of_cloudfront(tmp_path: Path) -> None:
    """What the commands put has the prefixes, and the codings, that the function chooses."""
    commands = re.findall(
        r"^\$ (servestatic build s3://site-assets/(\w+) .*)$", find_block("cloudfront", "console", "--encoded"), re.M
    )
    chosen = {str(uri).split("/")[1] for *_, uri in CASES if uri != 404}
    assert {prefix for _, prefix in commands} == chosen
    for command, prefix in commands:
        assert ("--encoded" in command) == (prefix != "identity")
        assert f"--encoded {prefix}" in command or prefix == "identity"
        write(tmp_path / "static", {"a.css": "a{}" * 100})
        assert ": release " in run(command.replace("s3://site-assets/", "memory:///"), tmp_path)


def allows(policy: dict[str, Any], action: str, resource: str, **context: str) -> bool:
    """Evaluate a policy as S3 does, as far as ours go: a statement that denies wins."""
    effects = set()
    for statement in policy["Statement"]:
        actions, resources = (
            [value] if isinstance(value, str) else value for value in (statement["Action"], statement["Resource"])
        )
        conditions = [pair for test in statement.get("Condition", {}).values() for pair in test.items()]
        holds = all(
            any(fnmatchcase(context.get(name, ""), each) for each in ([value] if isinstance(value, str) else value))
            for name, value in conditions
        )
        if action in actions and any(fnmatchcase(f"arn:aws:s3:::{resource}", each) for each in resources) and holds:
            effects.add(statement["Effect"])
    return effects == {"Allow"}


@pytest.mark.parametrize(
    ("page", "part", "prefix"), [("cloudfront", "s3:prefix", "br"), ("bucket", "s3:prefix", "production")]
)
def test_the_rights_of_those_that_put(page: str, part: str, prefix: str) -> None:
    """All that a put and a prune do is allowed, below the prefix alone."""
    policy = json.loads(find_block(page, "json", part))
    for folder in ("", ".servestatic/releases/", ".servestatic/pending/"):
        assert allows(policy, "s3:ListBucket", "site-assets", **{"s3:prefix": f"{prefix}/{folder}"})
    assert not allows(policy, "s3:ListBucket", "site-assets", **{"s3:prefix": "private/"})
    for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
        assert allows(policy, action, f"site-assets/{prefix}/.servestatic/releases/0123456789abcdef")
        assert allows(policy, action, f"site-assets/{prefix}/css/app.0123456789ab.css")
        assert not allows(policy, action, "site-assets/private/a")


def test_the_rights_of_cloudfront() -> None:
    policy = json.loads(find_block("cloudfront", "json", "AWS:SourceArn"))
    own = {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/EDFDVBD6EXAMPLE"}
    for prefix in ("br", "gzip", "identity"):
        assert allows(policy, "s3:GetObject", f"site-assets/{prefix}/css/a.css", **own)
        assert not allows(policy, "s3:GetObject", f"site-assets/{prefix}/.servestatic/fields", **own)
        assert not allows(policy, "s3:GetObject", f"site-assets/{prefix}/css/a.css")
        assert not allows(policy, "s3:PutObject", f"site-assets/{prefix}/css/a.css", **own)
    assert not allows(policy, "s3:GetObject", "site-assets/private/a", **own)


@pytest.mark.parametrize("page", ["cloudfront", "bucket"])
def test_cors_rules(page: str) -> None:
    (rule,) = json.loads(find_block(page, "json", "AllowedMethods"))
    assert set(rule) == {"AllowedOrigins", "AllowedMethods", "AllowedHeaders", "MaxAgeSeconds"}
    assert rule["AllowedMethods"] == ["GET", "HEAD"]
