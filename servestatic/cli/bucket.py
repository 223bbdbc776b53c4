"""`servestatic build s3://…`: puts a release into a bucket."""

from servestatic.cli.dry_run import show_foreseen
from servestatic.cli.output import amount, bar, say, say_json, size
from servestatic.errors import BuildError
from servestatic.releases.foresee import foresee_put
from servestatic.releases.history import History
from servestatic.releases.place import open_place
from servestatic.releases.put import Put, put
from servestatic.releases.retain import Retention
from servestatic.releases.selection import Form
from servestatic.releases.take import take_or
from servestatic.serving.compression.coders import codings
from servestatic.serving.index import Index
from servestatic.store import Store


def upload(index: Index, url: str, form: Form, store: Store | None, *, dry_run: bool, as_json: bool) -> None:
    """Put the release into a bucket, with codings that it or the store has, or that are made now.

    Raises:
        BuildError: the bucket cannot be reached or written.
        SettingError: it needs a package that is not installed.
    """
    place = open_place(url)
    encode = take_or(history=History(place, store, index.prefix), store=store)
    own = () if form.encoded else codings()
    try:
        with bar("encoding") as update:
            if dry_run:
                foreseen = foresee_put(place, index.catalog, Retention(), form, encode, update)
            else:
                made = put(place, index.catalog, codings=own, encode=encode, form=form, refresh=True, progress=update)
    except OSError as error:
        raise BuildError(f"{url}: {error.strerror or error}. Correct the URL or its credentials.") from error
    if dry_run:
        show_foreseen(url, foreseen, as_json=as_json)
    else:
        _show(index, url, made or Put(0, 0, 0, 0), as_json=as_json)


def _show(index: Index, url: str, made: Put, *, as_json: bool) -> None:
    if as_json:
        say_json({"out": url, "prefix": index.prefix, "release": index.release, **made._asdict()})
        return
    what = f"{amount(made.written, 'file')} written now, {size(made.size)}" if made.written else "nothing new to write"
    what += f", {amount(made.rewritten, 'file')} with other headers" if made.rewritten else ""
    say(f"{url}: release {index.release}, {what}, for URLs below {index.prefix}")
