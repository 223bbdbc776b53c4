"""How each interface calls an application: the request is made anew for every call, as a server makes it.

Texts of a request are cut out of one buffer, as a parser cuts them, so that no hash of theirs is known beforehand.
What is sent is dropped; a body that is an open file is read to its end. Times are nanoseconds of this process's CPU,
all threads together, so that neighbours on the machine count less.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import process_time_ns
from typing import Any
from wsgiref.util import FileWrapper

from benchmarks.respond.scenarios import Pairs
from benchmarks.respond.wire import Answer, Laid, lay

# ------------------------------------------------------------------------------------------------------- WSGI


class Wsgi:
    """PEP 3333, as gunicorn does it."""

    def lay(self, path: str, fields: Pairs) -> Laid:
        return lay(path, tuple((f"HTTP_{name.upper().replace('-', '_')}", value) for name, value in fields))

    def record(self, application: Any, laid: Laid) -> Answer:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        sent = application(_make_environ(laid), lambda line, fields, *_: started.append((line, fields)))
        body = b"".join(sent)
        if hasattr(sent, "close"):
            sent.close()
        line, fields = started[0]
        return Answer(int(line[:3]), tuple(fields), body)

    def bare(self, answer: Answer) -> Any:
        line, fields, body = f"{answer.status} Sent", [*answer.fields], answer.body

        def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
            start_response(line, fields)
            return [body]

        return application

    def time(self, application: Any, requests: Iterable[Laid]) -> int:
        start = process_time_ns()
        for laid in requests:
            body = application(_make_environ(laid), _start_response)
            for _ in body:
                pass
            if hasattr(body, "close"):
                body.close()
        return process_time_ns() - start


def _make_environ(laid: Laid) -> dict[str, Any]:
    text = laid.text
    environ: dict[str, Any] = {
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": None,
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": FileWrapper,
        "SERVER_SOFTWARE": "benchmark",
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "",
        "RAW_URI": text[laid.path],
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "50000",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SCRIPT_NAME": "",
        "PATH_INFO": text[laid.path],
    }
    for name, value in laid.fields:
        environ[text[name]] = text[value]
    return environ


def _start_response(line: str, fields: list[tuple[str, str]], error: object = None) -> None:
    pass


# ------------------------------------------------------------------------------------------------------- ASGI


class Asgi:
    """ASGI 3, as uvicorn does it, without file extensions."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def lay(self, path: str, fields: Pairs) -> Laid:
        return lay(path, fields)

    def record(self, application: Any, laid: Laid) -> Answer:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self._runner.run(application(_make_scope(laid), _receive, send))
        start, *rest = sent
        fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        return Answer(start["status"], fields, b"".join(each.get("body", b"") for each in rest))

    def bare(self, answer: Answer) -> Any:
        status, body = answer.status, answer.body
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields]

        async def application(scope: dict[str, Any], receive: object, send: Callable[..., Any]) -> None:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return application

    def time(self, application: Any, requests: Iterable[Laid]) -> int:
        async def call() -> int:
            start = process_time_ns()
            for laid in requests:
                await application(_make_scope(laid), _receive, _send)
            return process_time_ns() - start

        return self._runner.run(call())


def _make_scope(laid: Laid) -> dict[str, Any]:
    raw = laid.raw
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "scheme": "http",
        "method": "GET",
        "root_path": "",
        "path": raw[laid.path].decode("ascii"),
        "raw_path": raw[laid.path],
        "query_string": b"",
        "headers": [(raw[name], raw[value]) for name, value in laid.fields],
        "state": {},
    }


async def _receive() -> dict[str, Any]:
    silence: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    return await silence  # the client stays and says nothing


async def _send(message: dict[str, Any]) -> None:
    pass


# ------------------------------------------------------------------------------------------------------- RSGI


class Rsgi:
    """RSGI 1.5, granian's: its scope and protocol are compiled, here they are doubles with the same names.

    The list that `headers.items()` returns is made with the request, so its cost is in the bare figure too.
    """

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def lay(self, path: str, fields: Pairs) -> Laid:
        return lay(path, fields)

    def record(self, application: Any, laid: Laid) -> Answer:
        sent: list[Answer] = []

        class Recorder:
            def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
                sent.append(Answer(status, tuple(headers), b""))

            def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
                sent.append(Answer(status, tuple(headers), body))

        self._runner.run(_rsgi(application)(_RsgiScope(laid), Recorder()))
        return sent[0]

    def bare(self, answer: Answer) -> Any:
        status, headers, body = answer.status, [*answer.fields], answer.body

        async def application(scope: object, protocol: Any) -> None:
            protocol.response_bytes(status, headers, body)

        return application

    def time(self, application: Any, requests: Iterable[Laid]) -> int:
        entry, protocol = _rsgi(application), _RsgiProtocol()

        async def call() -> int:
            start = process_time_ns()
            for laid in requests:
                await entry(_RsgiScope(laid), protocol)
            return process_time_ns() - start

        return self._runner.run(call())


def _rsgi(application: Any) -> Any:
    return getattr(application, "__rsgi__", application)


class _RsgiHeaders:
    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def items(self) -> list[tuple[str, str]]:
        return self._pairs


class _RsgiScope:
    __slots__ = ("headers", "method", "path", "proto", "query_string")

    def __init__(self, laid: Laid) -> None:
        text = laid.text
        self.proto = "http"
        self.method = "GET"
        self.path = text[laid.path]
        self.query_string = ""
        self.headers = _RsgiHeaders([(text[name], text[value]) for name, value in laid.fields])


class _RsgiProtocol:
    __slots__ = ()

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        pass

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        pass
