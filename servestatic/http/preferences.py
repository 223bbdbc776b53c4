"""Which content codings a client accepts, the preferred ones first: Accept-Encoding, RFC 9110 §12.5.3."""

import re
from functools import lru_cache

from servestatic.http.dictionary import DELTA

IDENTITY = "identity"


class Ranking:
    """The codings a client accepts. Equal rankings are the same object, since comparing by identity costs a tenth.

    Attributes:
        groups: codings of equal weight, the preferred group first; refused and unknown ones are left out.
        identity: whether the client accepts `identity`, which is the last resort even if not: a 406 is of no use.
    """

    __slots__ = ("groups", "identity")

    def __init__(self, groups: tuple[tuple[str, ...], ...], identity: bool) -> None:
        self.groups = groups
        self.identity = identity

    @property
    def takes_coding(self) -> bool:
        """Whether an answer in a content coding is as welcome as any."""
        return any(coding != IDENTITY for group in self.groups[:1] for coding in group)

    @property
    def takes_delta(self) -> bool:
        """Whether the client accepts deltas."""
        return any(DELTA in group for group in self.groups)


_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 §8.4.1.3
_MEMBER = re.compile(
    r"[ \t]*+([!#$%&'*+.^_`|~0-9A-Za-z-]++)[ \t]*+"
    r"(?:;[ \t]*+[qQ]=(0(?:\.[0-9]{0,3}+)?+|1(?:\.0{0,3}+)?+)[ \t]*+)?+\Z"
)
_MAX_MEMBER = 64  # characters; a longer member is not cached


def read_accept_encoding(text: str | None, codings: tuple[str, ...]) -> Ranking:
    """Rank `identity` and those of `codings` that the client accepts.

    Absent, empty or malformed text means `identity` alone. Unknown codings are ignored, which bounds the number of
    rankings. `*` does not mean deltas, which not even all browsers can decode.
    """
    weights: dict[str, float] = {}
    for member in (text or "").split(","):
        name, weight = _read_member(member) if len(member) <= _MAX_MEMBER else _read_member.__wrapped__(member)
        # A coding that is listed twice gets the lower weight, so that one that was refused is never sent.
        if weight < weights.get(name, 2.0):
            weights[name] = weight
    rest = weights.get("*", 0.0)
    levels: dict[float, tuple[str, ...]] = {}
    for coding in (*codings, IDENTITY):
        if weight := weights.get(coding, 0.0 if coding == DELTA else rest):
            levels[weight] = (*levels.get(weight, ()), coding)
    groups = tuple([levels[weight] for weight in sorted(levels, reverse=True)])
    refused = weights.get(IDENTITY, rest) == 0.0 and (IDENTITY in weights or "*" in weights)
    return _rank(groups, not refused)


@lru_cache(maxsize=256)  # clients have a handful; whatever is made of a ranking is bounded, too
def _rank(groups: tuple[tuple[str, ...], ...], identity: bool) -> Ranking:
    return Ranking(groups, identity)


@lru_cache(maxsize=64)
def _read_member(member: str) -> tuple[str, float]:
    """Return a coding in lower case and its weight; a malformed member has no name and no weight."""
    match = _MEMBER.match(member)
    if match is None:
        return "", 0.0
    name, quality = match.groups()
    name = name.lower()
    return _ALIASES.get(name, name), float(quality) if quality else 1.0


class Preferences:
    """A bounded cache of rankings by the text of Accept-Encoding, of which browsers send only a handful.

    `codings` are the content codings that a ranking can have besides `identity`.
    """

    __slots__ = ("_codings", "_rankings", "get")

    MAX_TEXTS = 64
    MAX_TEXT = 256  # characters

    def __init__(self, codings: tuple[str, ...]) -> None:
        self._codings = codings
        self._rankings: dict[str | None, Ranking] = {}
        self.get = self._rankings.get  # the hot path: a cached ranking, or None

    def rank(self, text: str | None) -> Ranking:
        """Read `text` as `read_accept_encoding` does, and cache the ranking."""
        ranking = self._rankings.get(text)
        if ranking is None:
            ranking = read_accept_encoding(text, self._codings)
            if len(text or "") <= self.MAX_TEXT:
                if len(self._rankings) >= self.MAX_TEXTS:
                    self._rankings.clear()
                self._rankings[text] = ranking
        return ranking
