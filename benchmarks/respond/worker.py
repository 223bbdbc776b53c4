"""The worker of an environment: reads questions as lines of JSON, measures, and writes answers as lines of JSON.

    {"group": "ours", "directory": …, "paths": {…}}  → by contender and scenario: the answer, and calls in a batch
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

from benchmarks.lib.chrome import PASSED, write_fields
from benchmarks.respond.contenders import Contender, make_contenders
from benchmarks.respond.scenarios import SCENARIOS, TEXTS, Scenario
from benchmarks.respond.wire import Answer, Interface, Laid

BATCH = 2_500_000  # nanoseconds that a batch takes, about
MIN_CALLS, MAX_CALLS = 16, 1000  # in a batch
APPLICATION = Answer(200, (("content-type", "text/plain"), ("content-length", str(len(PASSED)))), PASSED)


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
        first, second = (self.interface.time(application, requests) / self.calls for application in order)
        return (first, second) if bare_first else (second, first)


def prepare(contender: Contender, directory: str, paths: Mapping[str, str]) -> dict[str, tuple[Pair, Answer]]:
    """Make a contender and call it once for each scenario."""
    interface = contender.interface
    application = contender.make(interface.bare(APPLICATION), directory)
    validators = {"etag": "", "last_modified": ""}
    prepared: dict[str, tuple[Pair, Answer]] = {}
    for path in paths.values():  # a contender that holds bodies in memory holds the uncoded one from here on
        interface.record(application, interface.lay(path, (("accept-encoding", "identity"),)))
    for scenario in SCENARIOS:
        requests = lay_requests(interface, scenario, paths[scenario.path], validators)
        for _ in range(3):  # what is made on first use is made now
            answer = interface.record(application, requests[0])
        if scenario is SCENARIOS[0]:
            validators = {"etag": answer.get("etag"), "last_modified": answer.get("last-modified")}
        pair = Pair(interface, application, interface.bare(answer), itertools.cycle(requests), MIN_CALLS)
        nanoseconds = min(pair.measure(bare_first=True)[1] for _ in range(9))
        calls = max(MIN_CALLS, min(MAX_CALLS, int(BATCH / nanoseconds)))
        prepared[scenario.name] = pair._replace(calls=calls), answer
    return prepared


def lay_requests(interface: Interface, scenario: Scenario, path: str, validators: Mapping[str, str]) -> list[Laid]:
    """Lay every request of a scenario: one, or as many as there are texts."""
    changing = any("{n}" in text for _, text in scenario.fields)
    numbers = (f"{number:03}" for number in range(TEXTS if changing else 1))
    return [interface.lay(path, write_fields(scenario.fields, {**validators, "n": number})) for number in numbers]


def main() -> None:
    """Answer the questions of standard input until it ends."""
    with asyncio.Runner() as runner:
        question = json.loads(sys.stdin.readline())
        contenders = make_contenders(question["group"], runner)
        made = {name: prepare(own, question["directory"], question["paths"]) for name, own in contenders.items()}
        say({name: {scenario: describe(*one) for scenario, one in own.items()} for name, own in made.items()})
        gc.freeze()  # the collector does not visit what was made so far: each pays for its own garbage only
        for line in sys.stdin:
            question = json.loads(line)
            pair, _ = made[question["contender"]][question["scenario"]]
            say(pair.measure(bare_first=question["bare_first"]))


def describe(pair: Pair, answer: Answer) -> dict[str, object]:
    """Return what a contender answers."""
    coding = answer.get("content-encoding")
    return {"status": answer.status, "coding": coding, "length": len(answer.body), "calls": pair.calls}


def say(value: object) -> None:
    """Write a line of JSON."""
    print(json.dumps(value), flush=True)


if __name__ == "__main__":
    main()
