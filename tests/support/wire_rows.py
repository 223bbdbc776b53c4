"""Rows of the conformance table over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.support.judge import Exchange, problems, request

if TYPE_CHECKING:
    from tests.http.conformance import Row
    from tests.support.tree import Site
    from tests.support.wire import Got

# What a server adds on its own account.
SERVERS_OWN = {"date", "server", "connection", "keep-alive"}


class Deviation(NamedTuple):
    """How a server changes the answer to a row, before or after the application; a test fails once it does not."""

    status: int
    reason: str


def ask(site: Site, row: Row) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return method, target and fields of the request of a row."""
    sent = request(site, row)
    return sent.method, sent.target, sent.fields


def found(site: Site, row: Row, got: Got) -> list[str]:
    """Return what is wrong with the answer to a row."""
    own = tuple(pair for pair in got.fields if pair[0] not in SERVERS_OWN)
    return [*got.trouble, *problems(site, row, Exchange(got.status, own, got.body))]
