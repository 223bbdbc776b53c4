"""How the time of some work grows with its input."""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def check_growth(work: Callable[[int], object], length: int) -> None:
    """Do work on a quarter of a length, then on all of it: 4 times as long if it is linear, 16 times if quadratic.

    Steps cannot be counted inside a regular expression. These are CPU seconds of this thread, and compared with each
    other, so neither the speed of the machine nor what else it does matters; 0.2 s are no harm in any case.
    """
    quarter, whole = _take(work, length // 4), _take(work, length)
    assert whole < 10 * quarter + 0.2, f"{quarter:.2f} s, but {whole:.2f} s for four times the length"


def _take(work: Callable[[int], object], length: int) -> float:
    """Return the CPU seconds of some work; the garbage collector waits, with all that earlier tests have left."""
    gc.disable()
    start = time.thread_time()
    try:
        work(length)
        return time.thread_time() - start
    finally:
        gc.enable()
