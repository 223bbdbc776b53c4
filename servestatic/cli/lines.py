"""How log lines look on standard error: a warning is called one, a request is one short line."""

import logging

from servestatic.cli.output import say

_LABELS = {logging.WARNING: ("warning: ", "yellow"), logging.ERROR: ("error: ", "red")}
_STATUSES = {"2": "green", "3": "cyan", "4": "yellow", "5": "red"}  # colours by first digit


class Lines(logging.Handler):
    """Says log records as lines; logging wants a class for this."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record as a line, or as several where its message has them."""
        try:
            if record.name == "uvicorn.access":
                _, method, path, _, status = map(str, record.args or ())
                say(f"{status} {method} {path}", _STATUSES.get(status[:1], ""), label=len(status), stderr=True)
                return
            label, color = _LABELS.get(record.levelno, ("", ""))
            first, *others = self.format(record).splitlines() or [""]
            say(label + first, color, label=len(label), indent=2, stderr=True)
            for line in others:
                say(line, indent=4, stderr=True)
        except Exception:  # noqa: BLE001 - what every handler does: a log line must not stop the program
            self.handleError(record)
