"""Is this process of a server that reloads the program, as in development?

No server documents a variable that its reloader sets. What all of them keep is the command line: a process that a
reloader starts has it, too (`multiprocessing` passes `sys.argv` on). A program that calls `uvicorn.run(…, reload=True)`
is not recognised.
"""

import re
from collections.abc import Sequence

_SERVERS = ("uvicorn", "fastapi", "hypercorn", "granian", "gunicorn")
_PROGRAM = re.compile(rf"(?:.*[/\\])?({'|'.join(_SERVERS)})(?:\.exe|-script\.py|[/\\]__main__\.py)?", re.IGNORECASE)


def is_reloading(command: Sequence[str]) -> bool:
    """Return whether a command line (`sys.argv`) is of a server that reloads: `uvicorn --reload`, `fastapi dev`."""
    program = _PROGRAM.fullmatch(command[0]) if command else None
    arguments = command[1:]
    return program is not None and ("--reload" in arguments or (program[1], arguments[:1]) == ("fastapi", ["dev"]))
