"""Before anything is measured: is the answer right, and which reply must the bare application send?"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.lib.environments import CannotRunError
from benchmarks.lib.servers import Answer
from benchmarks.serve.contenders import Contender
from benchmarks.serve.load import AnswerError, ask
from benchmarks.serve.replies import Reply, write
from benchmarks.serve.scenarios import Scenario, find_body, find_path, write_request
from benchmarks.serve.servers import Serving
from benchmarks.serve.tree import OURS, File

_SERVERS_OWN = frozenset({"date", "server", "connection", "transfer-encoding", "keep-alive"})  # fields


class Plan(NamedTuple):
    """The request to a contender and to its bare application, and the answer of both.

    Attributes:
        select: the request that gives the bare application its reply; b"" if there is none.
    """

    request: bytes
    answer: Answer
    select: bytes


def prepare(
    contender: Contender, server: Serving, scenario: Scenario, files: Mapping[str, File], place: Path
) -> Plan | str:
    """Ask for the first time, and write the reply of the bare application; or return what is wrong."""
    try:
        etag = _read_etag(server, scenario, files)
        request = write_request(scenario, find_path(scenario, files), etag)
        answer = ask(server.port, request)
        for _ in range(2 if scenario.figure == "cpu" else 0):  # what is made on first use is made now
            answer = ask(server.port, request)
    except (AnswerError, OSError) as error:
        return f"fails: {error}"
    if wrong := _find_fault(answer, scenario, files):
        return wrong
    if not contender.bare:
        return Plan(request, answer, b"")
    name = f"{contender.key}-{scenario.name.replace(' ', '-')}"
    fields = tuple(pair for pair in answer.raw_fields if pair[0].lower() not in _SERVERS_OWN)
    sent = (answer.body, "") if scenario.figure != "rate" else (b"", str(OURS / scenario.file))
    path = write(place, name, Reply(answer.status, fields, *sent))
    return Plan(request, answer, f"GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())


def _read_etag(server: Serving, scenario: Scenario, files: Mapping[str, File]) -> str:
    if not any("{etag}" in value for _, value in scenario.fields):
        return ""
    plain = scenario._replace(fields=())
    return ask(server.port, write_request(plain, find_path(scenario, files), "")).fields.get("etag", "")


def _find_fault(answer: Answer, scenario: Scenario, files: Mapping[str, File]) -> str:
    """Return how an answer differs from the one that was asked for, "" if it does not."""
    coding = answer.fields.get("content-encoding", "")
    length = len(answer.body)
    if (answer.status, coding) != (scenario.status, scenario.coding):
        return f"answers {answer.status}, {length} bytes {coding or 'identity'}"
    body = answer.body
    if coding == "br":
        import brotli

        body = brotli.decompress(body)
    if body != find_body(scenario, files):
        return f"answers {answer.status} with {length} bytes that are not those of the file"
    return ""


def select_reply(bare: Serving, plan: Plan) -> None:
    """Give a bare application its reply."""
    ask(bare.port, plan.select)


def check_bare(bare: Serving, plan: Plan) -> Answer:
    """Return the answer of a bare application.

    Raises:
        CannotRunError: it is not the contender's.
    """
    select_reply(bare, plan)
    answer = ask(bare.port, plan.request)
    if (answer.status, answer.body) != (plan.answer.status, plan.answer.body):
        raise CannotRunError(
            f"The bare application answers {answer.status}, {answer.fields}, to {plan.request[:80]!r}."
        )
    return answer
