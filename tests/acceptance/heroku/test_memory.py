"""The memory of a dyno while a browser asks for everything and the codings are being made."""

from __future__ import annotations

import random
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.heroku.dynos import SETTLED, running
from tests.acceptance.heroku.limits import MEMORY, Limit, Meter, each_limited, limited
from tests.acceptance.heroku.releases import release
from tests.acceptance.heroku.slug import choose_server, copy_slug
from tests.acceptance.heroku.visitors import fetch, find_urls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUNDLE = 4 * 1024 * 1024  # bytes of one script, beside those of the admin
MEBIBYTE = 1024 * 1024


# What is on the dyno → server, whether collectstatic ran, the script's bytes, variables.
LOADS: dict[str, tuple[str, bool, int, dict[str, str]]] = {
    "with STATIC_ROOT": ("gunicorn", True, 0, {}),
    "without": ("gunicorn", False, 0, {}),
    "without, and a script of 4 MB": ("gunicorn", False, BUNDLE, {}),
    "without, and a script of 4 MB, uvicorn": ("uvicorn", False, BUNDLE, {}),
    "without, and a script of 4 MB, MALLOC_MMAP_THRESHOLD_": (
        "gunicorn",
        False,
        BUNDLE,
        {"MALLOC_MMAP_THRESHOLD_": "131072"},
    ),
}


@pytest.mark.parametrize("load", LOADS)
def test_under_load(load: str, slug: Path, collected: Path, tmp_path: Path, tell: Callable[[str], None]) -> None:
    server, is_collected, size, variables = LOADS[load]
    copy = copy_slug(collected if is_collected else slug, tmp_path / "app")
    choose_server(copy, server)
    if size:
        (copy / "static/bundle.js").write_text(write_script(size))
    release(tmp_path / "release", copy)
    with running(tmp_path / "dyno", copy, **variables) as dyno, Meter(dyno.process.pid) as meter:
        urls = [*find_urls(dyno.port), *(["/static/bundle.js"] if size else [])]
        asked = 0
        while len(re.findall(SETTLED, dyno.log())) < (0 if is_collected else 2) or asked < 500:
            assert {answer.status for answer in fetch(dyno.port, urls).values()} == {200}
            asked += len(urls)
            assert asked < 100_000, dyno.log()
        sizes = ", ".join(f"{size / MEBIBYTE:.0f}" for size in meter.at_peak)
        counted = dyno.limit.peak()
        tell(
            f"memory {load}: {meter.peak / MEBIBYTE:.0f} MB at most (proportional set sizes, by process {sizes})"
            + (f", {counted / MEBIBYTE:.0f} MB with caches" if counted else "")
            + f"; {dyno.limit.name}; {asked} requests; {re.findall('compression finished.*', dyno.log())}"
        )
        assert dyno.limit.kills() == 0
        assert meter.peak < MEMORY


def write_script(size: int) -> str:
    """Write a script that is neither noise nor repetition."""
    words = random.Random(0)
    known = [f"{words.choice('abcdefgh')}{words.randrange(1 << 20):x}" for _ in range(4000)]
    lines: list[str] = []
    while sum(len(line) for line in lines) < size:
        lines += [
            f"export const {words.choice(known)} = ({words.choice(known)}) => {words.choice(known)}({line});\n"
            for line in range(20_000)
        ]
    return "".join(lines)


def test_the_limit_is_one() -> None:
    """Who takes more is ended, by either way."""
    with limited() as limit:
        assert take_too_much(limit) != 0
    assert take_too_much(each_limited()) != 0


def take_too_much(limit: Limit) -> int:
    command = ["python3", "-c", f"print(len(b'x' * {MEMORY + 64 * MEBIBYTE}))"]
    return subprocess.run([*limit.command, *command], capture_output=True, check=False).returncode
