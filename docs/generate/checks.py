"""The page docs/reference/checks.md: the table of checks. `python -m docs.generate.checks` writes it."""

from collections.abc import Iterable
from pathlib import Path

from servestatic.django.checks.check import Check
from servestatic.django.checks.deployment import DEPLOYMENT
from servestatic.django.checks.installation import CHECKS as INSTALLATION
from servestatic.django.checks.table import PROJECT

PAGE = Path(__file__).parents[2] / "docs/reference/checks.md"

_HEAD = """\
# System checks

There are {count} checks. `manage.py check` runs those of the first table, and so do runserver, migrate and test before
they begin; `manage.py check --deploy` runs the others too, and `--tag servestatic` none but ours. In CI:

```console
$ python manage.py check --deploy --fail-level WARNING
```

Ids that begin with E are errors, with which Django's commands do not go on; those that begin with W are warnings,
those that begin with I advice. One that you have thought about is silenced for good in the settings:

```python
SILENCED_SYSTEM_CHECKS = ["servestatic.W003"]
```

The checks are the app's, so `servestatic.django` has to be in INSTALLED_APPS. Where it is missing, the middleware says
so in the log.

This page is generated from `servestatic/django/checks/table.py`.

## Always

{project}

## With `--deploy`

Every template of every Django engine is compiled, and every `{{% static %}}` with a literal name is looked up in the
sources, in blocks, branches and `{{% static … as … %}}` too; so is what forms, widgets and the admin's registered
models name in their media. A template that does not compile is left out, and Jinja's are not looked at. The URLconf is
imported, so that the forms of views are known; nothing is rendered, digested or compressed, except for W027.

{deployment}

## Order of middleware

ServeStaticMiddleware belongs directly after SecurityMiddleware: what comes before it handles every file. These do no
harm there, but cost time for each file: GZipMiddleware, ConditionalGetMiddleware, CommonMiddleware, CsrfViewMiddleware,
AuthenticationMiddleware, MessageMiddleware, XFrameOptionsMiddleware.
"""


def render() -> str:
    """Write the page."""
    count = len((*INSTALLATION, *PROJECT, *DEPLOYMENT))
    return _HEAD.format(count=count, project=_table((*INSTALLATION, *PROJECT)), deployment=_table(DEPLOYMENT))


def _table(rows: Iterable[Check]) -> str:
    lines = ["| id | found when | why, and what to do |", "|---|---|---|"]
    lines += [f"| `servestatic.{row.id}` | {row.condition} | {_plain(row.hint)} |" for row in rows]
    return "\n".join(lines)


# What a finding puts into its hint, where the page can say it for all.
_WORDS = {
    "age": "60",
    "harm": "collectstatic writes over sources, deletes them, or collects what it wrote",
    "host": "cdn.example.com",
    "how": "The hint says what to write.",
    "instead": "the hint names ours",
    "module": "django_heroku",
    "name": "folder",
    "nearest": "The hint names the nearest.",
    "other": "servestatic",
    "ours": "statictree",
    "remedy": "The message names the nearest setting; the hint says what another ServeStatic's became.",
    "why": "The hint says why, or what it became.",
}


def _plain(hint: str) -> str:
    """Write a hint without a finding."""
    return hint.format_map(_WORDS).replace("|", "\\|").replace("SERVESTATIC_*", "SERVESTATIC_\\*")


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
