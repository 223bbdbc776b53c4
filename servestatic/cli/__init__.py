"""The `servestatic` command (= `python -m servestatic`), of the extra `cli`.

Exit codes: 0 done, 1 something was found that should not be, 2 it could not be done.
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
