"""Converting the values that users write, in an environment, TOML or a command line, to the types of settings.

Every type is one row of `_CONVERTERS`. Some settings may be functions where a program or Django's settings have them.
"""

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias, get_args, get_origin

from servestatic.disk.trust import FollowSymlinks, widest
from servestatic.http.message import Fields

# Returns the fields of the file at a logical path that is requested by a URL path; None for none.
HeadersFunction: TypeAlias = Callable[[str, str], Mapping[str, str] | None]
# Pairs of a pattern and its fields: what `{"*.pdf": {"X-Robots-Tag": "noindex"}}` becomes; or a function.
Headers: TypeAlias = tuple[tuple[str, Fields], ...] | HeadersFunction
# Patterns, or a function that returns whether a logical path matches.
Patterns: TypeAlias = tuple[str, ...] | Callable[[str], object]
Age: TypeAlias = int | None


def convert(value: object, kind: object) -> object:
    """Convert what was written to the type of a setting.

    Raises:
        ValueError: that is not possible; the message says what was expected.
    """
    if kind not in _CONVERTERS and get_origin(kind) is Literal:
        return _convert_choice(value, get_args(kind))
    return _CONVERTERS[kind](value)


_BOOLEANS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _convert_bool(value: object) -> bool:
    converted = _BOOLEANS.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(converted, bool):
        raise ValueError("true or false")
    return converted


def _convert_int(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a whole number, 0 or more")
    return value


def _convert_age(value: object) -> Age:
    if value is None or (isinstance(value, str) and value.lower() == "none"):
        return None
    try:
        return _convert_int(value)
    except ValueError as error:
        raise ValueError(f"{error}, or none") from None


def _convert_str(value: object) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise ValueError("a text")
    return os.fspath(value)


def _convert_texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(part for part in value.split(os.pathsep) if part)
    if isinstance(value, os.PathLike):
        return (os.fspath(value),)
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"a list of texts, or one text with {os.pathsep!r} between them")
    return tuple(map(_convert_str, value))


def _convert_patterns(value: object) -> Patterns:
    if callable(value):
        return _check_takes(value, 1, "a function of a file's path")
    return _convert_texts(value)


def _check_takes(function: Callable[..., Any], count: int, expected: str) -> Callable[..., Any]:
    from inspect import signature  # most programs have no such function

    try:
        signature(function).bind(*[""] * count)
    except TypeError:
        raise ValueError(expected) from None
    except ValueError:  # it is not written in Python, and has no signature
        pass
    return function


def _convert_links(value: object) -> FollowSymlinks:
    """Convert which links are followed; it was a switch, so `on` is `all`, and `off` is `inside`."""
    try:
        return widest(_BOOLEANS.get(value.lower(), value) if isinstance(value, str) else value)
    except ValueError:
        raise ValueError("one of 'inside', 'packages', 'all'") from None


def _convert_choice(value: object, choices: tuple[object, ...]) -> object:
    if value not in choices:
        raise ValueError(f"one of {', '.join(repr(choice) for choice in choices)}")
    return value


_FIELD_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_FIELD_VALUE = r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?"
# Fields that the bytes and the request determine: another value would be a lie.
_DETERMINED = frozenset({
    "accept-ranges", "connection", "content-encoding", "content-length", "content-range", "date", "etag",
    "last-modified", "transfer-encoding", "vary",
})  # fmt: skip


def _convert_headers(value: object) -> Headers:
    if callable(value):
        return _check_takes(value, 2, "a function of a file's path and its URL path")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError("a JSON object of patterns, each with an object of headers") from None
    if not isinstance(value, Mapping) or not all(isinstance(fields, Mapping) for fields in value.values()):
        raise ValueError("a mapping of patterns, each to a mapping of headers")
    return tuple((str(pattern), convert_fields(fields)) for pattern, fields in value.items())


def convert_fields(fields: Mapping[Any, object]) -> Fields:
    """Convert fields that a file is sent with.

    Raises:
        ValueError: one is not a field, or the bytes and the request determine it.
    """
    return tuple(_convert_field(*pair) for pair in fields.items())


def _convert_field(name: object, value: object) -> tuple[str, str]:
    if not (isinstance(name, str) and re.fullmatch(_FIELD_NAME, name)) or name.lower() in _DETERMINED:
        raise ValueError(f"no header {name!r}: it is not a header name, or the file's bytes determine it")
    if not (isinstance(value, str) and re.fullmatch(_FIELD_VALUE, value)):
        raise ValueError(f"the value of {name} to be printable ASCII text, not {value!r}")
    return "-".join(part.capitalize() for part in name.split("-")), value


_CONVERTERS: dict[object, Callable[[object], object]] = {
    bool: _convert_bool,
    int: _convert_int,
    Age: _convert_age,
    str: _convert_str,
    tuple[str, ...]: _convert_texts,
    Patterns: _convert_patterns,
    Headers: _convert_headers,
    FollowSymlinks: _convert_links,
}


def check_prefix(value: Any) -> str:
    """Return a URL path with a slash at both ends.

    Raises:
        ValueError: the value is not a URL path; the message says what was expected.
    """
    if not value.isprintable() or any(sign in value for sign in ("//", "?", "#", ":", "\\")):
        raise ValueError("a URL path such as '/static/', without scheme, host, query or fragment")
    stripped = value.strip("/")
    return f"/{stripped}/" if stripped else "/"
