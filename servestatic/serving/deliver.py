"""From a request to a response and an open file: all that an answer needs of the world happens here.

The index promises bytes; files may break the promise. Whatever is opened is compared with its stamp, and if it is not
the file that the index knows, the answer is made again from what there is: never a body that disagrees with its fields.
"""

import io
import logging
import math
import os
import time
from collections.abc import Hashable
from typing import TypeAlias

from servestatic.disk.read import CHUNK, TRIES, Reading, open_slice, read_again, read_file, read_slice, stamp_of
from servestatic.disk.trust import Within
from servestatic.http.message import Asked, Memory, Response, Slice
from servestatic.http.representation import Missing, Resource, Target, reject
from servestatic.http.respond import respond
from servestatic.runtime.news import is_new
from servestatic.serving.answer_cache import remember
from servestatic.serving.compression.coders import NAMES
from servestatic.serving.compression.on_demand import encode, takes_coding
from servestatic.serving.resources import Resources

HELD = 64 * 1024  # bytes; smaller bodies are held in memory once they were asked for, as far as there is room
DIGESTED_INLINE = 8 * 1024 * 1024  # bytes; digesting more would hold up other requests
DIGESTED_OFTEN = 1024 * 1024  # bytes; a larger file that changed is read again once in a while, not at each request
UNSTEADY = 2.0  # seconds until a change, however soon after another one, has given a file another stamp
PAUSE = 1.0  # seconds between two looks at the file behind a plain URL, and between two readings of a changed file

_log = logging.getLogger("servestatic")

Answer: TypeAlias = tuple[Response, io.FileIO | None]


def find(resources: Resources, path: str, root_path: str) -> Target | None:
    """Look up a request's whole path, then the path below `root_path` (ASGI root_path, WSGI SCRIPT_NAME)."""
    target = resources.get(path)
    if target is None and root_path and path.startswith(root_path):
        below = path[len(root_path) :]
        target = resources.get(below)
        if target is not None and not below and not path.endswith("/"):
            return resources.lookup.enter(path)
    return target


def answer(resources: Resources, target: Target, request: Asked, key: Hashable = None) -> Answer:
    """Answer a request, with the file open where the body is a `Slice`; whoever calls closes it.

    `key` says the same as the request's fields, as the adapter's server gives them: `Resource.answers` will know it.
    """
    answered = answer_at_once(resources, target, request, key, patient=True)
    if answered is None:
        raise AssertionError("a patient answer has nothing to wait for")
    return answered


def answer_at_once(
    resources: Resources, target: Target, request: Asked, key: Hashable = None, *, patient: bool = False
) -> Answer | None:
    """Answer as `answer` does; None if that needs work that would hold up an event loop: use `answer` in a thread."""
    if type(target) is not Resource or not target.settled:
        current = _make_ready(resources, target, request, patient=patient)
        if current is None:
            return None
        target = current
    if request[0] == "HEAD" and isinstance(target, Resource):
        current = _check_head(resources, target, request, patient=patient)
        if current is None:
            return None
        target = current
    response = respond(target, request)
    if type(response.body) is Slice:
        return _open(resources, target, request, key, response, patient=patient)
    _remember(resources, target, request, key, response)
    return response, None


def _remember(resources: Resources, target: Target, request: Asked, key: Hashable, response: Response) -> None:
    if key is None or type(target) is not Resource:
        return
    if target.untried is None or not takes_coding(target, request):
        until = math.inf if target.follows is None else resources.checked.get(target.path, -PAUSE) + PAUSE
        remember(resources, target, request, key, response, until)


def _make_ready(resources: Resources, target: Target, request: Asked, *, patient: bool) -> Target | None:
    """Take a changed file's new state and make missing codings; None if that would be slow."""
    if isinstance(target, (Resource, Missing)) and target.follows is not None:
        now = time.monotonic()
        if now >= resources.checked.get(target.path, -PAUSE) + PAUSE:
            current = _follow(resources, target, target.follows, patient=patient)
            if current is None:
                return None
            target = current
            resources.checked[target.path] = now
        elif isinstance(target, Missing):
            target = resources.get(target.path) or target  # another request may have found it again
    if isinstance(target, Resource) and target.untried is not None and takes_coding(target, request):
        return encode(resources, target, target.untried, request, patient=patient)
    return target


