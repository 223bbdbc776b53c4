"""Settings that are functions: what they return is checked, and an error in one is logged, not raised by a request.

A function answers for a path once, and its answer is remembered, so it must depend on nothing but its arguments.
"""

from collections.abc import Callable

from servestatic.assets.policy import FindFields
from servestatic.http.message import Fields
from servestatic.runtime.log import get_log
from servestatic.settings.convert import HeadersFunction, convert_fields

_log = get_log()


def guard_headers(function: HeadersFunction) -> FindFields:
    """Return a function that finds the fields that another one returns; none if it fails."""
    report = _report_once("headers")

    def find(name: str, path: str) -> Fields:
        try:
            return convert_fields((path and function(name, path)) or {})
        except Exception as error:  # noqa: BLE001 - the project's own code, on a request
            report(name, error)
            return ()

    return find


def guard_test(function: Callable[[str], object]) -> Callable[[str], object]:
    """Return a function that returns whether another one is true of a path; it is not if that fails."""
    report = _report_once("immutable")

    def test(name: str) -> object:
        try:
            return function(name)
        except Exception as error:  # noqa: BLE001 - the project's own code, on a request
            report(name, error)
            return False

    return test


def _report_once(setting: str) -> Callable[[str, Exception], None]:
    """Return a function that logs the first error of a setting: it may fail for each file, and for each request."""
    reported: list[str] = []

    def report(name: str, error: Exception) -> None:
        if not reported:
            reported.append(name)
            _log.error(
                "the function in the setting %s fails for %r, and maybe for others", setting, name, exc_info=error
            )

    return report
