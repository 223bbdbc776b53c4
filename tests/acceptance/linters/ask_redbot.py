"""Lets REDbot check URLs, and prints its notes, a line of JSON for each URL. A process of its own: it has one loop.

A line is `[URL, [[check, note, level, summary], …], [check, …]]`; the checks are REDbot's own further requests, and the
last list names those that it completed.
"""

import json
import sys
from configparser import ConfigParser
from importlib import import_module
from typing import Any

resources: Any = import_module("redbot.resource")  # in an environment of their own, which mypy does not see
thor: Any = import_module("thor")


def look(urls: list[str]) -> None:
    """Look at the first URL, then at the others."""
    if not urls:
        thor.stop()
        return
    config = ConfigParser()
    config.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = resources.HttpResource(config["redbot"])
    resource.set_request(urls[0])

    def tell() -> None:
        checks = [resource, *resource.subreqs.values()]
        notes = [
            (check.check_id, type(note).__name__, note.level.value, str(note.summary))
            for check in checks
            for note in check.response.notes
        ]
        completed = [check.check_id for check in checks if check.response.complete]
        sys.stdout.write(json.dumps([urls[0], notes, completed]) + "\n")
        look(urls[1:])

    resource.on("check_done", tell)
    resource.check()


look(sys.argv[1:])
thor.run()
