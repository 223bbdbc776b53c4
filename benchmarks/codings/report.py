"""The report: what is promised, every candidate, and what windows and the 5 % rule are worth."""

from typing import NamedTuple

from benchmarks.codings.candidates import CHOSEN
from benchmarks.lib.report import join, write_list, write_table
from benchmarks.lib.statistics import spread
from servestatic.assets.coding import worthwhile

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

    def coded(self, name: str) -> tuple[int, int]:
        """Return how many contents a candidate makes small enough to keep, and the bytes of these."""
        pairs = zip(self.lengths, self.encoded[name].lengths, strict=True)
        kept = [length for plain, length in pairs if worthwhile(plain, length)]
        return len(kept), sum(kept)


def render(measured: Measured) -> str:
    """Render the report."""
    return join(
        [
            "# Which parameters are worth what",
            "`python -m benchmarks.codings` wrote this; README.md explains how to read it.",
            write_list(measured.about),
            "## What is promised",
            _render_promises(measured),
            "## Candidates",
            "Bytes of what saves at least 5 % (the rest is sent as it is, and counts in no column), and CPU seconds of"
            " all: the median of three rounds, with least and most where they differ; slow candidates have one round.",
            _render_candidates(measured),
            "## Brotli 11: bytes by window and length",
            _render_windows(measured),
            "## The 5 % rule",
            _render_rule(measured),
        ]
    )


def _render_promises(measured: Measured) -> str:
    written = {kind: value for kind, value in measured.peer.items() if isinstance(value, list)}
    ours, files = measured.coded("brotli 11, window 22"), "{} bytes in {} files"
    best, plain = measured.coded("libdeflate 10")[1], measured.coded(GZIP)[1]
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
    return f"{write_table(rows)}\n\n{gzip}"


def _render_candidates(measured: Measured) -> str:
    plain = sum(measured.lengths)
    rows = [["", "", "files", "bytes", "of the plain ones", "CPU s", "CPU s for 100 MB", "chosen"]]
    for name, encoded in measured.encoded.items():
        files, size = measured.coded(name)
        seconds = spread(encoded.seconds)
        speed = f"{seconds.median / plain * 100 * MB:.1f}"
        row = [measured.codings[name], name, str(files), str(size), f"{size / plain:.2%}", seconds.write(2), speed]
        rows.append([*row, CHOSEN.get(name, "")])
    return write_table(rows)


def _render_windows(measured: Measured) -> str:
    rows = [["", "files", "plain bytes", *WINDOWS]]
    for name, (start, stop) in CLASSES.items():
        numbers = [number for number, length in enumerate(measured.lengths) if start <= length < stop]
        plain = sum(measured.lengths[number] for number in numbers)
        sizes = [sum(measured.encoded[window].lengths[number] for number in numbers) for window in WINDOWS]
        rows.append([name, str(len(numbers)), str(plain), *map(str, sizes)])
    return write_table(rows)


def _render_rule(measured: Measured) -> str:
    rows = [["", "files kept plain that would be smaller", "their bytes", "bytes that it would save"]]
    for name in ("brotli 11, window 22", "libdeflate 10", "zstd 13, window 23"):
        pairs = list(zip(measured.lengths, measured.encoded[name].lengths, strict=True))
        kept = [(plain, length) for plain, length in pairs if length < plain and not worthwhile(plain, length)]
        saved = sum(plain - length for plain, length in kept)
        rows.append([name, str(len(kept)), str(sum(plain for plain, _ in kept)), str(saved)])
    return write_table(rows)
