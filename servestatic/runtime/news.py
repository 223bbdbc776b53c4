"""What was last logged about each subject: a line reports a change, not each request, thread or second."""

import threading
from collections.abc import Hashable

MAX_SUBJECTS = 4096  # subjects that are remembered; one more, and all are forgotten and may be logged again


class News:
    """Remembers the state in which each subject was logged. A subject whose state is None needs no line."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Hashable] = {}
        self._lock = threading.Lock()

    def is_new(self, subject: Hashable, state: Hashable) -> bool:
        """Return whether to log a subject, because its state has changed; True in only one of several threads."""
        if state is None and subject not in self._known:
            return False
        with self._lock:
            if self._known.get(subject) == state:
                return False
            if len(self._known) >= MAX_SUBJECTS:
                self._known.clear()
            self._known[subject] = state
            if state is None:
                del self._known[subject]
        return state is not None


is_new = News().is_new  # of this process: what many indexes and threads run into, such as a full disk, is logged once
