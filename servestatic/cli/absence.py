"""Why no file is served at a URL, and which URLs the user may have meant."""

import os
from difflib import get_close_matches

from servestatic.cli.inspection import Inspection, short
from servestatic.sources.directory import DEFAULT_IGNORE

_IGNORED = ", ".join(pattern for pattern in DEFAULT_IGNORE if not pattern.startswith("!"))
_MAX_NEAREST = 3


def explain_absence(inspected: Inspection, path: str, name: str) -> list[str]:
    """Return sentences that explain why no file is served at a path."""
    tree, prefix = inspected.findings.tree, inspected.index.prefix
    if not path.startswith(tuple(tree.mounts)):
        return [f"files are served below {' and '.join(tree.mounts)}"]
    name = name or path.removeprefix(prefix)
    skipped = [left_out for left_out in inspected.findings.skipped if left_out.location.endswith(f"/{name}")]
    reasons = [f"{short(left_out.location)} was left out: {left_out.reason}" for left_out in skipped]
    if not skipped and ".." not in name.split("/"):
        ignored = (os.path.join(source, name) for source in inspected.sources)
        reasons += [
            f"{file} exists, but names like {_IGNORED} are left out" for file in ignored if os.path.isfile(file)
        ]
    folder = path.rstrip("/") + "/"
    if not reasons and any(path.startswith(folder) for path in tree.files):
        names = " or ".join(inspected.settings.index_file)
        reasons.append(f"{folder} is a folder without {names}" if names else f"{folder} is a folder")
    reasons += [] if reasons else _suppose_prefix(inspected, path)
    return reasons or ["no source has such a file"]


def _suppose_prefix(inspected: Inspection, path: str) -> list[str]:
    """Return a sentence if the path names a file below another prefix."""
    _, *parts = path.split("/")
    for count in range(1, len(parts)):
        rest, supposed = "/".join(parts[count:]), f"/{'/'.join(parts[:count])}/"
        if supposed != inspected.index.prefix and inspected.index.prefix + rest in inspected.findings.tree.files:
            return [f"files are served below {inspected.index.prefix}; with the prefix {supposed} it would be {rest}"]
    return []


def nearest_paths(inspected: Inspection, path: str, name: str) -> list[str]:
    """Return the URL paths, or names, most like the one that was asked for, the likeliest first."""
    paths = [entry.mount + entry.name for entry in inspected.index.catalog.entries()]
    last = path.rstrip("/").rpartition("/")[2].lower()
    same_name = [path for path in paths if path.rpartition("/")[2].lower() == last and last]
    close = get_close_matches(path, paths, n=_MAX_NEAREST, cutoff=0.7)
    by_name = {path.rpartition("/")[2]: path for path in reversed(paths)}
    alike = [by_name[name] for name in get_close_matches(last, by_name, n=_MAX_NEAREST, cutoff=0.75)]
    found = [*dict.fromkeys((*same_name, *close, *alike))][:_MAX_NEAREST]
    return [path.removeprefix(inspected.index.prefix) for path in found] if name else found
