"""The store: bytes that took time to make, kept on disk for the next start and for other processes of this user.

An object is one file: a header with its key, the SHA-256 of its data, the data. The key is its name, too: a digest of
what it is made from and how. A collection is one document of what a start found out: which file, by its stamp, has
which digest and references; its checksum covers its key. Nothing is ever changed in place, so readers need no lock;
whatever is damaged, or is in the place of another, counts as absent. The directory is this user's alone. Where that
cannot be had there is no store, and nothing is lost but time.
"""

from servestatic.store.directory import usual_place
from servestatic.store.prune import Pruned
from servestatic.store.store import Store, open_store

__all__ = ["Pruned", "Store", "open_store", "usual_place"]
