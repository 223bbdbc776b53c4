"""Answers that are remembered: within bounds, and never of a state of the index that is over."""

import dataclasses
from pathlib import Path

import pytest

import servestatic
from servestatic import Index
from servestatic.http.representation import Resource
from servestatic.serving import answer_cache as answers
from servestatic.serving import resources
from servestatic.serving.cache import TargetCache
from tests.support.drivers import DRIVERS
from tests.support.judge import Exchange, Sent

BR = ("Accept-Encoding", "br")


def get(index: Index, path: str, *fields: tuple[str, str]) -> Exchange:
    return DRIVERS["wsgi"](index, Sent("GET", path, fields))


def resource(index: Index, path: str) -> Resource:
    found = index.get(path)
    assert isinstance(found, Resource)
    return found


def test_a_bounded_number(tmp_path: Path) -> None:
    """Of ranges in a file there are few; and whoever asks for many does not keep others from being remembered."""
    (tmp_path / "a.bin").write_bytes(b"0123456789" * 10_000)
    index = servestatic.collect(tmp_path)
    url = index.url("a.bin")
    for start in range(50):
        assert get(index, url, ("Range", f"bytes={start}-")).body == (b"0123456789" * 10_000)[start:]
        assert len(resource(index, url).answers) <= answers.MAX_READ
    get(index, url)
    assert [each.status for each in resource(index, url).answers.values()][-1] == 200
    etag = dict(get(index, url).fields)["etag"]
    for number in range(50):
        assert get(index, url, ("If-None-Match", f'"{number}", {etag}')).status == 304
        assert len(resource(index, url).answers) <= answers.MAX_ANSWERS


def test_what_is_long_is_not_remembered(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789" * 100)
    index = servestatic.collect(tmp_path)
    for _ in range(3):
        assert get(index, index.url("a.bin"), ("If-None-Match", '"a", ' * answers.MAX_FIELDS)).status == 200
    assert not resource(index, index.url("a.bin")).answers


def count_answers(index: Index) -> int:
    return sum(len(each.answers) for each in index.resources.made.values() if isinstance(each, Resource))


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi", "django, sync"])
def test_one_bound_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adapter: str) -> None:
    """Long tags in requests for many files take no more memory than is meant for answers."""
    room = 64 * 1024
    monkeypatch.setattr(TargetCache, "MAX_ANSWERS", room)
    for number in range(20):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]) * 1000)
    index = servestatic.collect(tmp_path)
    most = 0
    for text in range(10):
        for number in range(20):
            tag = f'"{text}{"x" * 900}"'
            assert (
                DRIVERS[adapter](index, Sent("GET", f"/static/{number}.bin", (("If-None-Match", tag),))).status == 200
            )
            most = max(most, count_answers(index))
    assert 20 < most <= room // 900
    get(index, "/static/0.bin")
    assert count_answers(index), "what is asked for after that is remembered again"


@pytest.mark.parametrize("adapter", ["wsgi", "asgi", "rsgi", "django, sync"])
@pytest.mark.parametrize("fields", [(("Range", "bytes=0-1" + " " * 20_000),), (("If-Range", ""),) * 2000])
def test_what_is_not_considered_is_not_remembered(
    tmp_path: Path, adapter: str, fields: tuple[tuple[str, str], ...]
) -> None:
    (tmp_path / "a.bin").write_bytes(b"0123456789" * 100)
    index = servestatic.collect(tmp_path)
    assert DRIVERS[adapter](index, Sent("GET", "/static/a.bin", fields)).status == 200
    assert count_answers(index) == 0


def test_as_many_files_as_there_is_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found out about one more does not push the others out, and the room for bodies is what is not held."""
    monkeypatch.setattr(TargetCache, "MAX_TARGETS", 8)
    for number in range(9):
        (tmp_path / f"{number}.bin").write_bytes(bytes([number]) * 1000)
    index = servestatic.collect(tmp_path)
    for _ in range(3):
        for number in range(8):
            assert get(index, f"/static/{number}.bin").body == bytes([number]) * 1000
    kept = [index.get(f"/static/{number}.bin") for number in range(8)]
    get(index, "/static/0.bin")
    assert [index.get(f"/static/{number}.bin") for number in range(8)] == kept
    assert index.resources.cache._held == 8 * 1000
    get(index, "/static/8.bin")  # all are forgotten, and this one is held
    assert index.resources.cache._held == 1000


def test_a_coding_becomes_better_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at a resource and its replacement the background thread replaces the row of its codings."""
    (tmp_path / "a.css").write_text("".join(f".r{n}{{color:#{n:06x}}}" for n in range(20_000)))
    index = servestatic.collect(tmp_path, store="none", compress="build")
    replace = dataclasses.replace
    done: list[bytes] = []

    def replace_late(resource: Resource, **changes: object) -> object:
        if "answers" in changes and not done:
            ((digest, row),) = index.resources.codings._rows.items()
            index.resources.codings.replace(digest, tuple(each._replace(etag='"best"') for each in row))
            done.append(digest)
        return replace(resource, **changes)

    monkeypatch.setattr(resources, "replace", replace_late)
    get(index, "/static/a.css", BR)
    assert done
    assert dict(get(index, "/static/a.css", BR).fields)["etag"] == '"best"'
