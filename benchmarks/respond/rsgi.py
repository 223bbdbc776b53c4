"""How granian calls an application by RSGI: its scope and protocol are compiled, so here are doubles of them.

The list that `headers.items()` returns is made with the request, so its cost is in the bare figure too.
"""

import asyncio
from collections.abc import Iterable
from time import process_time_ns
from typing import Any

from benchmarks.lib.chrome import Fields
from benchmarks.respond.wire import Answer, Laid, lay


class Rsgi:
    """RSGI 1.5."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def lay(self, path: str, fields: Fields) -> Laid:
        return lay(path, fields)

    def record(self, application: Any, laid: Laid) -> Answer:
        sent: list[Answer] = []

        class Recorder:
            def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
                sent.append(Answer(status, tuple(headers), b""))

            def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                sent.append(Answer(status, tuple(headers), body))

        self._runner.run(_entry(application)(_Scope(laid), Recorder()))
        return sent[0]

    def bare(self, answer: Answer) -> Any:
        status, headers, body = answer.status, [*answer.fields], answer.body

        async def application(scope: object, protocol: Any) -> None:
            protocol.response_bytes(status, headers, body)

        return application

    def time(self, application: Any, requests: Iterable[Laid]) -> int:
        entry, protocol = _entry(application), _Protocol()

        async def call() -> int:
            start = process_time_ns()
            for laid in requests:
                await entry(_Scope(laid), protocol)
            return process_time_ns() - start

        return self._runner.run(call())


def _entry(application: Any) -> Any:
    return getattr(application, "__rsgi__", application)


class _Headers:
    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return self._pairs


class _Scope:
    __slots__ = ("headers", "method", "path", "proto", "query_string")

    def __init__(self, laid: Laid) -> None:
        text = laid.text
        self.proto = "http"
        self.method = "GET"
        self.path = text[laid.path]
        self.query_string = ""
        self.headers = _Headers([(text[name], text[value]) for name, value in laid.fields])


class _Protocol:
    __slots__ = ()

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        pass

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        pass
