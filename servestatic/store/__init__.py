"""The store: bytes that took time to make, kept on disk for the next start and for other processes of this user.

An object is one file: a header with its key, the SHA-256 of its data, the data. Its name is the key: a digest of what
the object is made from and how. A note is one file of what a start found out, in the format of releases: which
file, by its stamp, has which digest and references; its head has its key. Nothing is ever changed in place, so readers
need no lock; whatever is damaged, or was moved to the path of another key, counts as absent. The directory is this
user's alone. Without such a directory there is no store, and only time is lost.
"""

from servestatic.store.directory import usual_place
from servestatic.store.store import Store, open_store

__all__ = ["Store", "open_store", "usual_place"]
