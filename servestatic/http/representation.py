"""What a URL offers: a resource, its representations, and the answers that are the same every time.

Nothing here opens a file, and no attribute changes but caches: a new resource takes the place of one whose file did.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from servestatic.http.fields import revalidated, write_date
from servestatic.http.message import Blob, Fields, Memory, RawFields, Response, Slice, encode
from servestatic.http.preferences import IDENTITY, Preferences, Ranking


class Representation(NamedTuple):
    """One sequence of bytes that a resource can be sent as (RFC 9110 §8).

    Attributes:
        coding: `identity` or the content coding of the bytes, such as `br`.
        length: number of bytes that are sent.
        etag: a strong entity tag with its quotes, a digest of the bytes and of nothing else.
    """

    coding: str
    body: Memory | Slice
    length: int
    etag: str


def represent(coding: str, blob: Blob) -> Representation:
    """Return the representation of a blob; half of a SHA-256 is enough that no tag can be forged or recur by chance."""
    return Representation(coding, blob.body, blob.length, f'"{blob.digest[:16].hex()}"')


class Selected(NamedTuple):
    """A representation with the answers to plain requests for it, which are made once.

    `fields` are those of a 200 or 206 that carries it, except the length; `raw` is `encode(fields)`.
    """

    representation: Representation
    fields: Fields
    raw: RawFields
    ok: Response  # GET
    head: Response
    not_modified: Response


@dataclass(slots=True, eq=False, repr=False)  # frozen as well, a start would take a millisecond longer
class Resource:
    """Everything that a URL offers. Compared by identity, since a URL has one resource at a time.

    Attributes:
        path: URL path by which the index knows it.
        representations: identity, then the coded ones in any order.
        fields: fields of every answer, whatever its status, such as those of CORS.
        metadata: fields of answers that carry a representation: type, freshness.
        last_modified: seconds since 1970, UTC; None if the bytes have no date of their own.
        untried: digest of the bytes until their codings have been made; None if none is worthwhile.
        follows: the file whose changes a plain URL follows; None for a resource that never changes.
        negotiated: whether answers depend on Accept-Encoding, now or once coded representations are made.
        dictionary: the field that offers the bytes as a dictionary; empty if there are no deltas between releases.
        preferences: a cache that many resources share.
        answers: a cache for adapters: answers to GET, by the fields of the request as the server has them.
        held: bodies in memory, by coding, of representations that are in files.
        deltas: representations by the Available-Dictionary that they need, None where there is no worthwhile one.
        chosen: a cache of `select`, by the text of Accept-Encoding.
        settled: whether nothing is left to be made and nothing can change.
    """

    path: str
    representations: tuple[Representation, ...]
    fields: Fields
    metadata: Fields
    last_modified: int | None
    untried: bytes | None
    follows: Slice | None
    negotiated: bool
    preferences: Preferences
    dictionary: Fields = ()
    answers: dict[Hashable, Response] = field(default_factory=dict)
    held: dict[str, Memory] = field(default_factory=dict)
    deltas: dict[str, Representation | None] = field(default_factory=dict, init=False)
    chosen: dict[str | None, Selected] = field(default_factory=dict, init=False)
    _chosen: dict[Ranking, Selected] = field(default_factory=dict, init=False)
    _offers: dict[str, Selected] = field(default_factory=dict, init=False)
    settled: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.settled = self.untried is None and self.follows is None

    def __repr__(self) -> str:
        return f"Resource({self.path!r}, {self.representations!r})"

    def select(self, accept_encoding: str | None) -> Selected:
        """Choose a representation by the client's weights, then by size (RFC 9110 §12.5.3)."""
        ranking = self.preferences.rank(accept_encoding)
        selected = self._choose(ranking)
        if len(accept_encoding or "") <= Preferences.MAX_TEXT:
            if len(self.chosen) >= _MAX_CACHED:
                self.chosen.clear()
            self.chosen[accept_encoding] = selected
        return selected

    def _choose(self, ranking: Ranking) -> Selected:
        chosen = self._chosen.get(ranking)
        if chosen is None:
            smallest = _find_best(self.representations, ranking)
            early = self.untried is not None and smallest.coding == IDENTITY and ranking.takes_coding
            chosen = self._prepare(smallest, revalidated(self.metadata)) if early else self.offer(smallest)
            if len(self._chosen) >= _MAX_CACHED:
                self._chosen.clear()
            self._chosen[ranking] = chosen
        return chosen

    def select_delta(self, accept_encoding: str | None, dictionary: str) -> Selected | None:
        """Choose the delta that needs a dictionary, if there is one and the client likes none better."""
        delta = self.deltas.get(dictionary)
        if delta is None:
            return None
        best = _find_best((*self.representations, delta), self.preferences.rank(accept_encoding))
        return self.offer(delta, dictionary) if best is delta else None

    def add_delta(self, dictionary: str, delta: Representation | None) -> None:
        """Offer a delta to clients that have its dictionary, or note that there is no worthwhile one."""
        if len(self.deltas) >= _MAX_DELTAS:
            self.deltas.clear()
            self._offers.clear()
        self.deltas[dictionary] = delta

    def offer(self, representation: Representation, dictionary: str = "") -> Selected:
        """Return the prepared answers for one of this resource's representations; a delta's with its dictionary."""
        key = dictionary or representation.coding
        selected = self._offers.get(key)
        if selected is None:
            selected = self._offers[key] = self._prepare(representation, self.metadata)
        return selected

    def _prepare(self, representation: Representation, metadata: Fields) -> Selected:
        if held := self.held.get(representation.coding):
            representation = representation._replace(body=held)
        pairs = (
            *metadata,
            *self.dictionary,
            ("Content-Encoding", representation.coding if representation.coding != IDENTITY else None),
            ("ETag", representation.etag),
            ("Last-Modified", None if self.last_modified is None else write_date(self.last_modified)),
            ("Accept-Ranges", "bytes"),
            *self.vary,
            *self.fields,
        )
        described = tuple((name, value) for name, value in pairs if value is not None)
        length = ("Content-Length", str(representation.length))
        fields, raw = (*described, length), encode((*described, length))
        # RFC 9110 §15.4.5: what a cache needs to renew its stored response, and no other metadata.
        renewed = tuple(pair for pair in fields if pair[0] in _RENEWED or pair in self.fields)
        return Selected(
            representation,
            described,
            raw[:-1],
            ok=Response(200, fields, representation.body, raw),
            head=Response(200, fields, None, raw),
            not_modified=Response(304, renewed, None, encode(renewed)),
        )

    def hold(self, body: Slice, data: bytes) -> None:
        """Answer from memory from now on if this is the whole body of a representation."""
        for representation in self.representations:
            if representation.body == body:
                self.held[representation.coding] = Memory(data)
                self._offers.pop(representation.coding, None)
                self._chosen.clear()
                self.chosen.clear()
        for dictionary, delta in [*self.deltas.items()]:
            if delta is not None and delta.body == body:
                self.deltas[dictionary] = delta._replace(body=Memory(data))
                self._offers.pop(dictionary, None)

    @property
    def vary(self) -> Fields:
        """Vary, if answers depend on Accept-Encoding (RFC 9110 §12.5.5), and on dictionaries (RFC 9842 §6.2)."""
        names = "Accept-Encoding, Available-Dictionary" if self.dictionary else "Accept-Encoding"
        return (("Vary", names),) if self.negotiated or self.dictionary else ()


