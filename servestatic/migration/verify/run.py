"""Runs the probe with the old settings and with the edited ones, and compares what it found."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from servestatic.migration.source import MigrationError
from servestatic.migration.verify.answer import Answer
from servestatic.migration.verify.compare import Difference, compare_all
from servestatic.migration.verify.project import Django

_PROBE = Path(__file__).with_name("probe.py")
_MIDDLEWARE = {
    "whitenoise": "whitenoise.middleware.WhiteNoiseMiddleware",
    "servestatic": "servestatic.middleware.ServeStaticMiddleware",
}
_REMEDIES = {
    "whitenoise": "Keep it until you have compared (pip install whitenoise), or name the interpreter of an environment"
    " that has it: --old-python old/bin/python.",
    "servestatic": "The other ServeStatic has the import name of this package, so one environment holds only one of"
    " them. Install it with the project's requirements into another, and name that: --old-python old/bin/python.",
}
_USUAL_REMEDY = "Run the command in the environment of the project."


class Asked(TypedDict):
    """What the probe is asked.

    Attributes:
        root: the folder that the project's modules are imported from.
        settings: the settings module.
        texts: what modules are read instead of their files, by the real path of these.
        variables: of the environment.
        collect: whether collectstatic is to run.
        package: whose middleware serves.
        middleware: the one that serves if none in MIDDLEWARE does; empty for none.
        at_root: URLs outside of the prefix; None for those that the middleware has.
        out: an empty folder for STATIC_ROOT; `bodies` is the one for bodies.
    """

    root: str
    settings: str
    texts: Mapping[str, str]
    variables: Mapping[str, str]
    collect: bool
    package: str
    middleware: str
    at_root: list[str] | None
    out: str
    bodies: str


class Old(NamedTuple):
    """How the project was: texts of its files by path, the predecessor's package, and an interpreter that has it."""

    texts: Mapping[Path, str]
    package: str
    python: str


class Side(NamedTuple):
    """What the probe found: the dotted paths of storage and middleware (or empty), and whether DEBUG was on."""

    storage: str
    middleware: str
    debug: bool
    files: Mapping[str, Answer]


class Verified(NamedTuple):
    """Both sides, and what differs."""

    old: Side
    new: Side
    differences: Sequence[Difference]


def verify(project: Django, old: Old, new_texts: Mapping[Path, str]) -> Verified:
    """Collect and request all files with the old texts and with the new ones; nothing of the project is changed.

    Raises:
        MigrationError: the project does not run with the old settings, or not with the new ones.
    """
    with tempfile.TemporaryDirectory(prefix="servestatic-") as folder:
        bodies = os.path.join(folder, "bodies")
        os.mkdir(bodies)
        asked = Asked(
            root=os.fspath(project.root),
            settings=project.settings,
            texts=_by_real_path(old.texts),
            variables={},
            collect=True,
            package=old.package,
            middleware=_MIDDLEWARE.get(old.package, ""),
            at_root=None,
            out=os.path.join(folder, "old"),
            bodies=bodies,
        )
        before = _run("old", old.python, asked)
        edited: Asked = {
            **asked,
            "texts": _by_real_path(new_texts),
            "variables": _keep_apart(folder),
            "collect": False,
            "package": "servestatic",
            "middleware": "servestatic.django.ServeStaticMiddleware",
            "at_root": before["at_root"],
            "out": os.path.join(folder, "new"),
        }
        after = _run("edited", sys.executable, edited)
        old_side, new_side = _read(before), _read(after)
        differences = compare_all(old_side.files, new_side.files, lambda digest: Path(bodies, digest).read_bytes())
        return Verified(old_side, new_side, differences)


def _by_real_path(texts: Mapping[Path, str]) -> dict[str, str]:
    return {os.path.realpath(path): text for path, text in texts.items()}


def _keep_apart(folder: str) -> dict[str, str]:
    """Return settings with which an index keeps nothing but in a folder, and takes nothing from elsewhere."""
    store = os.path.join(folder, "store")
    return {
        "SERVESTATIC_STORE": store,
        "SERVESTATIC_RELEASES": "none",
        "SERVESTATIC_BUILD": "",
        "SERVESTATIC_COMPRESS": "build",
    }


def _run(which: str, python: str, asked: Asked) -> dict[str, Any]:
    os.mkdir(asked["out"])
    path = os.path.join(asked["out"], "asked")
    Path(path).write_text(json.dumps(asked), "utf-8")
    variables = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    line = [python, "-c", _PROBE.read_text("utf-8"), path]
    done = subprocess.run(  # noqa: S603 - the interpreter that the user names, or this one
        line, cwd=asked["root"], env=variables, capture_output=True, check=False
    )
    try:
        answer: dict[str, Any] = json.loads(Path(asked["out"], "answer").read_text("utf-8"))
    except FileNotFoundError as error:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise MigrationError(f"Python ended early with the {which} settings: {' '.join(said[-1:])}") from error
    if "error" in answer:
        raise MigrationError(_say_error(which, python, answer))
    return answer


def _say_error(which: str, python: str, answer: Mapping[str, str]) -> str:
    if answer["error"] == "not local":
        return (
            f"The {which} settings have the storage {answer['storage']}, which does not write to STATIC_ROOT."
            " Only what is collected into a folder can be compared."
        )
    missing = answer.get("module", "")
    if missing:
        remedy = _REMEDIES.get(missing.partition(".")[0], _USUAL_REMEDY) if which == "old" else _USUAL_REMEDY
        return f"The {which} settings need {missing}, which {python} does not have. {remedy}"
    return f"The project does not run with the {which} settings: {answer['error']}"


def _read(answer: Mapping[str, Any]) -> Side:
    files = {name: _read_file(described) for name, described in answer["files"].items()}
    return Side(answer["storage"], answer["middleware"], answer["debug"], files)


def _read_file(described: Mapping[str, Any]) -> Answer:
    return Answer(**{field: value for field, value in described.items() if field in Answer._fields})
