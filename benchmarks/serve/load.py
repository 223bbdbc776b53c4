"""The load: the same request on some connections at once, all answers read, then again, or with another `NUMBER`.

First a single answer is read and checked as a whole. From then on every answer must begin with the same status line
and be as long, to the byte, as that one: nothing is parsed, so that the client keeps up with the server. What a
client's core does with the bytes of a long body is of no interest: they are dropped in the kernel (MSG_TRUNC).
"""

import random
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.lib import servers
from benchmarks.lib.servers import PATIENCE, Answer, connect

NUMBER = "nnn"  # in a request: three digits
MAX_SHORT = 60_000  # bytes of an answer that fits into the buffers of a connection, in whatever order they are read


class AnswerError(Exception):
    """An answer differs from the first one; the text says how."""


def ask(port: int, request: bytes) -> Answer:
    """Send a request on a new connection and read its answer."""
    with connect(port) as client:
        return servers.ask(client, _number(request, 0))


def _number(request: bytes, number: int) -> bytes:
    return request.replace(NUMBER.encode(), b"%03d" % number)


class Client(NamedTuple):
    """Connections that ask for the same; `answer` is what they must get."""

    port: int
    request: bytes
    answer: Answer
    sockets: list[socket.socket]

    def run(self, batches: int) -> None:
        """Ask on every connection, read every answer, and again.

        Raises:
            AnswerError: one differs from the first.
        """
        start = f"HTTP/1.1 {self.answer.status} ".encode()
        closes = self.answer.closes
        read = _read_short if self.answer.length <= MAX_SHORT else _read_long
        for _ in range(batches):
            if closes:
                _renew(self.sockets, self.port)
            request = _number(self.request, random.randrange(1000))
            for client in self.sockets:
                client.send(request)
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
    for client in sockets:
        client.close()
    sockets[:] = [connect(port) for _ in sockets]


def _read_short(sockets: list[socket.socket], start: bytes, answer: Answer) -> None:
    length, closes = answer.length, answer.closes
    for client in sockets:
        data = client.recv(65536)
        if not data.startswith(start):
            raise AnswerError(f"{data[:100]!r}, where {start!r} was sent before")
        count = len(data)
        while count < length:
            more = len(client.recv(65536))
            if not more:
                raise AnswerError(f"the connection ends after {count} bytes of {length}")
            count += more
        if count != length:
            raise AnswerError(f"{count} bytes, where {length} were sent before")
        if closes:  # gunicorn's sync worker waits for that, for up to two seconds
            client.close()


def _read_long(sockets: list[socket.socket], start: bytes, answer: Answer) -> None:
    """Read from the connections that have something: a server may have to send the last answer before the first."""
    length = answer.length
    left = {client.fileno(): (client, length) for client in sockets}
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
    if missing == length:  # the beginning is checked
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
    """Connect; if the server ends connections, there is a new one for each request."""
    sockets = [socket.socket() if answer.closes else connect(port) for _ in range(connections)]
    try:
        yield Client(port, request, answer, sockets)
    finally:
        for client in sockets:  # those of the moment: a server that closes gets new ones
            client.close()
