"""Take what an earlier start kept, or collect."""

from itertools import chain

from servestatic.assets.policy import Policy
from servestatic.pipeline.expand import Sources
from servestatic.pipeline.locator import Locator
from servestatic.pipeline.report import log
from servestatic.pipeline.snapshot import Snapshots
from servestatic.releases.rows import Release
from servestatic.settings.model import Settings
from servestatic.store import Store


def recall_or_collect(
    sources: Sources, settings: Settings, policy: Policy, store: Store | None, locator: Locator
) -> Release:
    """Take the snapshot of an earlier start if no file has changed since, otherwise collect; log the findings.

    Raises:
        ExceptionGroup: of SourceError and BrokenReference, only with `strict`.
    """
    # No field is in a snapshot. What a function says of names is, and no other process can know what that would be.
    known = None if callable(settings.immutable) else store
    snapshots = Snapshots(known, sources, settings._replace(headers=()), locator.roots)
    snapshot = snapshots.find()
    if snapshot is None:
        from servestatic.pipeline.collector import collect_files
        from servestatic.pipeline.findings import summarize

        found = [*chain(*sources)]
        mounts, findings = collect_files(found, sources, settings, policy, store, locator)
        snapshot = snapshots.take(found, mounts, summarize(findings, strict=settings.strict))
    log(snapshot.reports)
    return snapshot.release
