"""Codings for the answer that has use for them: adopted where they were made before, else made now, once."""

from servestatic.disk.read import read_slice
from servestatic.http.fields import IDENTITY
from servestatic.http.message import Asked, Memory
from servestatic.http.representation import Missing, Representation, Resource
from servestatic.http.respond import respond
from servestatic.serving.resources import Resources

ENCODED_INLINE = 256 * 1024  # bytes; encoding more would hold up other requests


def takes_coding(resource: Resource, request: Asked) -> bool:
    """Return whether the answer to a request may be in some coding, by its method and Accept-Encoding."""
    method, fields, _ = request
    groups = resource.preferences.rank(fields.get("accept-encoding")).groups
    return method in ("GET", "HEAD") and any(coding != IDENTITY for group in groups[:1] for coding in group)


def encode(
    resources: Resources, resource: Resource, digest: bytes, request: Asked, *, patient: bool
) -> Resource | Missing | None:
    """Return the resource with its codings, as it is where an answer has no use for them; None if that would be slow.

    While one thread makes them, the others answer with identity.
    """
    row = resources.codings.get(digest)
    if row is None:
        row = resources.encoder.adopt(digest)
        if row is None:
            response, plain = respond(resource, request), resource.representations[0]
            if response.status != 200 or response.body is None or resources.codings.is_made(digest):
                return resource
            if plain.length > ENCODED_INLINE and not patient:
                return None
            row = _make(resources, plain, digest)
        if row is None:
            return resource
        resources.add_codings(resource.path, digest, row)
    return resources.offer(resource, row)


def _make(resources: Resources, plain: Representation, digest: bytes) -> tuple[Representation, ...] | None:
    """Make the fast codings; None if another thread does, or the file changed, as the caller will find out."""
    if not resources.encoder.has_room():
        resources.drop_gone()
    with resources.codings.make(digest, plain.length) as mine:
        if not mine:
            return None
        data = plain.body.data if isinstance(plain.body, Memory) else read_slice(plain.body)
        return None if data is None else resources.encoder.encode(digest, data)
