"""Which parameters of each coding are worth what: bytes and CPU seconds on real packages, beside WhiteNoise's.

1. sample      every n-th compressible file of the corpus, each content once (codings/sample.py)
2. candidates  brotli, gzip and zstd with their parameters (codings/candidates.py)
3. encoding    each content with every candidate in turn; one core
4. peer        WhiteNoise's own compressor over the same files
5. report      bytes, CPU seconds, and the two sums that the package promises

    python -m benchmarks.codings
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import NamedTuple

from benchmarks.codings.candidates import CHOSEN, Candidate, check_chosen, list_candidates
from benchmarks.codings.sample import PLACE, Sample, draw_sample, write_sample
from benchmarks.corpus.fetch import CannotFetchError
from benchmarks.lib.environments import HERE, CannotRunError, describe_machine, make_peers, pin
from benchmarks.lib.statistics import markdown

REPORT = HERE / "codings.md"
EVERY = 12  # of the corpus: about five minutes
ROUNDS = 3  # of candidates that are not slow
MB = 1_000_000
GZIP = "zlib 9, memory 8"  # what Python's gzip module does at its best
# Lengths in bytes, from and up to; a window matters only to what is longer than it.
CLASSES = {
    "up to 4 KB": (0, 4096),
    "4 to 64 KB": (4096, 65536),
    "64 KB to 1 MB": (65536, 1 << 20),
    "above": (1 << 20, 1 << 40),
}
WINDOWS = [f"brotli 11, window {window}" for window in (18, 22, 24)]


def main() -> int:
    """Measure and report; 1 if that cannot be done."""
    parser = argparse.ArgumentParser(description="Which parameters of each coding are worth what.")
    parser.add_argument("--every", type=int, default=EVERY, help=f"take every n-th file (default: {EVERY})")
    parser.add_argument("--json", action="store_true", help="print every figure as JSON")
    arguments = parser.parse_args()
    try:
        measured = measure(max(arguments.every, 1))
    except (CannotRunError, CannotFetchError) as error:
        print(error, file=sys.stderr)
        return 1
    report = render(measured)
    if arguments.every == EVERY:
        REPORT.write_text(report, "utf-8")
    print(json.dumps(measured._asdict(), indent=2) if arguments.json else report)
    return 0


class Encoded(NamedTuple):
    """What a candidate made of the contents: their lengths in order, and CPU seconds of all, one for each round."""

    lengths: list[int]
    seconds: list[float]


class Measured(NamedTuple):
    """Every figure: `peer` is what WhiteNoise wrote, files and bytes by extension, and its CPU seconds."""

    about: dict[str, str]
    lengths: list[int]
    encoded: dict[str, Encoded]
    peer: dict[str, float | list[int]]
    codings: dict[str, str]


def measure(every: int) -> Measured:
    """Draw the sample and encode it with everything.

    Raises:
        CannotRunError: a library is missing, or the package uses other parameters than the report says.
        CannotFetchError: the corpus cannot be had.
    """
    python, sample, candidates = make_peers(), draw_sample(every), list_candidates()
    check_chosen(candidates, b"".join(each.data for each in sample.contents[:8]))
    machine = describe_machine(pinned=pin())
    encoded = encode(sample, candidates)
    return Measured(
        about=describe(sample, every, machine),
        lengths=[len(each.data) for each in sample.contents],
        encoded=encoded,
        peer=run_whitenoise(sample, python),
        codings={each.name: each.coding for each in candidates},
    )


def encode(sample: Sample, candidates: Iterable[Candidate]) -> dict[str, Encoded]:
    """Encode each content with every candidate before the next, so that what disturbs the machine disturbs all."""
    encoded = {each.name: Encoded([], [0.0] * (1 if each.slow else ROUNDS)) for each in candidates}
    for number, content in enumerate(sample.contents):
        print(f"\rContent {number + 1} of {len(sample.contents)}", end="", file=sys.stderr)
        for each in candidates:
            own = encoded[each.name]
            for place in range(len(own.seconds)):
                started = time.process_time()
                data = each.encode(content.data)
                own.seconds[place] += time.process_time() - started
            own.lengths.append(len(data))
    print(file=sys.stderr)
    return encoded


def run_whitenoise(sample: Sample, python: object) -> dict[str, float | list[int]]:
    """Let WhiteNoise compress the sample with its own tool.

    Raises:
        CannotRunError: it failed.
    """
    shutil.rmtree(PLACE, ignore_errors=True)
    write_sample(sample, PLACE)
    command = [str(python), "-m", "benchmarks.codings.whitenoise", str(PLACE)]
    run = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    shutil.rmtree(PLACE)
    if run.returncode:
        raise CannotRunError(f"WhiteNoise's compressor failed:\n{run.stderr}")
    written: dict[str, float | list[int]] = json.loads(run.stdout)
    return written


def describe(sample: Sample, every: int, machine: str) -> dict[str, str]:
    """Say when, where and of what the figures are."""
    size = sum(len(each.data) for each in sample.contents)
    return {
        "Date": datetime.now(UTC).date().isoformat(),
        "Machine": machine,
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


# -------------------------------------------------------------------------------------------------- report


def coded(measured: Measured, name: str) -> tuple[int, int]:
    """Return how many contents a candidate makes small enough to keep, and the bytes of these."""
    from servestatic.assets.codings import worthwhile

    pairs = zip(measured.lengths, measured.encoded[name].lengths, strict=True)
    kept = [length for plain, length in pairs if worthwhile(plain, length)]
    return len(kept), sum(kept)


def render(measured: Measured) -> str:
    """Render the report."""
    parts = [
        "# Which parameters are worth what",
        "codings.py wrote it; README.md tells how to read it.",
        "\n".join(f"- {what}: {value}" for what, value in measured.about.items()),
        "## What is promised",
        _render_promises(measured),
        "## Candidates",
        "Bytes of what saves at least 5 % (the rest is sent as it is, and counts in no column), and CPU seconds of all:"
        " the median of three rounds; where there are no least and most, of one.",
        _render_candidates(measured),
        "## Brotli 11: bytes by window and length",
        _render_windows(measured),
        "## The 5 % rule",
        _render_rule(measured),
    ]
    return "\n\n".join(parts) + "\n"


def _render_promises(measured: Measured) -> str:
    written = {kind: value for kind, value in measured.peer.items() if isinstance(value, list)}
    ours, files = coded(measured, "brotli 11, window 22"), "{} bytes in {} files"
    best, plain = coded(measured, "libdeflate 10")[1], coded(measured, GZIP)[1]
    saved, brotli = 1 - best / plain, "reached" if ours[1] <= written[".br"][1] else "missed"
    rows = [
        ["", "ours", "beside", ""],
        [
            "all `.br` at most WhiteNoise's",
            files.format(ours[1], ours[0]),
            files.format(written[".br"][1], written[".br"][0]),
            brotli,
        ],
        [
            "all `.gz`, with the extra `gzip`, at least 3 % fewer bytes than Python's gzip 9",
            f"{best} bytes",
            f"{plain} bytes: {saved:.2%} fewer",
            "reached" if saved >= 0.03 else "missed",
        ],
    ]
    seconds = measured.peer["seconds"]
    gzip = f"WhiteNoise's `.gz` have {files.format(written['.gz'][1], written['.gz'][0])}; it took {seconds:.1f} CPU s."
    return f"{markdown(rows)}\n\n{gzip}"


def _render_candidates(measured: Measured) -> str:
    plain = sum(measured.lengths)
    rows = [["", "", "files", "bytes", "of the plain ones", "CPU s", "CPU s for 100 MB", "chosen"]]
    for name, each in measured.encoded.items():
        files, size = coded(measured, name)
        low, middle, high = min(each.seconds), median(each.seconds), max(each.seconds)
        spread = f"{middle:.2f} ({low:.2f} to {high:.2f})" if len(each.seconds) > 1 else f"{middle:.2f}"
        speed = f"{middle / plain * 100 * MB:.1f}"
        row = [measured.codings[name], name, str(files), str(size), f"{size / plain:.2%}", spread, speed]
        rows.append([*row, CHOSEN.get(name, "")])
    return markdown(rows)


def _render_windows(measured: Measured) -> str:
    rows = [["", "files", "plain bytes", *WINDOWS]]
    for name, (start, stop) in CLASSES.items():
        numbers = [number for number, length in enumerate(measured.lengths) if start <= length < stop]
        plain = sum(measured.lengths[number] for number in numbers)
        sizes = [sum(measured.encoded[window].lengths[number] for number in numbers) for window in WINDOWS]
        rows.append([name, str(len(numbers)), str(plain), *map(str, sizes)])
    return markdown(rows)


def _render_rule(measured: Measured) -> str:
    from servestatic.assets.codings import worthwhile

    rows = [["", "files kept plain that would be smaller", "their bytes", "bytes that it would save"]]
    for name in ("brotli 11, window 22", "libdeflate 10", "zstd 13, window 23"):
        pairs = list(zip(measured.lengths, measured.encoded[name].lengths, strict=True))
        kept = [(plain, length) for plain, length in pairs if length < plain and not worthwhile(plain, length)]
        saved = sum(plain - length for plain, length in kept)
        rows.append([name, str(len(kept)), str(sum(plain for plain, _ in kept)), str(saved)])
    return markdown(rows)


if __name__ == "__main__":
    sys.exit(main())
