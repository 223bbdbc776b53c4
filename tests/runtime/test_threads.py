"""Work that threads share: all of it is done, in order, and the first error ends it."""

import threading
from concurrent.futures import Future

import pytest

from servestatic.runtime.threads import run_in_threads


@pytest.mark.parametrize("threads", [None, 1, 3, 50])
@pytest.mark.parametrize("count", [0, 1, 7, 200])
def test_each_item_once_and_results_in_order(threads: int | None, count: int) -> None:
    done: list[int] = []

    def work(item: int) -> int:
        done.append(item)
        return item * 2

    assert run_in_threads(work, range(count), threads) == [item * 2 for item in range(count)]
    assert sorted(done) == [*range(count)]


def test_two_at_a_time() -> None:
    both = threading.Barrier(2, timeout=10)
    run_in_threads(lambda _: both.wait(), range(2), 2)  # raises where one waits for the other's end


def test_an_error_ends_it() -> None:
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 3:
            raise ValueError("three")

    with pytest.raises(ValueError, match="three"):
        run_in_threads(work, range(1000), 1)
    assert begun == [0, 1, 2, 3]


def test_an_interruption_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C reaches the thread that waits: the others finish what they are at, and take nothing more."""
    begun: list[int] = []
    go, gone = threading.Event(), threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        go.wait(10)
        gone.set()

    def interrupt(future: Future[None], timeout: float | None = None) -> None:
        go.set()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Future, "result", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_in_threads(work, range(1000), 1)
    assert gone.wait(10)
    assert begun[0] == 0
    assert len(begun) < 1000
