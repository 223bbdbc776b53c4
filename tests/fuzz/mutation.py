"""Inputs made from others: bytes, words and lines are changed, repeated, moved and mixed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

MAX_LENGTH = 4096  # bytes of an input
_WORDS = re.compile(rb"\w+|\s+|[^\w\s]")
# What tends to be special somewhere.
_ODD = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\r\n", b"\\", b"'", b'"', b"`", b"/*", b"*/", b"//", b"<!--", b"-->", b"${"),
    *(b"..", b"../", b"/", b"%2e%2e", b"%", b"%00", b"#", b"?", b"{{", b"}}", b"(", b")", b"[", b"]", b"{", b"}"),
    *(b"-1", b"0", b"1", b"65536", b"9" * 30, b"1e9", b"null", b"true", b"[]", b"{}", b";q=0", b"bytes=", b"*", b","),
    *("\u2028".encode(), "ü".encode(), "\U0001f600".encode(), b"\xed\xa0\x80", b"\t", b" ", b":", b"=", b"</script>"),
)


def mutate(random: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return other bytes, at most `MAX_LENGTH` of them: `data` after a few changes, parts of `others` among them."""
    for _ in range(random.choice((1, 1, 2, 3, 5, 8))):
        data = random.choice(_CHANGES)(random, data, random.choice(others))[:MAX_LENGTH]
    return data


def _span(random: Random, length: int, longest: int = 32) -> tuple[int, int]:
    start = random.randint(0, length)
    return start, min(length, start + random.randint(0, longest))


def _flip(random: Random, data: bytes, _: bytes) -> bytes:
    start = random.randrange(len(data) or 1)
    return data[:start] + bytes([random.randrange(256)]) + data[start + 1 :]


def _insert(random: Random, data: bytes, _: bytes) -> bytes:
    start = random.randint(0, len(data))
    return data[:start] + random.choice(_ODD) + data[start:]


def _replace(random: Random, data: bytes, _: bytes) -> bytes:
    start, stop = _span(random, len(data), 8)
    return data[:start] + random.choice(_ODD) + data[stop:]


def _remove(random: Random, data: bytes, _: bytes) -> bytes:
    start, stop = _span(random, len(data))
    return data[:start] + data[stop:]


def _repeat(random: Random, data: bytes, _: bytes) -> bytes:
    start, stop = _span(random, len(data))
    return data[:stop] + data[start:stop] * random.choice((1, 2, 30)) + data[stop:]


def _cut(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: random.randint(0, len(data))]


def _mix(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _take_a_word(random: Random, data: bytes, other: bytes) -> bytes:
    """Put a word of another input in the place of one: the text often stays as its syntax wants it."""
    words, more = _WORDS.findall(data), _WORDS.findall(other)
    if words and more:
        words[random.randrange(len(words))] = random.choice(more)
    return b"".join(words)


def _change_lines(random: Random, data: bytes, other: bytes) -> bytes:
    """Remove, repeat, move or take a line."""
    lines, more = data.splitlines(keepends=True), other.splitlines(keepends=True)
    if not lines:
        return other
    line = lines[random.randrange(len(lines))] if random.random() < 0.5 or not more else random.choice(more)
    position = random.randint(0, len(lines))
    if random.random() < 0.5:
        return b"".join([*lines[:position], line, *lines[position:]])
    return b"".join([*lines[:position], *lines[position + 1 :]])


_CHANGES: tuple[Callable[[Random, bytes, bytes], bytes], ...] = (
    *(_flip, _insert, _replace, _remove, _repeat, _cut, _mix),
    *(_take_a_word, _take_a_word, _change_lines, _change_lines),
)
