"""Requests to an index, made as an adapter makes them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from servestatic.http.message import Memory, Request, Slice
from servestatic.serving.deliver import answer, find

if TYPE_CHECKING:
    from servestatic.serving.index import Index


def get(index: Index, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, fields and body of the answer to a GET; `accept_encoding="br"` sends Accept-Encoding."""
    target = find(index.resources, path, "")
    assert target is not None, path
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    response, file = answer(index.resources, target, Request("GET", named))
    body = response.body
    data = body.data if isinstance(body, Memory) else b""
    if file is not None and isinstance(body, Slice):
        with file:
            file.seek(body.start)
            data = file.read(body.stop - body.start)
    return response.status, dict(response.fields), data


def answers(index: Index, accept: str) -> dict[str, tuple[dict[str, str], str]]:
    """Return fields and digest of the body of every file, by both its URLs."""
    paths = sorted(path for name in index for path in (index.url(name), f"/static/{name}"))
    got = {path: get(index, path, accept_encoding=accept) for path in paths}
    return {path: (fields, hashlib.sha256(body).hexdigest()) for path, (_, fields, body) in got.items()}
