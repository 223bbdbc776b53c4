"""Reading a file on an event loop, chunk by chunk. A separate module, so that WSGI servers do not load asyncio."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from servestatic.disk.read import CHUNK, check_sent
from servestatic.disk.system import NO_WAIT, read_at
from servestatic.http.message import Slice
from servestatic.runtime.threads import note_start

_P = ParamSpec("_P")
_R = TypeVar("_R")


def find_trio() -> Any:
    """Return trio if the running task is trio's; None if it is asyncio's. Starlette and Hypercorn run on either."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return sys.modules.get("trio")
    return None


async def run_in_thread(work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Do as `asyncio.to_thread` does; if no thread can be started, do the work here and block the event loop."""
    run = partial(copy_context().run, work, *args, **kwargs)
    if trio := find_trio():
        return cast("_R", await trio.to_thread.run_sync(run))
    try:
        running = asyncio.get_running_loop().run_in_executor(None, run)
    except RuntimeError as error:
        note_start(error)
        return work(*args, **kwargs)
    note_start(None)
    return await running


async def read_chunks(file: io.FileIO, body: Slice) -> AsyncIterator[tuple[bytes, bool]]:
    """Yield chunks of a slice and whether more follow; flow control decides when the next chunk is read."""
    offset, trio = body.start, find_trio()
    while offset < body.stop:
        data = await _read(file.fileno(), min(CHUNK, body.stop - offset), offset)
        offset += len(data)
        check_sent(file, body, ended=not data, last=offset == body.stop)
        yield data, offset < body.stop
        if offset < body.stop:
            # Let other tasks run. A server that writes to a lost connection never waits, and would not notice the loss.
            await (trio.lowlevel.checkpoint() if trio else asyncio.sleep(0))


async def _read(descriptor: int, count: int, offset: int) -> bytes:
    """Read bytes in the page cache directly and others in a thread, which costs more than a whole request.

    Checking the last byte is enough, since the system reads files ahead in order.
    """
    if NO_WAIT:
        with suppress(OSError):  # EAGAIN: not in the cache; EOPNOTSUPP: the file system does not know
            os.preadv(descriptor, [bytearray(1)], offset + count - 1, NO_WAIT)
            return read_at(descriptor, count, offset)
    return await run_in_thread(read_at, descriptor, count, offset)
