"""Errors as people read them, and names that were probably meant."""

import pytest

from servestatic.errors import BuildError, SettingError, explain, nearest


def test_ours_are_their_sentences() -> None:
    assert explain(SettingError("max_age is not a number.")) == "max_age is not a number."
    group = ExceptionGroup("two are wrong", [BuildError("one."), SettingError("other.")])
    assert explain(group, "  ") == "two are wrong:\n  one.\n  other."


def test_others_keep_their_traceback() -> None:
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError as error:
        text = explain(error)
    assert text.startswith("Traceback (most recent call last):")
    assert text.endswith("ZeroDivisionError: by nothing\n")


@pytest.mark.parametrize("name", ["max_agee", "mx_age"])
def test_the_nearest_name(name: str) -> None:
    assert nearest(name, ["max_age", "sources"]) == " Did you mean 'max_age'?"


@pytest.mark.parametrize("name", ["prefix", ""])
def test_no_name_is_near(name: str) -> None:
    assert nearest(name, ["max_age", "sources"]) == ""
