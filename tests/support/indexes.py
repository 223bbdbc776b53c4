"""Indexes put together in other ways than `servestatic.factory` does: another encoder, nothing remembered, sealed."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import servestatic
from servestatic.releases.catalog import Catalog
from servestatic.releases.rows import Release
from servestatic.releases.write import write
from servestatic.serving.cache import TargetCache
from servestatic.serving.compression.background import StoreEncoder
from servestatic.serving.compression.coders import codings
from servestatic.serving.compression.encoders import FastEncoder
from servestatic.serving.compression.table import Codings
from servestatic.serving.index import Index
from servestatic.serving.resources import Resources

if TYPE_CHECKING:
    from pathlib import Path

    from servestatic.releases.build_files import Sealed
    from servestatic.serving.compression.encoders import Encoder
    from servestatic.store import Store


def renew(index: Index, encoder: Encoder | None = None, *, sealed: bool = False) -> Index:
    """Return an index of the same catalog for which nothing was made yet."""
    cache, known = TargetCache(), index.catalog
    release = Release(known.identify, known.mounts, known._roots, sealed)
    catalog = Catalog(release, known.policy, known._rewrite, known.bundles)
    table = Codings(cache.forget)
    before = index.resources
    encoder = encoder or FastEncoder()
    resources = Resources(catalog, table, encoder, cache, within=before.within, deltas=before.deltas)
    return Index(catalog, resources, index.write)


def store_encoder(index: Index, store: Store, **options: Any) -> StoreEncoder:
    """Return an encoder with a store for an index, without a thread."""
    return StoreEncoder(store, index.resources.codings, index.catalog.contents, background=False, **options)


def write_build(index: Index, out: str | os.PathLike[str], **options: Any) -> Sealed:
    """Write a build of an index with other options than its own."""
    return write(index.catalog, out, **({"codings": codings} | options))


Collect = Callable[..., Index]


def collect_sealed(root: Path, **settings: Any) -> Index:
    """Return the index of a sealed build of a folder."""
    index = servestatic.collect(root, store="none", **settings)
    out = root.parent / f"out{len(os.listdir(root.parent))}"
    index.write(str(out))
    return servestatic.collect(build=str(out), **{key: value for key, value in settings.items() if key != "manifests"})


COLLECT: dict[str, Collect] = {"collect": servestatic.collect, "live": servestatic.live, "sealed": collect_sealed}
