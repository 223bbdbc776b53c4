"""From a request to a response and an open file: everything that an answer needs of the disk happens here.

The catalog promises bytes; files may break the promise. A file that is opened is compared with its stamp, and if it is
not the file that the catalog knows, the answer is rebuilt from what exists: no body ever disagrees with its fields.
"""

import io
import math
import os
import time
from collections.abc import Hashable
from typing import TypeAlias

from servestatic.assets.coding import NAMES
from servestatic.disk.read import CHUNK, ChangingError, open_slice, read_again, read_settled, read_slice, stamp_of
from servestatic.http.message import Asked, Memory, Response, Slice, reject
from servestatic.http.representation import Missing, Redirect, Resource, Target
from servestatic.http.respond import respond, without_body
from servestatic.serving.answer_cache import remember
from servestatic.serving.change import log_change
from servestatic.serving.compression.on_demand import differ, encode, takes_coding, wants_delta
from servestatic.serving.draft import Draft, Offer
from servestatic.serving.resources import Resources

HELD = 64 * 1024  # bytes; smaller bodies are held in memory after their first request, while there is room
DIGESTED_INLINE = 8 * 1024 * 1024  # bytes; digesting more would hold up other requests
DIGESTED_OFTEN = 1024 * 1024  # bytes; a larger file that changed is re-read once in `PAUSE`, not at each request
UNSTEADY = 2.0  # seconds after a change, from which on any further change gives the file another stamp
PAUSE = 1.0  # seconds between two checks of the file behind a plain URL, and between two readings of a changed file

Answer: TypeAlias = tuple[Response, io.FileIO | None]
_Followed: TypeAlias = Draft | Resource | Missing


class _WouldBlockError(Exception):
    """The answer needs work that would hold up an event loop."""


def find(resources: Resources, path: str, root_path: str) -> Offer | None:
    """Look up a request's whole path, then the path below `root_path` (ASGI root_path, WSGI SCRIPT_NAME)."""
    offer = resources.get(path)
    if offer is None and root_path and path.startswith(root_path):
        below = path[len(root_path) :]
        offer = resources.get(below)
        if offer is not None and not below and not path.endswith("/"):
            return resources.catalog.enter(path)
    return offer


def answer(resources: Resources, offer: Offer, request: Asked, key: Hashable = None) -> Answer:
    """Answer a request, with the file open where the body is a `Slice`; the caller closes it.

    `key` is equivalent to the request's fields, in the form of the adapter's server; `Resource.answers` is keyed by it.
    """
    return _Answering(resources, request, key, patient=True).answer(offer)


def answer_at_once(resources: Resources, offer: Offer, request: Asked, key: Hashable = None) -> Answer | None:
    """Answer as `answer` does, or return None if that would hold up an event loop: then call `answer` in a thread."""
    if type(offer) is Resource and offer.settled and request[0] != "HEAD" and not wants_delta(offer, request):
        response = respond(offer, request)
        if type(response.body) is not Slice:
            _remember(resources, offer, request, key, response)
            return response, None
    try:
        return _Answering(resources, request, key, patient=False).answer(offer)
    except _WouldBlockError:
        return None


def _remember(resources: Resources, target: Target, request: Asked, key: Hashable, response: Response) -> None:
    if key is None or type(target) is not Resource:
        return
    if target.untried is None or not takes_coding(resources, request):
        until = math.inf if target.follows is None else resources.cache.checked.get(target.path, -PAUSE) + PAUSE
        remember(resources, target, request, key, response, until)


