"""What there is to know about one URL: who won and who lost, what the fingerprint covers, what is answered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urljoin, urlsplit

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Link
from servestatic.assets.names import split_fingerprint
from servestatic.cli.absence import explain_absence, nearest_paths
from servestatic.cli.inspection import Inspected, representations, short
from servestatic.http.message import LINES, REQUEST_FIELDS, Request, Response
from servestatic.http.representation import Redirect, Resource, Target
from servestatic.pipeline.report import describe_broken, differ, is_map, positions_in, suggestions_in
from servestatic.pipeline.steps import spell_link
from servestatic.releases.rows import Entry, Row
from servestatic.serving.deliver import answer
from servestatic.standalone.apps import site_of
from servestatic.standalone.fallback import answer_without_file

_DECISIVE = REQUEST_FIELDS | {"accept"}


class Asked(NamedTuple):
    """What somebody asked about: a URL path, percent-decoded, with its query; `name` is empty if it was a URL."""

    path: str
    query: str
    name: str


def read_argument(inspected: Inspected, text: str) -> Asked:
    """Read a URL, a URL path, or a logical path."""
    if "://" in text or text.startswith("/"):
        parts = urlsplit(text if "://" in text else f"//host{text}")
        return Asked(normalize("NFC", unquote(parts.path)) or "/", parts.query, "")
    name = normalize("NFC", text.removeprefix("./"))
    known = next((each for each in inspected.index.catalog.entries() if each.name == name), None)
    return Asked(known.mount + known.public if known else inspected.index.prefix + name, "", name)


def _find_entry(inspected: Inspected, path: str) -> Entry | None:
    """Return the file that a URL path serves, by either of its names or as a page without `.html`."""
    policy = inspected.index.policy
    entries: dict[str, Entry] = {}
    for each in inspected.index.catalog.entries():
        entries.setdefault(each.mount + each.public, each)
        entries[each.mount + each.name] = each
    if path.endswith("/"):
        return entries.get(path + policy.index_file)
    return entries.get(path) or (entries.get(f"{path}.html") if policy.clean_urls else None)


def _describe_file(inspected: Inspected, entry: Entry) -> dict[str, Any]:
    """Tell all about a file."""
    plain, public = entry.mount + entry.name, entry.mount + entry.public
    file = inspected.findings.tree.files.get(plain)
    sent = [
        {"coding": each.coding, "bytes": each.length, "etag": each.etag}
        for each in representations(inspected.index, public)
    ]
    return {
        "name": entry.name,
        "url": public,
        "plain_url": plain,
        "bytes": entry.row.stamp.size,
        "sha256": entry.row.digest.hex(),
        "source": file.origin if file else "the sealed build",
        "place": short(file.place) if file else None,
        "hides": _describe_hidden(inspected, file) if file else [],
        "fingerprint": _describe_fingerprint(inspected, entry, file) if public != plain else None,
        "rewritten": _describe_references(inspected, plain, file) if file else [],
        "broken": _describe_broken(inspected, plain) if file else [],
        "representations": sent,
    }


def _describe_hidden(inspected: Inspected, file: File) -> Iterable[Mapping[str, Any]]:
    hidden = [loser for winner, loser in inspected.findings.tree.hidden if winner is file]
    return [
        {"source": each.origin, "place": short(each.place), "same_bytes": not differ(file, each, inspected.findings)}
        for each in hidden
    ]


def _describe_fingerprint(inspected: Inspected, entry: Entry, file: File | None) -> Mapping[str, Any]:
    closure = _reach(inspected, entry.mount + entry.name) if file else []
    return {"digits": entry.row.fingerprint, "covers": [inspected.findings.tree.files[each].name for each in closure]}


def _reach(inspected: Inspected, path: str) -> list[str]:
    """List the URL paths of all files that references lead to from one, directly or not."""
    reached: dict[str, None] = {}
    todo = [path]
    while todo:
        for link in _links(inspected, todo.pop()):
            if link.target not in reached and link.target != path:
                reached[link.target] = None
                todo.append(link.target)
    return sorted(reached)


def _links(inspected: Inspected, path: str) -> Sequence[Link]:
    asset = inspected.findings.assets.get(path)
    return asset.links if asset else ()


def _describe_references(inspected: Inspected, path: str, file: File) -> Iterable[Mapping[str, Any]]:
    tree, mounts = inspected.findings.tree, {each.prefix: each for each in inspected.index.catalog.mounts}

    def describe_one(link: Link, place: str) -> Mapping[str, Any]:
        target = tree.files[link.target]
        row = Row.unpack(mounts[tree.mount(target)].rows[target.name])
        served = spell_link(tree, path, link, row.fingerprint)
        return {
            "place": short(place),
            "written": link.url,
            "names": target.name,
            "becomes": served,
        }

    links = _links(inspected, path) if inspected.index.policy.fingerprints else ()
    return [*map(describe_one, links, positions_in(file, [each.start for each in links]))]


def _describe_broken(inspected: Inspected, path: str) -> Iterable[Mapping[str, Any]]:
    tree = inspected.findings.tree
    broken = (each for each in inspected.findings.broken if each.base == path and not is_map(each))
    described = describe_broken(broken, tree, suggestions_in(tree))
    return [{"place": short(place), "message": message} for place, message in described]


# ------------------------------------------------------------------------------------------------ what is answered


def explain_path(inspected: Inspected, asked: Asked, method: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Tell all about a URL path and the answer to a request for it."""
    target = inspected.index.get(asked.path)
    entry = _find_entry(inspected, asked.path)
    there = entry is not None and isinstance(target, Resource)
    response = _answer(inspected, asked, method, fields)
    return {
        "path": asked.path,
        "file": _describe_file(inspected, entry) if entry and there else None,
        "why": [] if isinstance(target, Resource) else _say_why(inspected, asked, target),
        "nearest": [] if target is not None else nearest_paths(inspected, asked.path, asked.name),
        "request": {
            "method": method,
            "fields": dict(fields),
            "ignored": sorted(fields.keys() - _DECISIVE),
        },
        "response": _describe_response(response) if response else None,
    }


def _say_why(inspected: Inspected, asked: Asked, target: Target | None) -> list[str]:
    if target is None:
        return explain_absence(inspected, asked.path, asked.name)
    if isinstance(target, Redirect):
        return [f"it leads to {urljoin(asked.path, target.location)}"]
    parts = split_fingerprint(asked.path)
    entry = _find_entry(inspected, parts[0]) if parts else None
    if entry is None:
        return []
    return [f"{entry.name} has the fingerprint {entry.row.fingerprint} by now: this is another release's, or none's"]


def _answer(inspected: Inspected, asked: Asked, method: str, fields: Mapping[str, str]) -> Response | None:
    """Return what a server answers; None where that is for the application to say."""
    decisive = {name: value for name, value in fields.items() if name in REQUEST_FIELDS}
    request = Request(method, decisive, asked.query)
    representations(inspected.index, asked.path)  # a first HEAD would not make the codings that a GET has
    target = inspected.index.get(asked.path)
    if target is not None:
        response, file = answer(inspected.index.resources, target, request)
        if file is not None:
            file.close()
        return response
    if inspected.settings.application:
        return None
    site = site_of(inspected.settings, inspected.index)
    return answer_without_file(site, asked.path, fields.get("accept", ""), request)


def _describe_response(response: Response) -> dict[str, Any]:
    line = LINES[response.status]
    return {"status": response.status, "line": line, "fields": [list(pair) for pair in response.fields]}
