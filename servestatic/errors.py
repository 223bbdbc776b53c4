"""Every error that servestatic raises.

ServeStaticError
├── SettingError (ValueError)                a setting is unknown or has a wrong value
├── SourceError                              a source cannot be read at all
├── BrokenReference (LookupError)            a file refers to a file that no source has (only with `strict`)
├── UnknownAsset (LookupError, ValueError)   a logical path that no source has
├── BuildError                               a sealed build cannot be written or loaded
└── StoreError                               a store cannot be used

Every message is a sentence that says where the error is, what was expected and what to do.
"""

from collections.abc import Iterable

DOCUMENTATION = "https://servestatic.example.invalid/"  # as in pyproject.toml; reading the metadata would take longer


class ServeStaticError(Exception):
    """The base of every error that servestatic raises."""


class SettingError(ServeStaticError, ValueError):
    """A setting is unknown or has a wrong value."""


class SourceError(ServeStaticError):
    """A source cannot be read at all."""


class BrokenReference(ServeStaticError, LookupError):  # noqa: N818 - a public name: what it is, not that it is an error
    """A file refers to a file that no source has."""


class UnknownAsset(ServeStaticError, LookupError, ValueError):  # noqa: N818 - a public name: what it is
    """A logical path that no source has; a ValueError, as Django's storages raise one."""


class BuildError(ServeStaticError):
    """A sealed build cannot be written or loaded."""


class StoreError(ServeStaticError):
    """A directory cannot be used as a store."""


def explain(error: Exception, indent: str = "") -> str:
    """Return what went wrong, for a log or a terminal: our errors as their sentences, any other with its traceback.

    The errors of a group follow the group's own line, one a line, indented.
    """
    if isinstance(error, ExceptionGroup):
        return "\n".join((f"{error.message}:", *(indent + explain(part, indent) for part in error.exceptions)))
    if isinstance(error, ServeStaticError):
        return str(error)
    from traceback import format_exception

    return "".join(format_exception(error))


def page(name: str, anchor: str = "") -> str:
    """Return the URL of a page of the documentation, such as `reference/settings`, for a hint: pip installs none."""
    return f"{DOCUMENTATION}{name}.html{f'#{anchor}' if anchor else ''}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ` Did you mean …?` with the one of `names` that `name` is probably a misspelling of, or an empty text."""
    from difflib import get_close_matches

    close = get_close_matches(name, names, n=1, cutoff=0.75)
    return f" Did you mean {close[0]!r}?" if close else ""
