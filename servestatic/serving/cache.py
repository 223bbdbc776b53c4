"""The targets made for URL paths: remembered within bounds, and forgotten together."""

from servestatic.http.representation import Resource, Target


class TargetCache:
    """The targets of paths, and what was noted about the files behind them.

    Attributes:
        targets: by path; adapters look into it without a call.
        checked: when the file behind a path was last compared, in monotonic seconds.
        read_again: when the file behind a path was last read because it had changed.
        unsteady: when that file is to be read once more, since its stamp may hide another change; never forgotten.
    """

    MAX_TARGETS = 4096  # if more are in use at a time, each costs a few microseconds
    MAX_HELD = 32 * 1024 * 1024  # bytes of small bodies in memory
    MAX_ANSWERS = 8 * 1024 * 1024  # bytes of remembered answers, of all resources together

    def __init__(self) -> None:
        self.targets: dict[str, Target] = {}
        self.checked: dict[str, float] = {}
        self.read_again: dict[str, float] = {}
        self.unsteady: dict[str, float] = {}
        self._held = self._answers = 0

    def remember(self, path: str, target: Target) -> None:
        """Keep the target of a path for the next request."""
        if path not in self.targets and len(self.targets) >= self.MAX_TARGETS:
            self.forget()
        self.targets[path] = target

    def forget(self) -> None:
        """Forget everything; it is rebuilt on demand."""
        self.targets.clear()
        self.checked.clear()
        self.read_again.clear()
        self._held = self._answers = 0

    def hold(self, size: int) -> bool:
        """Return whether a body of this size may be held, and count it if so."""
        fits = self._held + size <= self.MAX_HELD
        self._held += size if fits else 0
        return fits

    def count_answer(self, size: int) -> None:
        """Count the bytes of an answer; forget all answers when they exceed the limit."""
        if self._answers + size > self.MAX_ANSWERS:
            for target in [*self.targets.values()]:
                if isinstance(target, Resource):
                    target.answers.clear()
                    target.chosen.clear()
            self._answers = 0
        self._answers += size