def _follow(
    resources: Resources, target: Resource | Missing, source: Slice, *, patient: bool
) -> Resource | Missing | None:
    try:
        status = os.stat(source.path)
    except OSError:
        return resources.lose(target.path, source)
    if stamp_of(status) != source.stamp or time.monotonic() >= resources.unsteady.get(target.path, math.inf):
        return _read_again(resources, target.path, source, patient=patient)
    return target if isinstance(target, Resource) else resources.refresh(target.path)


def _read_again(resources: Resources, path: str, source: Slice, *, patient: bool) -> Resource | Missing | None:
    """Take the new state of a source's file; None if that would be slow."""
    try:
        if not patient and os.stat(source.path).st_size > DIGESTED_INLINE:
            return None
        reading = read_settled(source.path, resources.within(source.path))
    except OSError:
        return resources.lose(path, source)
    if reading.steady or reading.stamp == source.stamp:
        resources.unsteady.pop(path, None)
    else:
        resources.unsteady[path] = time.monotonic() + UNSTEADY
    target = resources.renew(path, reading.stamp, reading.digest)
    if is_new(("gone", source.path, path), "gone" if isinstance(target, Missing) else None):
        _log.warning(
            "%s is not what it was at the start: %s is gone, pages get the plain URL from now on."
            " Restart to take changes in; while developing, set SERVESTATIC_LIVE=on.",
            source.path,
            path,
        )
    return target


def read_settled(path: str, within: Within) -> Reading:
    """Read a file that changes while it is served: twice, if it changed just now.

    A file has the stamp of a change before it has the bytes of it.

    Raises:
        OSError: as `read_file` does.
    """
    reading = read_file(path, within)
    for _ in range(TRIES):
        if reading.steady:
            return reading
        before, reading = reading, read_file(path, within)
        if (before.stamp, before.digest) == (reading.stamp, reading.digest):
            return reading
    raise OSError(0, "it changes while it is read")


def _open(
    resources: Resources, target: Target, request: Asked, key: Hashable, response: Response, *, patient: bool
) -> Answer | None:
    """Open the file of a response, or answer again without it, once for each representation that there can be."""
    for _ in range(len(NAMES) + 2):
        body = response.body
        if type(body) is not Slice or not isinstance(target, Resource):
            return response, None
        if body.stop - body.start > CHUNK:  # what is one chunk costs less as bytes
            if file := open_slice(body):
                return response, file
        elif (data := _read(response, body)) is not None:
            if _is_held(response, body):
                resources.hold(target, body, data)  # the next request finds it there
            else:
                _remember(resources, target, request, key, response)
            return Response(response.status, response.fields, Memory(data), response.raw), None
        repaired = _repair(resources, target, body, patient=patient)
        if repaired is None:
            return None
        target = repaired
        response = respond(target, request)
    return reject(503, "The file changes too often to be served.", (("Retry-After", "1"), *target.fields)), None


def _is_held(response: Response, body: Slice) -> bool:
    return response.status != 206 and body.stop - body.start <= HELD


def _read(response: Response, body: Slice) -> bytes | None:
    return read_slice(body) if _is_held(response, body) else read_again(body)


def _check_head(
    resources: Resources, resource: Resource, request: Asked, *, patient: bool
) -> Resource | Missing | None:
    """Compare the file that a GET would open, so that HEAD does not promise what GET cannot keep."""
    _, fields, query = request
    response = respond(resource, ("GET", fields, query))
    body = response.body
    if type(body) is not Slice:
        return resource
    if body.stop - body.start <= CHUNK:
        if _read(response, body) is not None:
            return resource
    elif file := open_slice(body):
        file.close()
        return resource
    return _repair(resources, resource, body, patient=patient)


def _repair(resources: Resources, resource: Resource, body: Slice, *, patient: bool) -> Resource | Missing | None:
    """Return the resource as it is now that a body is not what it was; None if that would be slow."""
    plain = resource.representations[0].body
    if type(plain) is not Slice or plain.path != body.path:
        return resources.encode_again(resource.path)  # the next request gets a coding again
    if not resources.is_source(resource.path, body):
        return resources.refresh(resource.path) if patient or plain.stop <= DIGESTED_INLINE else None
    now = time.monotonic()
    if plain.stop > DIGESTED_OFTEN and now < resources.read_again.get(resource.path, -PAUSE) + PAUSE:
        return resource
    repaired = _read_again(resources, resource.path, plain, patient=patient)
    if repaired is not None:
        resources.read_again[resource.path] = now
    return repaired
