"""Feed targets with bytes: `python -m tests.fuzz --seconds 60`, or `make fuzz` for ten minutes.

What breaks a promise is printed, and kept as a file of the corpus, so that the tests run it from then on.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import random
import sys
import time
import traceback
from typing import TYPE_CHECKING

from tests.fuzz.mutation import mutate
from tests.fuzz.targets import CORPUS, TARGETS, list_seeds

if TYPE_CHECKING:
    from collections.abc import Iterator


def fuzz(name: str, seed: int) -> Iterator[bytes | None]:
    """Run a target for ever; yields an input if it broke a promise, one of a kind, and None for each other."""
    chance, seeds, target = random.Random(f"{seed} {name}"), list_seeds(name), TARGETS[name]
    known: set[str] = set()
    while True:
        data = mutate(chance, chance.choice(seeds), seeds)
        try:
            target.run(data)
        except Exception as error:  # noqa: BLE001 - what it raises is what is looked for
            where = f"{type(error).__name__} {traceback.extract_tb(error.__traceback__)[-1]}"
            if where not in known:
                traceback.print_exc()
                known.add(where)
                yield data
                continue
        yield None


def main() -> int:
    """Run the targets that are named, or all of them, and return how many findings there are."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"one of {', '.join(TARGETS)}; none: all of them")
    parser.add_argument("--seconds", type=float, default=60.0, help="for all of them together")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    names = options.targets or [*TARGETS]
    if unknown := set(names) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    logging.disable()
    print(f"seed {options.seed}")
    findings = 0
    for name in names:
        count, found, end = 0, [], time.monotonic() + options.seconds / len(names)
        for data in fuzz(name, options.seed):
            count += 1
            found += [] if data is None else [data]
            if time.monotonic() > end:
                break
        print(f"{name}: {count:,} executions, {len(found)} findings")
        for data in found:
            kept = CORPUS / name / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
            kept.write_bytes(data)
            print(f"  {kept}: {data[:200]!r}")
        findings += len(found)
    return min(findings, 1)


if __name__ == "__main__":
    sys.exit(main())
