"""Workflows run the steps of `.ci/run`, and have no logic of their own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
# What a step runs besides `.ci/run STEP`: it installs what that needs.
PREPARES = re.compile(r"apt-get update && apt-get install --yes [\w .-]+|python -m pip install nox")
RUNS = re.compile(r"\.ci/run [\w${}. -]+|python -m nox --session \"units\([\w${}. -]+\)\"")


def load(name: str) -> dict[str, Any]:
    loaded = yaml.safe_load((ROOT / ".github" / name).read_text("utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def steps_of_ci() -> list[str]:
    """Return the steps of `.ci/run`, as its last list has them."""
    found = re.search(r"^steps=\((.*)\)$", (ROOT / ".ci/run").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1].split()


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_they_were_found() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "publish.yml"]


def test_every_step_of_ci_is_run() -> None:
    matrix = load("workflows/ci.yml")["jobs"]["linux"]["strategy"]["matrix"]["step"]
    assert matrix == steps_of_ci()


@pytest.mark.parametrize("name", [path.name for path in WORKFLOWS])
def test_no_logic_of_their_own(name: str) -> None:
    lines = [step["run"] for step in steps(load(f"workflows/{name}")) if "run" in step]
    assert lines
    for line in lines:
        assert PREPARES.fullmatch(line) or RUNS.fullmatch(line), line
        assert "${{" not in re.sub(r"\$\{\{ matrix\.\w+ \}\}", "", line), "text of others is no part of a command"


@pytest.mark.parametrize("name", [path.name for path in WORKFLOWS])
def test_rights_are_the_least(name: str) -> None:
    workflow = load(f"workflows/{name}")
    assert workflow["permissions"] == {}
    rights = {job: tuple(each.get("permissions", {}).items()) for job, each in workflow["jobs"].items()}
    may_publish = {job for job, each in rights.items() if ("id-token", "write") in each}
    assert may_publish == ({"publish"} if name == "publish.yml" else set())
    assert all(set(each) <= {("contents", "read"), ("id-token", "write")} for each in rights.values())
    assert not any("run" in step for step in workflow["jobs"].get("publish", {"steps": ()})["steps"])


@pytest.mark.parametrize("name", [path.name for path in WORKFLOWS])
def test_actions_are_pinned(name: str) -> None:
    """By commit, but that of PyPI: its documentation names the branch, and what it signs depends on its newest code."""
    for step in steps(load(f"workflows/{name}")):
        if "uses" in step and not step["uses"].startswith("pypa/gh-action-pypi-publish@release/v1"):
            assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}", step["uses"]), step["uses"]


def test_dependabot_follows_actions_and_packages() -> None:
    ecosystems = {each["package-ecosystem"] for each in load("dependabot.yml")["updates"]}
    assert ecosystems == {"github-actions", "pip", "npm"}
