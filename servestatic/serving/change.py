"""What is logged of a file that has changed under a server that does not follow its sources."""

from servestatic.http.message import Slice
from servestatic.http.representation import Missing, Resource
from servestatic.releases.lookup import Found
from servestatic.runtime.log import get_log
from servestatic.runtime.news import is_new
from servestatic.serving.resources import Resources

_log = get_log()


def log_change(resources: Resources, path: str, source: Slice, offer: Resource | Missing) -> None:
    """Log that the file behind a URL path has changed, and what the path offers now.

    Each fingerprinted URL that is gone is logged. Of plain URLs with other bytes, only the first is: where files are
    replaced on purpose, there would be a line for each.
    """
    found = resources.catalog.find(path)
    gone = isinstance(offer, Missing) and not _is_kept(resources, found)
    if is_new(("gone", source.path, path), "gone" if gone else None):
        _log.warning(
            "%s has changed since the start: %s is gone, and pages link to the plain URL from now on."
            " Restart to serve the new version; while developing, set SERVESTATIC_LIVE=on.",
            source.path,
            path,
        )
    replaced = isinstance(offer, Resource) and isinstance(found, Found) and _loses_name(resources, found)
    if replaced and is_new("a changed file", "changed"):
        _log.warning(
            "%s has changed since the start: pages link to its plain URL, %s, from now on, as for every changed file."
            " Restart to give it a fingerprint again; while developing, set SERVESTATIC_LIVE=on.",
            source.path,
            path,
        )


def _is_kept(resources: Resources, found: object) -> bool:
    """Return whether a fingerprinted path goes on serving its bytes although its source has changed."""
    return isinstance(found, Found) and found.fingerprinted and resources.others.keep(found)


def _loses_name(resources: Resources, found: Found) -> bool:
    """Return whether pages get another URL, because a file has no longer the bytes of its fingerprint."""
    policy = resources.catalog.policy
    has_fingerprint = policy.fingerprints and not policy.revalidate and not policy.keeps_name(found.name)
    return has_fingerprint and not found.fingerprinted and resources.has_changed(found)
