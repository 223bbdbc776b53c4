"""Is the installed package our own? Another project's distribution has a package of the same import name.

Installed together, each overwrites files of the other. This module imports nothing that the other may overwrite.
"""

from pathlib import Path

from servestatic.errors import ServeStaticError

OURS = "statictree"
OTHER = "servestatic"
MIXED = "The distribution '{other}' {version} is installed beside '{ours}': both have a package called servestatic."
REMEDY = (
    "They overwrite each other's files. Run: pip uninstall --yes {other} && pip install --force-reinstall --no-deps"
    " {ours}"
)

# Modules of every version of the other package, none of which ours has.
_OF_OTHER = ("base.py", "middleware.py")


def find_other() -> dict[str, object] | None:
    """Return the words that complete `MIXED` and `REMEDY`; None if the other distribution is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # importing it takes longer than the package itself

    try:
        return {"other": OTHER, "version": version(OTHER), "ours": OURS}
    except PackageNotFoundError:
        return None


def check_unmixed(package: Path = Path(__file__).parents[1]) -> None:
    """Check that no file of the other package is among ours; that costs looking for two files.

    Raises:
        ServeStaticError: one is.
    """
    if any((package / name).exists() for name in _OF_OTHER):
        words = find_other() or {"other": OTHER, "version": "", "ours": OURS}
        raise ServeStaticError(f"{MIXED.format_map(words)} {REMEDY.format_map(words)}")
