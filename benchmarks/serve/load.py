"""The load: the same request on some connections at once, all answers read, then again, or with another `NUMBER`.

First a single answer is read and looked at as a whole. From then on every answer must begin with the same status line
and be as long, to the byte, as that one: nothing is parsed, so that the client keeps up with the server. What a
client's core does with the bytes of a long body is of no interest: they are dropped in the kernel (MSG_TRUNC).
"""

import random
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

PATIENCE = 30  # seconds that an answer may take
NUMBER = "nnn"  # in a request: three digits
_LONGEST = 60_000  # bytes of an answer that fits into the buffers of a connection, whoever is read first


class AnswerError(Exception):
    """An answer is not what it was before; the text says how."""


class Answer(NamedTuple):
    """An answer as a whole: `length` on the wire, names of fields in lower case."""

    status: int
    fields: dict[str, str]
    raw_fields: tuple[tuple[str, str], ...]
    body: bytes
    length: int

    @property
    def closes(self) -> bool:
        """Tell whether the server ends the connection."""
        return self.fields.get("connection", "").lower() == "close"


def connect(port: int) -> socket.socket:
    """Connect; a read that takes too long raises."""
    client = socket.create_connection(("127.0.0.1", port), PATIENCE)
    client.settimeout(None)  # Python's own timeouts cost a poll for each read
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", PATIENCE, 0))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


# -------------------------------------------------------------------------------------------- one answer as a whole


def ask(port: int, request: bytes) -> Answer:
    """Send a request on a new connection and read its answer.

    Raises:
        AnswerError: it ends too early.
    """
    with connect(port) as client:
        client.sendall(_number(request, 0))
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            _receive(client, data)
        line, *lines = data[:end].decode("latin-1").split("\r\n")
        pairs = tuple((name, value.strip()) for name, _, value in (each.partition(":") for each in lines))
        fields = {name.lower(): value for name, value in pairs}
        status = int(line.split()[1])
        body = b"" if status == 304 else _read_body(client, data, end + 4, fields)
        return Answer(status, fields, pairs, body, len(data))


def _number(request: bytes, number: int) -> bytes:
    return request.replace(NUMBER.encode(), b"%03d" % number)


def _receive(client: socket.socket, data: bytearray) -> None:
    more = client.recv(1 << 20)
    if not more:
        raise AnswerError(f"the connection ends after {len(data)} bytes")
    data += more


def _read_body(client: socket.socket, data: bytearray, start: int, fields: dict[str, str]) -> bytes:
    if fields.get("transfer-encoding") != "chunked":
        length = int(fields["content-length"])
        while len(data) < start + length:
            _receive(client, data)
        return bytes(data[start:])
    body = bytearray()
    while True:
        while (end := data.find(b"\r\n", start)) < 0:
            _receive(client, data)
        size, start = int(data[start:end], 16), end + 2
        while len(data) < start + size + 2:
            _receive(client, data)
        body += data[start : start + size]
        start += size + 2
        if not size:
            return bytes(body)


# ------------------------------------------------------------------------------------------------------- many


class Client(NamedTuple):
    """Connections that ask for the same; `answer` is what they must get."""

    port: int
    request: bytes
    answer: Answer
    sockets: list[socket.socket]

    def run(self, batches: int) -> None:
        """Ask on every connection, read every answer, and again.

        Raises:
            AnswerError: one is another than it was.
        """
        start = f"HTTP/1.1 {self.answer.status} ".encode()
        closes = self.answer.closes
        read = _read_short if self.answer.length <= _LONGEST else _read_long
        for _ in range(batches):
            if closes:
                _renew(self.sockets, self.port)
            request = _number(self.request, random.randrange(1000))
            for each in self.sockets:
                each.send(request)
            read(self.sockets, start, self.answer)

    def time_each(self, count: int) -> list[int]:
        """Ask on one connection, one after the other; return the nanoseconds of each."""
        times: list[int] = []
        clock = time.perf_counter_ns
        for _ in range(count):
            begun = clock()
            self.run(1)
            times.append(clock() - begun)
        return times


def _renew(sockets: list[socket.socket], port: int) -> None:
    for each in sockets:
        each.close()
    sockets[:] = [connect(port) for _ in sockets]


def _read_short(sockets: list[socket.socket], start: bytes, answer: Answer) -> None:
    length, closes = answer.length, answer.closes
    for each in sockets:
        data = each.recv(65536)
        if not data.startswith(start):
            raise AnswerError(f"{data[:100]!r}, where {start!r} was sent before")
        count = len(data)
        while count < length:
            more = len(each.recv(65536))
            if not more:
                raise AnswerError(f"the connection ends after {count} bytes of {length}")
            count += more
        if count != length:
            raise AnswerError(f"{count} bytes, where {length} were sent before")
        if closes:  # gunicorn's sync worker waits for that, for up to two seconds
            each.close()


def _read_long(sockets: list[socket.socket], start: bytes, answer: Answer) -> None:
    """Read from whoever has something: a server may have to send the last answer before the first."""
    length = answer.length
    left = {each.fileno(): (each, length) for each in sockets}
    buffer = bytearray(1 << 20)
    with select.epoll(len(left)) as poll:
        for descriptor in left:
            poll.register(descriptor, select.EPOLLIN)
        while left:
            ready = poll.poll(PATIENCE)
            if not ready:
                raise AnswerError(f"nothing comes, and {len(left)} answers are not whole")
            for descriptor, _ in ready:
                client, missing = left[descriptor]
                left[descriptor] = client, _read_some(client, start, missing, length, buffer)
                if not left[descriptor][1]:
                    poll.unregister(descriptor)
                    del left[descriptor]
                    if answer.closes:
                        client.close()


def _read_some(client: socket.socket, start: bytes, missing: int, length: int, buffer: bytearray) -> int:
    if missing == length:  # the beginning is looked at
        data = client.recv(1024)
        if not data.startswith(start):
            raise AnswerError(f"{data[:100]!r}, where {start!r} was sent before")
        return missing - len(data)
    count = client.recv_into(buffer, len(buffer), socket.MSG_TRUNC)
    if not 0 < count <= missing:
        raise AnswerError(f"{length - missing + count} bytes and an end, where {length} were sent before")
    return missing - count


@contextmanager
def connected(port: int, request: bytes, answer: Answer, connections: int) -> Iterator[Client]:
    """Connect as often as is wanted; where the server ends connections, there is a new one for each request."""
    sockets = [socket.socket() if answer.closes else connect(port) for _ in range(connections)]
    try:
        yield Client(port, request, answer, sockets)
    finally:
        for each in sockets:  # those of the moment: a server that closes gets new ones
            each.close()
