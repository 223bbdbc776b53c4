"""Every target keeps its promises for its corpus and for some inputs made from it; `make fuzz` goes on from here."""

from __future__ import annotations

import logging
import random
import subprocess
import sys
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from servestatic.releases.format.file import hold_tables
from tests.fuzz.__main__ import fuzz
from tests.fuzz.documents import read_text, write_text
from tests.fuzz.mutation import MAX_LENGTH, mutate
from tests.fuzz.targets import CORPUS, TARGETS, Target, list_seeds
from tests.http.test_properties import count_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

LINEAR = [name for name, target in TARGETS.items() if target.lines]
INPUTS = 40  # for each target


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus(name: str) -> None:
    assert (CORPUS / name).is_dir()
    for data in list_seeds(name):
        TARGETS[name].run(data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_made_from_it(name: str) -> None:
    chance, seeds = random.Random(name), list_seeds(name)
    for _ in range(INPUTS):
        TARGETS[name].run(mutate(chance, chance.choice(seeds), seeds))


@pytest.mark.parametrize("name", LINEAR)
def test_time_grows_no_faster_than_the_input(name: str) -> None:
    """Lines of Python are counted, so that no machine's speed matters: for each byte no more where there are many."""
    chance, seeds, target = random.Random(name), list_seeds(name), TARGETS[name]
    for length in (2_000, 2_000, 2_000, 30_000):
        data = mutate(chance, chance.choice(seeds), seeds) or b"x"
        long = data * (length // len(data) + 1)
        assert count_lines(partial(target.run, long)) <= 500 + target.lines * len(long), data


def test_inputs_are_bounded_and_differ() -> None:
    chance, seeds = random.Random(1), [b"a" * MAX_LENGTH, b"", b"b\n" * 99]
    made = {mutate(chance, chance.choice(seeds), seeds) for _ in range(300)}
    assert max(map(len, made)) <= MAX_LENGTH
    assert len(made) > 150


def test_a_document_as_text() -> None:
    for content in TARGETS["release"].seeds():
        text = write_text(hold_tables(content, "it"))
        assert write_text(hold_tables(read_text(text), "it")) == text


def test_a_broken_promise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(data: bytes) -> None:
        if b"\0" in data:
            raise ValueError("a null byte")

    monkeypatch.setitem(TARGETS, "css", Target(run))
    found = [data for data in islice(fuzz("css", seed=1), 2_000) if data is not None]
    assert len(found) == 1
    assert b"\0" in found[0]


def test_the_command_knows_its_targets() -> None:
    line = [sys.executable, "-m", "tests.fuzz", "unknown"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, "there is no target unknown" in done.stderr) == (2, True)
