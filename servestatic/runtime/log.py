"""Loggers whose messages can stand alone: without configuration, Python prints neither logger nor level."""

import logging
from collections.abc import MutableMapping
from typing import Any

NAME = "servestatic"
PREFIX = f"{NAME}: "  # of every message; handlers that show the logger's name may remove it


class _Log(logging.LoggerAdapter[logging.Logger]):
    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Return the message that is logged: logging demands a method for this."""
        return f"{PREFIX}{msg}", kwargs


def get_log(name: str = NAME) -> _Log:
    """Return the adapter of a logger, that of the package or one below it."""
    return _Log(logging.getLogger(name))