class _Answering:
    """One answer in progress: for which request, and whether it may block."""

    __slots__ = ("_key", "_patient", "_request", "_resources")

    def __init__(self, resources: Resources, request: Asked, key: Hashable, *, patient: bool) -> None:
        self._resources = resources
        self._request = request
        self._key = key
        self._patient = patient

    def answer(self, offer: Offer) -> Answer:
        """Answer with what a path offers.

        Raises:
            _WouldBlockError: the answer would hold up a caller that cannot wait.
        """
        target = self._make_ready(offer)
        if isinstance(target, Resource) and wants_delta(target, self._request):
            differ(self._resources, target, self._request, self._take_time)
            self._key = None if wants_delta(target, self._request) else self._key  # what is better later is forgotten
        if self._request[0] == "HEAD" and isinstance(target, Resource):
            return self._answer_head(target), None
        response = respond(target, self._request)
        if type(response.body) is Slice:
            return self._open(target, response)
        _remember(self._resources, target, self._request, self._key, response)
        return response, None

    def _answer_head(self, resource: Resource) -> Response:
        """Answer as a GET is answered from here on, so that HEAD does not promise what GET cannot keep."""
        _, fields, query = self._request
        self._request = "GET", {name: value for name, value in fields.items() if name != "range"}, query
        self._key = None
        response, file = self._open(resource, respond(resource, self._request))
        if file:
            file.close()
        return without_body(response)

    def _take_time(self) -> None:
        """Raise _WouldBlockError unless the answer may hold up its caller."""
        if not self._patient:
            raise _WouldBlockError

    # --------------------------------------------------------------------------------------- before the answer

    def _make_ready(self, offer: Offer) -> Target:
        """Take the new state of a changed file, and the codings that the answer can use."""
        if not isinstance(offer, Redirect) and offer.follows is not None:
            offer = self._follow(offer, offer.follows)
        offer = self._seek(offer)
        if isinstance(offer, (Draft, Resource)) and offer.untried is not None:
            return self._complete(encode(self._resources, offer, self._request, self._take_time))
        return self._resources.make(offer) if isinstance(offer, Draft) else offer

    def _seek(self, offer: Offer) -> Offer:
        """Look for what is missing in other releases."""
        if isinstance(offer, Missing) and self._resources.others.may_have(offer):
            self._take_time()
            return self._resources.seek(offer)
        return offer

    def _complete(self, target: Offer) -> Target:
        """Return a target that was made again, or what another release has in its place."""
        offer = self._seek(target)
        return self._resources.make(offer) if isinstance(offer, Draft) else offer

    def _follow(self, offer: _Followed, source: Slice) -> Offer:
        """Compare the file behind a plain URL, if that is due."""
        now, checked = time.monotonic(), self._resources.cache.checked
        if now < checked.get(offer.path, -PAUSE) + PAUSE:
            # Another request may have found that a missing file exists again.
            return self._resources.get(offer.path) or offer if isinstance(offer, Missing) else offer
        current = self._compare(offer, source)
        checked[offer.path] = now
        return current

    def _compare(self, offer: _Followed, source: Slice) -> Offer:
        try:
            status = os.stat(source.path)
        except OSError:
            return self._resources.lose(offer.path, source)
        due = time.monotonic() >= self._resources.cache.unsteady.get(offer.path, math.inf)
        if stamp_of(status) != source.stamp or due:
            return self._read_again(offer, source)
        return self._resources.refresh(offer.path) if isinstance(offer, Missing) else offer

    def _read_again(self, offer: _Followed, source: Slice) -> _Followed:
        """Re-read the file of a source, and take its new state."""
        try:
            if os.stat(source.path).st_size > DIGESTED_INLINE:
                self._take_time()
            reading = read_settled(source.path, self._resources.within(source.path))
        except ChangingError:
            return self._leave(offer, source)
        except OSError:
            return self._resources.lose(offer.path, source)
        if reading.steady or reading.stamp == source.stamp:
            self._resources.cache.unsteady.pop(offer.path, None)
        else:
            self._resources.cache.unsteady[offer.path] = time.monotonic() + UNSTEADY
        target = self._resources.renew(offer.path, reading.stamp, reading.digest)
        log_change(self._resources, offer.path, source, target)
        return target

    def _leave(self, offer: _Followed, source: Slice) -> _Followed:
        """Leave what is known of a file that keeps changing; but the bytes of a fingerprint may be kept elsewhere."""
        return offer if offer.follows else self._resources.lose(offer.path, source)

    # ---------------------------------------------------------------------------------------- files

    def _open(self, target: Target, response: Response) -> Answer:
        """Open the file of a response, or answer without it, at most once for each possible representation."""
        for _ in range(len(NAMES) + 2):
            body = response.body
            if type(body) is not Slice or not isinstance(target, Resource):
                return response, None
            held = response.status != 206 and body.stop - body.start <= HELD
            if body.stop - body.start > CHUNK:  # a body of one chunk costs less as bytes
                if file := open_slice(body):
                    return response, file
            elif (data := read_slice(body) if held else read_again(body)) is not None:
                if held:
                    self._resources.hold(target, body, data)  # the next request finds it in memory
                else:
                    _remember(self._resources, target, self._request, self._key, response)
                return Response(response.status, response.fields, Memory(data), response.raw), None
            target = self._complete(self._repair(target, body))
            response = respond(target, self._request)
        return reject(503, "The file changes too often to be served.", (("Retry-After", "1"), *target.fields)), None

    def _repair(self, resource: Resource, body: Slice) -> Offer:
        """Return the present state of a resource after one of its bodies has changed."""
        resources, plain = self._resources, resource.representations[0].body
        if type(plain) is not Slice or plain.path != body.path:
            return resources.lose_codings(resource.path)  # the next request gets a coding again
        if not resources.is_source(resource.path, body):
            if plain.stop > DIGESTED_INLINE:
                self._take_time()
            return resources.refresh(resource.path)
        now, read = time.monotonic(), resources.cache.read_again
        if plain.stop > DIGESTED_OFTEN and now < read.get(resource.path, -PAUSE) + PAUSE:
            return self._leave(resource, plain)
        repaired = self._read_again(resource, plain)
        read[resource.path] = now
        return repaired
