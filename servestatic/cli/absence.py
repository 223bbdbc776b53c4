"""Why nothing is at a URL, and what somebody may have meant."""

import os
from difflib import get_close_matches

from servestatic.cli.inspection import Inspection, short
from servestatic.sources.directory import DEFAULT_IGNORE

_IGNORED = ", ".join(each for each in DEFAULT_IGNORE if not each.startswith("!"))
_MOST_NEAREST = 3


def explain_absence(inspected: Inspection, path: str, name: str) -> list[str]:
    """Say in sentences why nothing is at a path, as far as that can be seen."""
    tree, prefix = inspected.findings.tree, inspected.index.prefix
    if not path.startswith(tuple(tree.mounts)):
        return [f"files are served below {' and '.join(tree.mounts)}"]
    name = name or path.removeprefix(prefix)
    skipped = [each for each in inspected.findings.skipped if each.place.endswith(f"/{name}")]
    reasons = [f"{short(each.place)} was left out: {each.reason}" for each in skipped]
    if not skipped and ".." not in name.split("/"):
        ignored = (os.path.join(source, name) for source in inspected.sources)
        reasons += [
            f"{each} is there, but names like {_IGNORED} are left out" for each in ignored if os.path.isfile(each)
        ]
    folder = path.rstrip("/") + "/"
    if not reasons and any(path.startswith(folder) for path in tree.files):
        index_file = inspected.settings.index_file
        reasons.append(f"{folder} is a folder without {index_file}" if index_file else f"{folder} is a folder")
    reasons += [] if reasons else _suppose_prefix(inspected, path)
    return reasons or ["no source has such a file"]


def _suppose_prefix(inspected: Inspection, path: str) -> list[str]:
    """Say so if it is only the prefix that somebody expected to be another."""
    _, *parts = path.split("/")
    for count in range(1, len(parts)):
        rest, supposed = "/".join(parts[count:]), f"/{'/'.join(parts[:count])}/"
        if supposed != inspected.index.prefix and inspected.index.prefix + rest in inspected.findings.tree.files:
            return [f"files are served below {inspected.index.prefix}; with the prefix {supposed} it would be {rest}"]
    return []


def nearest_paths(inspected: Inspection, path: str, name: str) -> list[str]:
    """Return the URL paths, or names, that somebody who asked for this one may have meant, the likeliest first."""
    paths = [each.mount + each.name for each in inspected.index.catalog.entries()]
    last = path.rstrip("/").rpartition("/")[2].lower()
    same_name = [path for path in paths if path.rpartition("/")[2].lower() == last and last]
    close = get_close_matches(path, paths, n=_MOST_NEAREST, cutoff=0.7)
    by_name = {path.rpartition("/")[2]: path for path in reversed(paths)}
    alike = [by_name[name] for name in get_close_matches(last, by_name, n=_MOST_NEAREST, cutoff=0.75)]
    found = [*dict.fromkeys((*same_name, *close, *alike))][:_MOST_NEAREST]
    return [each.removeprefix(inspected.index.prefix) for each in found] if name else found
