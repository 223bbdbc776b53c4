"""Which parameters of each coding are worth what: bytes and CPU seconds on real packages, beside WhiteNoise's.

1. sample      every n-th compressible file of the corpus, each content once (sample.py)
2. candidates  brotli, gzip and zstd with their parameters (candidates.py)
3. encode      each content with every candidate in turn; one core
4. peer        WhiteNoise's own compressor over the same files (whitenoise.py)
5. report      bytes, CPU seconds, and the two sums that the package promises (report.py)

    python -m benchmarks.codings
"""

import argparse
import shutil
import sys
import time
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.codings.candidates import Candidate, check_chosen, list_candidates
from benchmarks.codings.report import MB, Encoded, Measured, render
from benchmarks.codings.sample import PLACE, Sample, draw_sample, write_sample
from benchmarks.lib.environments import HERE, make_peers, read_output, run_module
from benchmarks.lib.machine import describe_run, pin
from benchmarks.lib.report import report

REPORT = HERE / "codings.md"
EVERY = 12  # of the corpus: about five minutes
ROUNDS = 3  # of candidates that are not slow


def main() -> int:
    """Measure and report; return 1 if that is impossible."""
    parser = argparse.ArgumentParser(description="Which parameters of each coding are worth what.")
    parser.add_argument("--every", type=int, default=EVERY, help=f"take every n-th file (default: {EVERY})")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    arguments = parser.parse_args()
    return report(
        lambda: measure(max(arguments.every, 1)),
        render,
        Measured._asdict,
        REPORT if arguments.every == EVERY else None,
        as_json=arguments.json,
    )


def measure(every: int) -> Measured:
    """Draw the sample and encode it with everything.

    Raises:
        CannotRunError: a package is missing, or ours uses other parameters than the report says.
    """
    python, sample, candidates = make_peers(), draw_sample(every), list_candidates()
    check_chosen(candidates, b"".join(content.data for content in sample.contents[:8]))
    about = describe_run(pinned=pin())
    encoded = encode(sample, candidates)
    return Measured(
        about=about | describe(sample, every),
        lengths=[len(content.data) for content in sample.contents],
        encoded=encoded,
        peer=run_whitenoise(sample, python),
        codings={candidate.name: candidate.coding for candidate in candidates},
    )


def encode(sample: Sample, candidates: Iterable[Candidate]) -> dict[str, Encoded]:
    """Encode each content with every candidate before the next, so that what disturbs the machine disturbs all."""
    encoded = {candidate.name: Encoded([], [0.0] * (1 if candidate.slow else ROUNDS)) for candidate in candidates}
    for number, content in enumerate(sample.contents):
        print(f"\rContent {number + 1} of {len(sample.contents)}", end="", file=sys.stderr)
        for candidate in candidates:
            own = encoded[candidate.name]
            for round_number in range(len(own.seconds)):
                started = time.process_time()
                data = candidate.encode(content.data)
                own.seconds[round_number] += time.process_time() - started
            own.lengths.append(len(data))
    print(file=sys.stderr)
    return encoded


def run_whitenoise(sample: Sample, python: Path) -> dict[str, float | list[int]]:
    """Let WhiteNoise compress the sample with its own tool.

    Raises:
        CannotRunError: it failed.
    """
    shutil.rmtree(PLACE, ignore_errors=True)
    write_sample(sample, PLACE)
    run = run_module(python, "peers", "codings.whitenoise", PLACE)
    shutil.rmtree(PLACE)
    written: dict[str, float | list[int]] = read_output(run)
    return written


def describe(sample: Sample, every: int) -> dict[str, str]:
    """Return of what the figures are."""
    size = sum(len(content.data) for content in sample.contents)
    return {
        "Versions": ", ".join(f"{name} {_version(name)}" for name in ("brotli", "deflate", "backports.zstd")),
        "Sample": (
            f"{size / MB:.1f} MB in {len(sample.contents)} files: every {every}th of the {sample.files} compressible"
            f" files ({sample.size / MB:.0f} MB) of the corpus and Django's admin, in the order of extension and length"
        ),
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "of Python"  # zstd from 3.14 on


if __name__ == "__main__":
    sys.exit(main())
