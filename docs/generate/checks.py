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
they begin. `manage.py check --deploy` runs the others, too; `--tag servestatic` runs only ours. In CI:

```console
$ python manage.py check --deploy --fail-level WARNING
```

Ids that begin with E are errors, which stop Django's commands; those that begin with W are warnings, those that begin
with I are advice. Silence a check in the settings:

```python
SILENCED_SYSTEM_CHECKS = ["servestatic.W003"]
```

The checks need `servestatic.django` in INSTALLED_APPS. If it is missing, the middleware logs a warning.

This page is generated from `servestatic/django/checks/table.py`.

## Always

{project}

## With `--deploy`

These compile every template of every Django engine, and look up every `{{% static %}}` with a literal name in the
sources, including those in blocks, branches and `{{% static … as … %}}`. They do the same with the media of forms,
widgets and the admin's registered models. Templates that do not compile are skipped, and so are Jinja's. The URLconf is
imported to find the forms of views. Nothing is rendered, digested or compressed, except for W027.

{deployment}

## Order of middleware

ServeStaticMiddleware belongs directly after SecurityMiddleware: all before it handle every file. These do no harm
there, but cost time for each file: GZipMiddleware, ConditionalGetMiddleware, CommonMiddleware, CsrfViewMiddleware,
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
