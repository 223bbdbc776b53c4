"""Calls the pure functions as an adapter does."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from servestatic.http.message import REQUEST_FIELDS, Memory, Request, Slice, join_fields
from servestatic.serving.deliver import answer, find
from tests.http.conformance import APPLICATION
from tests.support.judge import Exchange, Sent

if TYPE_CHECKING:
    from servestatic.serving.index import Index

CONTENT = b"the application\n"
FIELDS = [("Content-Type", "text/plain"), ("X-Application", "yes"), ("Content-Length", str(len(CONTENT)))]
PASSED = Exchange(APPLICATION, tuple((name.lower(), value) for name, value in FIELDS), CONTENT)


def split(sent: Sent) -> tuple[bytes, str]:
    """Return the path of a target, percent-decoded once, and its query."""
    path, _, query = sent.target.partition("?")
    return unquote_to_bytes(path), query


def call_function(index: Index, sent: Sent) -> Exchange:
    """Find, answer, and read the file as an adapter does."""
    raw, query = split(sent)
    lines = [(name.lower(), value) for name, value in sent.fields]
    fields = join_fields([pair for pair in lines if pair[0] in REQUEST_FIELDS])
    target = find(index.resources, raw.decode("utf-8", "replace"), sent.root)
    if target is None:
        return PASSED
    response, file = answer(index.resources, target, Request(sent.method, fields, query))
    body = response.body.data if isinstance(response.body, Memory) else b""
    if isinstance(response.body, Slice):
        assert file is not None
        with file:
            body = os.pread(file.fileno(), response.body.stop - response.body.start, response.body.start)
    return Exchange(response.status, tuple((name.lower(), value) for name, value in response.fields), body)