def _find_best(representations: tuple[Representation, ...], ranking: Ranking) -> Representation:
    """Return the smallest of the representations that a client likes best; the first if it accepts none."""
    groups = ([offer for offer in representations if offer.coding in group] for group in ranking.groups)
    return min(next(filter(None, groups), representations[:1]), key=attrgetter("length"))


NO_ANSWERS: Mapping[Hashable, Response] = MappingProxyType({})  # what has no representations has no cached answers


class Missing(NamedTuple):
    """A file that is unavailable: it is of another release, or lost. No cache may keep the answer.

    Attributes:
        path: see `Resource`.
        follows: the file that may come back; None if none will.
        named: whether the name is one of its content, so that another release may have it.
    """

    fields: Fields
    path: str = ""
    follows: Slice | None = None
    named: bool = False

    @property
    def answers(self) -> Mapping[Hashable, Response]:
        """Empty; see `Resource`."""
        return NO_ANSWERS


class Redirect(NamedTuple):
    """A URL that has moved permanently; `location` is a relative reference (RFC 9110 §10.2.2), the query is kept.

    `cache_control` may be empty.
    """

    location: str
    cache_control: str
    fields: Fields

    @property
    def answers(self) -> Mapping[Hashable, Response]:
        """Empty; see `Resource`."""
        return NO_ANSWERS


Target: TypeAlias = Resource | Missing | Redirect

_MAX_DELTAS = 32  # more than the releases that are looked into
_MAX_CACHED = 16  # answers by the text of a field, or by what was read of it
_RENEWED = frozenset({"Cache-Control", "Content-Location", "ETag", "Expires", "Vary"})
