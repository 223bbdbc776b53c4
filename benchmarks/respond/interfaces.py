"""How WSGI and ASGI servers call an application: with a new request each time, as a server makes it.

Texts of a request are cut out of one buffer, as a parser cuts them, so that no hash of theirs is known beforehand.
What is sent is dropped; a body that is an open file is read to its end. Times are nanoseconds of this process's CPU,
all threads together, so that neighbours on the machine count less.
"""

import asyncio
from collections.abc import Callable, Iterable
from time import process_time_ns
from typing import Any
from wsgiref.util import FileWrapper

from benchmarks.lib.chrome import Fields
from benchmarks.respond.wire import Answer, Laid, lay

# ------------------------------------------------------------------------------------------------------- WSGI


class Wsgi:
    """PEP 3333, as gunicorn does it."""

    def lay(self, path: str, fields: Fields) -> Laid:
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

    def lay(self, path: str, fields: Fields) -> Laid:
        return lay(path, fields)

    def record(self, application: Any, laid: Laid) -> Answer:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self._runner.run(application(_make_scope(laid), _receive, send))
        start, *rest = sent
        fields = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"])
        return Answer(start["status"], fields, b"".join(message.get("body", b"") for message in rest))

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
