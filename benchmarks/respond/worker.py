"""One environment's worker: reads questions as lines of JSON, measures, and writes answers as lines of JSON.

    {"group": "ours", "directory": …, "paths": {…}}  → per contender and scenario: what it answers, and calls a batch
    {"contender": …, "scenario": …, "bare_first": …} → nanoseconds a call: [bare, contender]

Both batches of one measurement follow each other at once and make the same requests; the bare application sends
exactly what the contender sends.
"""

import asyncio
import gc
import itertools
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from benchmarks.respond.contenders import Contender, make_contenders
from benchmarks.respond.scenarios import SCENARIOS, TEXTS, Scenario, write_fields
from benchmarks.respond.wire import Answer, Interface, Laid

BATCH = 2_500_000  # nanoseconds that a batch takes, about
FEWEST, MOST = 16, 1000  # calls a batch
PASSED = Answer(200, (("content-type", "text/plain"), ("content-length", "16")), b"the application\n")


class Pair(NamedTuple):
    """A contender and the bare application that sends the same, in one scenario."""

    interface: Interface
    application: Any
    bare: Any
    requests: Iterator[Laid]
    calls: int

    def measure(self, *, bare_first: bool) -> tuple[float, float]:
        """Time both with the same requests; nanoseconds a call."""
        requests = list(itertools.islice(self.requests, self.calls))
        order = (self.bare, self.application) if bare_first else (self.application, self.bare)
        first, second = (self.interface.time(each, requests) / self.calls for each in order)
        return (first, second) if bare_first else (second, first)


def prepare(contender: Contender, directory: str, paths: Mapping[str, str]) -> dict[str, tuple[Pair, Answer]]:
    """Make a contender and call it once for each scenario."""
    interface = contender.interface
    application = contender.make(interface.bare(PASSED), directory)
    validators = {"etag": "", "last_modified": ""}
    prepared: dict[str, tuple[Pair, Answer]] = {}
    for place in paths.values():  # whoever holds bodies in memory holds the uncoded one from here on
        interface.record(application, interface.lay(place, (("accept-encoding", "identity"),)))
    for scenario in SCENARIOS:
        requests = lay_requests(interface, scenario, paths[scenario.place], validators)
        for _ in range(3):  # what is made on first use is made now
            answer = interface.record(application, requests[0])
        if scenario is SCENARIOS[0]:
            validators = {"etag": answer.get("etag"), "last_modified": answer.get("last-modified")}
        pair = Pair(interface, application, interface.bare(answer), itertools.cycle(requests), FEWEST)
        nanoseconds = min(pair.measure(bare_first=True)[1] for _ in range(9))
        calls = max(FEWEST, min(MOST, int(BATCH / nanoseconds)))
        prepared[scenario.name] = pair._replace(calls=calls), answer
    return prepared


def lay_requests(interface: Interface, scenario: Scenario, path: str, validators: Mapping[str, str]) -> list[Laid]:
    """Lay every request of a scenario: one, or as many as there are texts."""
    changing = any("{n}" in text for _, text in scenario.fields)
    fields = [write_fields(scenario, validators, number) for number in range(TEXTS if changing else 1)]
    return [interface.lay(path, each) for each in fields]


def main() -> None:
    """Answer the questions of standard input until it ends."""
    with asyncio.Runner() as runner:
        question = json.loads(sys.stdin.readline())
        contenders = make_contenders(question["group"], runner)
        made = {name: prepare(each, question["directory"], question["paths"]) for name, each in contenders.items()}
        say({name: {scenario: describe(*each) for scenario, each in one.items()} for name, one in made.items()})
        gc.freeze()  # what was made so far is not looked at again: each pays for its own garbage only
        for line in sys.stdin:
            question = json.loads(line)
            pair, _ = made[question["contender"]][question["scenario"]]
            say(pair.measure(bare_first=question["bare_first"]))


def describe(pair: Pair, answer: Answer) -> dict[str, object]:
    """Say what a contender answers."""
    coding = answer.get("content-encoding")
    return {"status": answer.status, "coding": coding, "length": len(answer.body), "calls": pair.calls}


def say(value: object) -> None:
    """Write a line of JSON."""
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
