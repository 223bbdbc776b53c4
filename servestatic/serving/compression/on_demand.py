"""Codings and deltas for an answer that can use them: adopted if they exist, otherwise made now, once."""

from collections.abc import Callable
from contextlib import suppress

from servestatic.disk.read import read_body
from servestatic.http.dictionary import ASKED, read_dictionary
from servestatic.http.message import Asked, Memory, Slice
from servestatic.http.preferences import IDENTITY
from servestatic.http.representation import Missing, Representation, Resource
from servestatic.http.respond import respond
from servestatic.serving.draft import Draft
from servestatic.serving.resources import Resources

ENCODED_INLINE = 256 * 1024  # bytes; encoding more would hold up other requests
_PARTIAL = frozenset({"range", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})


def takes_coding(resources: Resources, request: Asked) -> bool:
    """Return whether the answer to a request may be in a coding, by its method and Accept-Encoding."""
    method, fields, _ = request
    return method in ("GET", "HEAD") and resources.preferences.rank(fields.get("accept-encoding")).takes_coding


def wants_delta(resource: Resource, request: Asked) -> bool:
    """Return whether a request names a dictionary for which it is not known yet if there is a delta."""
    method, fields, _ = request
    if ASKED not in fields or not resource.dictionary or method != "GET" or fields[ASKED] in resource.deltas:
        return False
    accepted = resource.preferences.rank(fields.get("accept-encoding")).takes_delta
    return accepted and read_dictionary(fields[ASKED]) is not None


def differ(resources: Resources, resource: Resource, request: Asked, take_time: Callable[[], object]) -> None:
    """Have a resource offer the delta for the dictionary that a request names, if there is one now."""
    take_time()
    dictionary, deltas = request[1][ASKED], resources.deltas
    digest = read_dictionary(dictionary)
    if deltas is None or digest is None:
        return
    places = resources.catalog.split(resource.path)
    version = next(filter(None, (deltas.find(mount.prefix, name, digest) for mount, name in places)), None)
    with suppress(BlockingIOError):  # later
        # "None" is forgotten once other releases are known.
        resource.add_delta(dictionary, deltas.make(version, resource.representations) if version else None)


def encode(
    resources: Resources, offer: Draft | Resource, request: Asked, take_time: Callable[[], object]
) -> Resource | Missing:
    """Return the resource with its codings, or without them if the answer cannot use them.

    While one thread makes them, others answer with identity. `take_time` is called before work that would hold up
    an event loop.
    """
    row = _take_row(resources, offer, request, take_time) if takes_coding(resources, request) else None
    if row is not None and offer.untried is not None:
        resources.add_codings(offer.path, offer.untried, row)
        if isinstance(offer, Resource):
            draft = resources.draft(offer.path)
            return resources.make(draft, offer) if isinstance(draft, Draft) else resources.refresh(offer.path)
    return resources.make(offer) if isinstance(offer, Draft) else offer


def _take_row(
    resources: Resources, offer: Draft | Resource, request: Asked, take_time: Callable[[], object]
) -> tuple[Representation, ...] | None:
    digest = offer.untried or b""
    row = resources.codings.get(digest)
    if row is None:
        row = resources.encoder.adopt(digest)
    if row is not None or resources.codings.is_made(digest) or not _sends_all(resources, offer, request):
        return row
    body, length = (offer.served.body, offer.served.length) if isinstance(offer, Draft) else _identity(offer)
    if length > ENCODED_INLINE:
        take_time()
    return _make(resources, digest, body, length)


def _sends_all(resources: Resources, offer: Draft | Resource, request: Asked) -> bool:
    """Return whether the answer carries a whole representation."""
    method, fields, _ = request
    if method != "GET" or _PARTIAL.isdisjoint(fields):
        return method == "GET"
    resource = resources.make(offer) if isinstance(offer, Draft) else offer
    return respond(resource, request).status == 200


def _identity(resource: Resource) -> tuple[Memory | Slice, int]:
    plain = resource.representations[0]
    return resource.held.get(IDENTITY) or plain.body, plain.length


def _make(resources: Resources, digest: bytes, body: Memory | Slice, length: int) -> tuple[Representation, ...] | None:
    """Make the fast codings; None if another thread does, or if the file has changed, as the caller will find."""
    if not resources.encoder.has_room():
        resources.drop_gone()
    with resources.codings.make(digest, length) as mine:
        data = read_body(body) if mine else None
        return None if data is None else resources.encoder.encode(digest, data)
