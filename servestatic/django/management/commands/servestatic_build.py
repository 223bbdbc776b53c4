"""servestatic_build: the release of the project's finders and settings, as a sealed build or in a bucket."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.checks import Tags
from django.core.management import BaseCommand, CommandError

from servestatic.django.finders import sources
from servestatic.django.holder import configure
from servestatic.errors import ServeStaticError, SettingError, explain
from servestatic.factory import build
from servestatic.releases.document import is_build
from servestatic.releases.foresee import Foreseen, foresee_build, foresee_put
from servestatic.releases.history import History
from servestatic.releases.place import open_place
from servestatic.releases.previous import Previous, open_previous
from servestatic.releases.put import put
from servestatic.releases.retain import Retention, read_age
from servestatic.releases.selection import Form
from servestatic.releases.take import take_or
from servestatic.serving.compression.coders import codings
from servestatic.serving.index import Index
from servestatic.store import open_store


class Command(BaseCommand):
    """Puts what the server would collect into a place: the same names, bytes and codings."""

    help = (
        "Writes a sealed build of the static files to a directory, or puts their release into a bucket (s3://…)."
        " The finders and settings are those of the project."
    )

    requires_system_checks = (Tags.staticfiles,)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add those of `servestatic build`."""
        parser.add_argument(
            "place", nargs="?", default="", help="Directory or bucket; by default that of SERVESTATIC_RELEASES."
        )
        parser.add_argument(
            "--keep-releases", type=int, default=2, help="How many earlier releases to keep in a directory."
        )
        parser.add_argument("--keep-for", default="7d", help="How long to keep others there.")
        parser.add_argument(
            "--previous", default="", help="Directory, bucket or site whose releases are copied into it."
        )
        parser.add_argument("--encoded", choices=["br", "gzip"], help="Store files in a bucket in this coding.")
        parser.add_argument("--plain-names", action="store_true", help="Store plain names in a bucket, too.")
        parser.add_argument("--dry-run", action="store_true", help="Only show what would be written and removed.")

    def handle(self, *, place: str, encoded: str | None, plain_names: bool, **options: Any) -> str:
        """Write or put the release."""
        try:
            settings = configure(fingerprints=True)._replace(live=False, build="", compress="build")
            place = place or settings.releases
            if place in ("", "none"):
                raise SettingError("no place is named: pass one, or set SERVESTATIC_RELEASES.")
            index = build(sources(), settings)
            if "://" not in place:
                return _build(index, place, **options)
            form = Form(plain_names, next((coding for coding in codings() if coding.name == encoded), None))
            return _put(index, place, form, settings.store, dry_run=options["dry_run"])
        except ServeStaticError as error:
            raise CommandError(str(error)) from error
        except ExceptionGroup as group:
            raise CommandError(explain(group)) from group
        except OSError as error:
            raise CommandError(f"{place}: {error.strerror or error}. Correct the place or its credentials.") from error


def _build(
    index: Index, out: str, *, keep_releases: int, keep_for: str, previous: str, dry_run: bool, **_: object
) -> str:
    path, retention = Path(out), Retention(keep_releases + 1, read_age(keep_for))
    if path.is_dir() and any(path.iterdir()) and not is_build(path):
        raise SettingError(f"{out} has files that do not belong to a sealed build. Name a new or empty directory.")
    if dry_run:
        before = Previous(open_previous(previous), index.prefix) if previous else None
        return _describe(out, foresee_build(index.catalog, path, retention, before))
    kept: dict[str, Any] = {"keep_releases": keep_releases, "keep_for": keep_for, "previous": previous}
    done = index.write(out, **kept)
    return f"{out}: release {index.release}, {done.files:,} files, {done.written:,} of them written now."


def _put(index: Index, url: str, form: Form, store_setting: str, *, dry_run: bool) -> str:
    place, store = open_place(url), open_store(store_setting)
    encode = take_or(history=History(place, store, index.prefix), store=store)
    if dry_run:
        return _describe(url, foresee_put(place, index.catalog, Retention(), form, encode))
    beside = () if form.encoded else codings()
    done = put(place, index.catalog, codings=beside, encode=encode, form=form, refresh=True)
    written, rewritten = (done.written, done.rewritten) if done else (0, 0)
    return f"{url}: release {index.release}, {written:,} files written now, {rewritten:,} with other headers."


def _describe(place: str, foreseen: Foreseen) -> str:
    release, new, fields, same, removable = foreseen
    counts = f"{len(new):,} files are new, {len(fields):,} have other headers, {len(same):,} stay"
    return f"{place}: release {release}. {counts}, {removable.files:,} can be removed. Nothing was written."
