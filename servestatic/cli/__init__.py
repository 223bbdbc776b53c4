"""The `servestatic` command, or `python -m servestatic`, which needs the extra `cli`.

Exit codes: 0 success, 1 a problem was found, 2 the command could not run.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    try:
        from servestatic.cli.application import run
    except ImportError as error:
        sys.exit(f"The command needs a package that is not installed ({error}): pip install 'statictree[cli]'")
    run()
