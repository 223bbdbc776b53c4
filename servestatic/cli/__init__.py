"""The `servestatic` command, or `python -m servestatic`, which needs the extra `cli`.

Exit codes: 0 success, 1 a problem was found, 2 the command could not run.
"""

import sys

from servestatic.errors import ServeStaticError
from servestatic.runtime.installation import check_unmixed

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        check_unmixed()
    except ServeStaticError as error:
        sys.exit(f"servestatic: {error}")
    try:
        from servestatic.cli.application import run
    except ImportError as error:
        sys.exit(f"The command needs a package that is not installed ({error}): pip install 'statictree[cli]'")
    run()
