"""`servestatic explain`: explains the answer to a URL."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from servestatic.cli.explanation import Question, explain_path, read_argument
from servestatic.cli.inspection import inspect
from servestatic.cli.options import SettingsCommand, as_json, directories, settings_as_options
from servestatic.cli.output import TableColumn, amount, say, say_json, say_table
from servestatic.disk.read import read_file
from servestatic.errors import UnknownAsset
from servestatic.http.dictionary import ASKED, DELTA, read_dictionary, write_dictionary

_BROWSER = {"accept-encoding": "gzip, deflate, br, zstd", "accept": "*/*"}
_MAX_COVERED = 20


@click.command(cls=SettingsCommand)
@click.argument("what", metavar="URL|NAME")
@directories
@click.option(
    "-H", "--header", "sent", multiple=True, metavar="'Name: value'", help="Header of the request; may be repeated."
)
@click.option(
    "--available-dictionary",
    "dictionary",
    metavar="FILE|:SHA-256:",
    help="Earlier version of the file that the browser has: the response may be the difference.",
)
@click.option("-X", "--method", default="GET", show_default=True, metavar="METHOD", help="Method of the request.")
@as_json
@settings_as_options("application_interface", "compress", "live", "strict")
def explain(
    what: str,
    sources: tuple[str, ...],
    sent: tuple[str, ...],
    dictionary: str | None,
    method: str,
    *,
    as_json: bool,
    **settings: object,
) -> None:
    """Explain what a URL serves, or how a file is served.

    URL is a whole URL or begins with a slash; anything else is the NAME of a file, such as css/app.css. Without -H, the
    request is a browser's for a script or an image. If a fingerprint is not the current one, the releases of the place
    (--releases) are searched for it. Exit with 1 if the response is a 404.
    """
    fields = _read_fields(sent) if sent else _BROWSER
    fields = {**fields, **_read_dictionary(dictionary, fields)} if dictionary else fields
    inspected = inspect(sources, settings, others=True)
    asked = read_argument(inspected, what)
    explanation = explain_path(inspected, asked, method, fields)
    if asked.name and not explanation["file"]:
        remedy = " It is a directory: name a file or a URL, then the directory." if os.path.isdir(what) else ""
        raise UnknownAsset(_say_unknown(asked, explanation) + remedy)
    if as_json:
        say_json(explanation)
    else:
        _show(explanation)
    if explanation["response"] and explanation["response"]["status"] == 404:
        raise SystemExit(1)


def _say_unknown(asked: Question, explanation: Mapping[str, Any]) -> str:
    nearest = [repr(name) for name in explanation["nearest"]]
    meant = f" The nearest are {', '.join(nearest)}." if nearest else ""
    return f"{asked.name!r}: {'; '.join(explanation['why'])}.{meant}"


def _read_fields(lines: tuple[str, ...]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for text in lines:
        name, colon, value = text.partition(":")
        known = name.strip().lower()
        if not colon or not known:
            raise click.BadParameter(f"{text!r} is not a header. Write it as 'Accept-Encoding: br'.", param_hint="-H")
        fields[known] = f"{fields[known]}, {value.strip()}" if known in fields else value.strip()
    return fields


def _read_dictionary(given: str, fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a browser that has a file, given its path, or its SHA-256 as the browser sends it."""
    if read_dictionary(given) is None:
        try:
            given = write_dictionary(read_file(given).digest)
        except OSError as error:
            problem = f"{given!r}: {error.strerror or error}. Name a file, or its SHA-256 as :base64:."
            raise click.BadParameter(problem, param_hint="--available-dictionary") from error
    accepted = fields.get("accept-encoding", "")
    return {"accept-encoding": f"{accepted}, {DELTA}".removeprefix(", "), ASKED: given}


# ----------------------------------------------------------------------------------------------------- the text


class _Line(NamedTuple):
    label: str
    text: str


def _show(explanation: Mapping[str, Any]) -> None:
    if explanation["file"]:
        _show_file(explanation["file"])
    else:
        say(explanation["path"], "bold")
        for reason in explanation["why"]:
            say(f"  {reason}.", indent=2)
        if explanation["nearest"]:
            say(f"  Nearest: {', '.join(explanation['nearest'])}", indent=2)
    _show_exchange(explanation)


def _show_file(file: Mapping[str, Any]) -> None:
    say(file["name"], "bold")
    lines = [_Line("URL", file["url"])]
    if file["plain_url"] != file["url"]:
        lines.append(_Line("plain URL", file["plain_url"]))
    lines.append(_Line("source", f"{file['place'] or file['source']}, {file['bytes']:,} bytes"))
    lines += [
        _Line("hides", f"{hidden['place']}, {'the same bytes' if hidden['same_bytes'] else 'other bytes'}")
        for hidden in file["hides"]
    ]
    if fingerprint := file["fingerprint"]:
        covered = _say_covered(fingerprint["covers"], alone=not file["broken"])
        lines.append(_Line("fingerprint", f"{fingerprint['digits']} covers {covered}"))
    else:
        lines.append(_Line("fingerprint", "none: it has only its plain name"))
    lines += [_Line("broken", f"{_position(file, broken)}: {broken['message']}") for broken in file["broken"]]
    for label, text in lines:
        say(f"  {label:<13}{text}", indent=15)
    _show_references(file)
    say()
    rows = [(f"  {sent['coding']}", f"{sent['bytes']:,}", sent["etag"]) for sent in file["representations"]]
    say_table((TableColumn("  coding"), TableColumn("bytes", right=True), TableColumn("entity tag")), rows)


def _show_references(file: Mapping[str, Any]) -> None:
    rows = [(f"  {_position(file, edit)}", edit["written"], edit["becomes"]) for edit in file["rewritten"]]
    if rows:
        say()
        say_table((TableColumn("  at"), TableColumn("in the source"), TableColumn("as served", below=True)), rows)


def _position(file: Mapping[str, Any], reference: Mapping[str, str]) -> str:
    """Return the line and column of a reference, without its file."""
    return reference["place"].removeprefix(f"{file['place']}:")


def _say_covered(names: list[str], *, alone: bool) -> str:
    if not names:
        return "only this file: it refers to no other" if alone else "only this file"
    more = f" and {len(names) - _MAX_COVERED} more" if len(names) > _MAX_COVERED else ""
    return f"this file and {amount(len(names), 'other')}: {', '.join(names[:_MAX_COVERED])}{more}"


def _show_exchange(explanation: Mapping[str, Any]) -> None:
    request, response = explanation["request"], explanation["response"]
    say()
    say(f"  {request['method']} {explanation['path']}", "bold")
    for name, value in request["fields"].items():
        ignored = "  (no response depends on it)" if name in request["ignored"] else ""
        say(f"  {name.title()}: {value}{ignored}")
    if kept := explanation["kept"]:
        say()
        say(
            f"  200 OK with the {kept['bytes']:,} bytes of release {kept['release']}, from processes that use the place"
        )
        return
    if response is None:
        say()
        say("  No file has this URL: the application answers.")
        return
    say()
    say(f"  {response['line']}", "bold")
    for name, value in response["fields"]:
        say(f"  {name}: {value}")
