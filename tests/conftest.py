"""What every test may rely on; at the end, what was measured, how many rows of the conformance table ran, and the seed.

No store but one that a test asks for, and no settings from the environment of the machine. A row of the table that an
adapter did not run fails the run.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest

for _name in [name for name in os.environ if name.startswith("SERVESTATIC_")]:
    del os.environ[_name]
os.environ["SERVESTATIC_STORE"] = "none"

with contextlib.suppress(ImportError):  # suites that need other programs do without it
    import hypothesis

    # How long an example takes depends on what else the machine does.
    hypothesis.settings.register_profile(
        "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
    )
    hypothesis.settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Run one more process than there are processors: tests wait for servers, files and clocks now and then."""
    return min(8, (os.cpu_count() or 1) + 1)


_LONG = (  # the files that take longest: those of servers and processes, and of many requests
    "tests/servers/",
    "tests/store/test_faults.py",
    "tests/pipeline/test_start.py",
    "tests/adapters/test_changes.py",
    "tests/adapters/test_contract.py",
    "tests/django/test_middleware.py",
    "tests/docs/test_pages.py",
    "tests/frameworks/test_examples.py",
    "tests/typing/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files, in random order, so that in the end no process works while others have nothing."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONG))


def pytest_sessionstart() -> None:
    """Let threads that give way to everything else not give way to other tests: it would take them minutes."""
    pytest.MonkeyPatch().setattr("servestatic.runtime.worker._lower_priority", lambda: None)


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    """What a program sets for its whole process, such as a command, must not reach the next test.

    Nor must what threads of earlier tests log: they may still work for an index that no test uses any more.
    """
    loggers = [logging.getLogger(), logging.getLogger("servestatic")]
    before = [(logger, logger.level, logger.propagate) for logger in loggers]
    earlier = {thread.ident for thread in threading.enumerate() if thread.name.startswith("servestatic")}

    def is_of_this_test(record: logging.LogRecord) -> bool:
        return record.thread not in earlier

    loggers[1].addFilter(is_of_this_test)
    yield
    loggers[1].removeFilter(is_of_this_test)
    for logger, level, propagate in before:
        logger.setLevel(level)
        logger.propagate = propagate


_MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Keeps a line, or several, for the end of the run."""
    return request.config.stash.setdefault(_MEASURED, []).append


_ran: dict[str, set[str]] = defaultdict(set)
_selected = True


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Forgive what was left out on request (-k, -m, a node id)."""
    global _selected
    _selected = _selected and not items


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a row that really ran: neither skipped nor expected to fail."""
    said = dict(report.user_properties)
    if report.when == "call" and "row" in said and not report.skipped and not hasattr(report, "wasxfail"):
        _ran[str(said["adapter"])].add(str(said["row"]))


def _all_rows() -> int:
    from tests.http.conformance import ROWS

    return len(ROWS)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where an adapter ran fewer rows than there are."""
    whole = _selected and not any("::" in argument for argument in session.config.args)
    if whole and any(len(rows) < _all_rows() for rows in _ran.values()):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print what was measured, and the count for each adapter."""
    if told := config.stash.get(_MEASURED, []):
        terminalreporter.section("what was measured")
        terminalreporter.write_line("\n".join(told))
    if _ran:
        terminalreporter.section("rows of the conformance table")
    for adapter, rows in _ran.items():
        terminalreporter.write_line(f"{adapter:32} {len(rows)} of {_all_rows()}")
    if seed := getattr(config.option, "randomly_seed", None):  # -q leaves it out where it is needed: after a failure
        terminalreporter.write_line(f"in the order of --randomly-seed={seed}")
