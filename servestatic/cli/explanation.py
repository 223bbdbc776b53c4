"""All about one URL: which file wins and which it hides, what its fingerprint covers, what a request is answered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import unquote, urljoin, urlsplit

from servestatic.assets.file import File
from servestatic.assets.fingerprint import Link
from servestatic.assets.names import split_fingerprint
from servestatic.cli.absence import explain_absence, nearest_paths
from servestatic.cli.inspection import Inspection, representations, short
from servestatic.cli.other_releases import search
from servestatic.http.message import LINES, REQUEST_FIELDS, Request, Response
from servestatic.http.representation import Missing, Redirect, Resource, Target
from servestatic.pipeline.findings import describe_broken, differ, is_map, positions_in, suggestions_in
from servestatic.pipeline.steps import spell_link
from servestatic.releases.rows import Entry
from servestatic.serving.deliver import answer
from servestatic.standalone.fallback import answer_without_file, site_of

_DECISIVE = REQUEST_FIELDS | {"accept"}


class Question(NamedTuple):
    """What the user asked about: a percent-decoded URL path with its query; `name` is empty if it was a URL."""

    path: str
    query: str
    name: str


def read_argument(inspected: Inspection, text: str) -> Question:
    """Read a URL, a URL path, or a logical path."""
    if "://" in text or text.startswith("/"):
        parts = urlsplit(text if "://" in text else f"//host{text}")
        return Question(normalize("NFC", unquote(parts.path)) or "/", parts.query, "")
    name = normalize("NFC", text.removeprefix("./"))
    known = next((entry for entry in inspected.index.catalog.entries() if entry.name == name), None)
    return Question(known.mount + known.public if known else inspected.index.prefix + name, "", name)


def _find_entry(inspected: Inspection, path: str) -> Entry | None:
    """Return the file that a URL path serves, by either of its names or as a page without `.html`."""
    policy = inspected.index.policy
    entries: dict[str, Entry] = {}
    for entry in inspected.index.catalog.entries():
        entries.setdefault(entry.mount + entry.public, entry)
        entries[entry.mount + entry.name] = entry
    if path.endswith("/"):
        return next((entries[path + name] for name in policy.index_files if path + name in entries), None)
    return entries.get(path) or (entries.get(f"{path}.html") if policy.clean_urls else None)


def _describe_file(inspected: Inspection, entry: Entry) -> dict[str, Any]:
    """Return the document of a file."""
    plain, public = entry.mount + entry.name, entry.mount + entry.public
    file = inspected.findings.tree.files.get(plain)
    sent = [
        {"coding": representation.coding, "bytes": representation.length, "etag": representation.etag}
        for representation in representations(inspected.index, public)
    ]
    return {
        "name": entry.name,
        "url": public,
        "plain_url": plain,
        "bytes": entry.row.stamp.size,
        "sha256": entry.row.digest.hex(),
        "source": file.origin if file else "the sealed build",
        "place": short(file.location) if file else None,
        "hides": _describe_hidden(inspected, file) if file else [],
        "fingerprint": _describe_fingerprint(inspected, entry, file) if public != plain else None,
        "rewritten": _describe_references(inspected, plain, file) if file else [],
        "broken": _describe_broken(inspected, plain) if file else [],
        "representations": sent,
    }


def _describe_hidden(inspected: Inspection, file: File) -> Iterable[Mapping[str, Any]]:
    hidden = [loser for winner, loser in inspected.findings.tree.hidden if winner is file]
    return [
        {
            "source": loser.origin,
            "place": short(loser.location),
            "same_bytes": not differ(file, loser, inspected.findings),
        }
        for loser in hidden
    ]


def _describe_fingerprint(inspected: Inspection, entry: Entry, file: File | None) -> Mapping[str, Any]:
    closure = _reach(inspected, entry.mount + entry.name) if file else []
    return {"digits": entry.row.fingerprint, "covers": [inspected.findings.tree.files[path].name for path in closure]}


def _reach(inspected: Inspection, path: str) -> list[str]:
    """Return the URL paths of all files that a file refers to, directly or not."""
    reached: dict[str, None] = {}
    todo = [path]
    while todo:
        for link in _links(inspected, todo.pop()):
            if link.target not in reached and link.target != path:
                reached[link.target] = None
                todo.append(link.target)
    return sorted(reached)


def _links(inspected: Inspection, path: str) -> Sequence[Link]:
    asset = inspected.findings.assets.get(path)
    return asset.links if asset else ()


def _describe_references(inspected: Inspection, path: str, file: File) -> Iterable[Mapping[str, Any]]:
    tree, mounts = inspected.findings.tree, {mount.prefix: mount for mount in inspected.index.catalog.mounts}

    def describe_one(link: Link, place: str) -> Mapping[str, Any]:
        target = tree.files[link.target]
        row = mounts[tree.mount(target)].rows[target.name]
        served = spell_link(tree, path, link, row.fingerprint)
        return {
            "place": short(place),
            "written": link.url,
            "names": target.name,
            "becomes": served,
        }

    links = _links(inspected, path) if inspected.index.policy.fingerprints else ()
    return [*map(describe_one, links, positions_in(file, [link.start for link in links]))]


def _describe_broken(inspected: Inspection, path: str) -> Iterable[Mapping[str, Any]]:
    tree = inspected.findings.tree
    broken = (reference for reference in inspected.findings.broken if reference.base == path and not is_map(reference))
    described = describe_broken(broken, tree, suggestions_in(tree))
    return [{"place": short(place), "message": message} for place, message in described]


# ------------------------------------------------------------------------------------------------ the answer


def explain_path(inspected: Inspection, asked: Question, method: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the document of a URL path and of the answer to a request for it."""
    target = inspected.index.get(asked.path)
    entry = _find_entry(inspected, asked.path)
    elsewhere = search(inspected, asked.path) if isinstance(target, Missing) else None
    kept = elsewhere.as_json() if elsewhere else None
    response = None if kept else _answer(inspected, asked, method, fields)
    why = [] if isinstance(target, Resource) else _say_why(inspected, asked, target)
    return {
        "path": asked.path,
        "file": _describe_file(inspected, entry) if entry and isinstance(target, Resource) else None,
        "why": [*why, *(elsewhere.why if elsewhere else ())],
        "kept": kept,
        "nearest": [] if target is not None else nearest_paths(inspected, asked.path, asked.name),
        "request": {
            "method": method,
            "fields": dict(fields),
            "ignored": sorted(fields.keys() - _DECISIVE),
        },
        "response": _describe_response(response) if response else None,
    }


def _say_why(inspected: Inspection, asked: Question, target: Target | None) -> list[str]:
    if target is None:
        return explain_absence(inspected, asked.path, asked.name)
    if isinstance(target, Redirect):
        return [f"it redirects to {urljoin(asked.path, target.location)}"]
    parts = split_fingerprint(asked.path)
    entry = _find_entry(inspected, parts[0]) if parts else None
    if entry is None:
        return []
    return [
        f"{entry.name} now has the fingerprint {entry.row.fingerprint}: this one belongs to another release, or to none"
    ]


def _answer(inspected: Inspection, asked: Question, method: str, fields: Mapping[str, str]) -> Response | None:
    """Return the answer of a server; None if the application answers."""
    decisive = {name: value for name, value in fields.items() if name in REQUEST_FIELDS}
    request = Request(method, decisive, asked.query)
    representations(inspected.index, asked.path)  # a first HEAD does not make the codings that a GET has
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
