"""servestatic_report: the report of `servestatic report` on the static files of the project, with its settings."""

from argparse import ArgumentParser
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings as django
from django.core.management.base import BaseCommand, CommandError
from django.test import Client

from servestatic.django.finders import sources
from servestatic.django.holder import configure
from servestatic.errors import ServeStaticError, explain
from servestatic.factory import examine
from servestatic.releases.lookup import Found
from servestatic.serving.index import Index

if TYPE_CHECKING:
    from servestatic.cli.report.page import Lengths, Page

_OPTIONS = (
    ("--page", "PAGE", "Show what a page loads: a URL path of the project, or the name of a static file."),
    ("--against", "PLACE", "Compare with this sealed build, or with the id of a release in --place."),
    ("--place", "PLACE", "Directory or bucket with the releases; by default the setting SERVESTATIC_RELEASES."),
    ("--html", "FILE", "Write a self-contained HTML file."),
)


class Command(BaseCommand):
    """Show how large the static files are, what a page loads, and what a deploy costs a visitor."""

    help = "Show how large the static files are, what a page loads, and what a deploy costs a visitor."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options of `servestatic report` that are not settings."""
        for option, metavar, text in _OPTIONS:
            parser.add_argument(option, metavar=metavar, default="", help=text)
        parser.add_argument("--open", action="store_true", help="Open it in the browser.")
        parser.add_argument("--json", action="store_true", help="Write JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show the report."""
        try:
            _report(options)
        except ImportError as error:
            raise CommandError(f"A package is not installed ({error}): pip install 'statictree[cli]'") from error
        except (ServeStaticError, ExceptionGroup) as error:
            raise CommandError(explain(error)) from error


def _report(options: dict[str, Any]) -> None:
    from servestatic.cli.inspection import Inspection
    from servestatic.cli.report.gather import gather
    from servestatic.cli.report.releases import compare_with, find_release
    from servestatic.cli.report.show import Wanted, show

    settings = configure(fingerprints=True)._replace(live=False, build="", compress="build", strict=False)
    where = options["place"] or settings.releases
    compare = partial(compare_with, find_release(options["against"], where)) if options["against"] else None
    index, findings = examine(sources(), settings)
    inspected = Inspection(settings, (str(django.SETTINGS_MODULE),), index, findings)
    page = _follow(index, options["page"]) if options["page"] else None
    show(gather(inspected, page=page, compare=compare), Wanted(options["html"], options["open"], options["json"]))


def _follow(index: Index, asked: str) -> "Callable[[Lengths], Page]":
    """Return what follows a page: a static file, or else a page of the project."""
    from servestatic.cli.report.page import follow, follow_file, list_named, locate

    if not asked.startswith("/") or isinstance(index.catalog.find(asked), Found):
        return partial(follow_file, index, locate(index, asked))
    content = _render(asked)
    first = list_named(index.catalog, asked, content)

    def follow_page(lengths: "Lengths") -> "Page":
        return follow(index.catalog, asked, asked, first, {**lengths, asked: (len(content), len(content))})

    return follow_page


def _render(path: str) -> bytes:
    """Return a page of the project as an anonymous visitor gets it.

    Raises:
        CommandError: it is not a page.
    """
    hosts = (host.lstrip(".") for host in django.ALLOWED_HOSTS if host != "*")
    client = Client(raise_request_exception=False, HTTP_HOST=next(hosts, "localhost"))
    response: Any = client.get(path, secure=True, follow=True)
    kind = response.headers.get("Content-Type", "")
    if response.status_code != 200 or not kind.startswith(("text/html", "application/xhtml+xml")):
        raise CommandError(f"{path} is answered with {response.status_code} {kind}: name a page that anyone may see.")
    return response.getvalue() if response.streaming else bytes(response.content)
