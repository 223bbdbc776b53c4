"""What the applications do when they start: show the log, configure, and collect."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servestatic.factory import build
from servestatic.runtime.log import NAME
from servestatic.serving.index import Index
from servestatic.standalone.application import load_application
from servestatic.standalone.conventions import configure
from servestatic.standalone.fallback import Site, check_site


def start(interface: str, make_fallback: Callable[[Site], Any]) -> tuple[Any, Index]:
    """Import the application that the settings name, or make one of the files alone; collect the index to serve."""
    show_log()
    settings, sources = configure(Path())
    application = load_application(settings, interface)
    index = build(sources, settings)
    return make_fallback(check_site(settings, index)) if application is None else application, index


def show_log() -> None:
    """Write our log lines to standard error unless logging is configured: no other application will do that."""
    ours = logging.getLogger(NAME)
    if not ours.handlers and not logging.getLogger().handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
        ours.addHandler(handler)
        ours.setLevel(logging.INFO)
