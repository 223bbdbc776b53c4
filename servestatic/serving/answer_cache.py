"""Earlier answers: an adapter finds them in `Resource.answers`, by the fields of the request alone.

The bytes of a file are not remembered with them, but read again; the file itself is compared from time to time.
"""

import math
import time
from collections.abc import Callable, Hashable
from typing import Any

from servestatic.disk.read import read_again
from servestatic.http.message import Asked, Memory, Response, Slice
from servestatic.http.representation import Resource
from servestatic.serving.resources import Resources

MAX_ANSWERS = 16  # of a resource
MAX_READ = 4  # of a resource whose body is in a file: each is an object of its own, where others cost only their key
MAX_FIELDS = 1024  # characters of the request's fields
# Approximate bytes of memory: an entry without its text, each part of its key, an answer that is not prepared.
_ENTRY, _PART, _OWN = 256, 64, 1024
_PREPARED = frozenset({200, 304})  # the resource has these answers ready


def remember(
    resources: Resources, resource: Resource, request: Asked, key: Hashable, response: Response, until: float = math.inf
) -> None:
    """Let adapters give the same answer to the next GET with this key, until a time (monotonic seconds)."""
    answers, is_read = resource.answers, type(response.body) is Slice
    if request[0] != "GET" or not (response.status in _PREPARED or is_read):
        return
    values = request[1].values()
    length = sum(map(len, values))
    if length > MAX_FIELDS or "" in values:  # an empty field may stand for one that was too long to be considered
        return
    size = _ENTRY + length + _PART * (len(key) if isinstance(key, tuple) else 1)
    resources.cache.count_answer(size if response.status in _PREPARED else size + _OWN)
    if len(answers) >= (MAX_READ if is_read else MAX_ANSWERS):
        answers.clear()
    if type(answers) is dict and (is_read or until < math.inf):
        answers = _OfFile()
        resources.amend(resource, answers=answers)
    if type(answers) is _OfFile:
        answers.keep_until(until)
    answers[key] = response


class _OfFile(dict[Hashable, Response]):
    """Answers that depend on a file: they are valid until a time without comparing it; a body in it is read."""

    __slots__ = ("until",)
    until: float

    def keep_until(self, until: float) -> None:
        """Let the answers be valid until a time."""
        self.until = until

    def get(self, key: Hashable, default: Any = None) -> Any:
        """Return an answer whose body is in memory."""
        response = _get(self, key)
        if response is None or time.monotonic() >= self.until:
            return default
        if type(response.body) is not Slice:
            return response
        data = read_again(response.body)
        return default if data is None else Response(response.status, response.fields, Memory(data), response.raw)


_get: Callable[[dict[Hashable, Response], Hashable], Response | None] = dict.get
