"""The settings of an entrance: the package's own, and those of the framework."""

import sys
from collections.abc import Mapping
from datetime import timedelta

from servestatic.errors import SettingError
from servestatic.frameworks.development import is_reloading
from servestatic.runtime.installation import check_unmixed
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, resolve, usual_origins


def configure(
    given: Mapping[str, object],
    *others: Origin,
    debug: bool = False,
    prefix: str = "",
    because: str = "",
    own: Origin | None = None,
) -> Settings:
    """Resolve settings; `live` is on by default if the framework's debug flag is, or if the server reloads the program.

    Args:
        given: keyword arguments.
        others: the framework's own settings, which come after the environment.
        debug: the framework's flag.
        prefix: the URL prefix, if the framework decides it.
        because: what in the framework decides it, for the message.
        own: configuration of the framework that means the same, which comes last.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or `prefix` differs from the framework's.
        ServeStaticError: another project's files are mixed with ours.
    """
    check_unmixed()
    passed, environment, pyproject = usual_origins(given)
    defaults = {"live": debug or is_reloading(sys.argv)} | ({"prefix": prefix} if prefix else {})
    last = () if own is None else (own,)
    settings, origins = resolve(passed, environment, *others, pyproject, *last, defaults=defaults)
    if prefix and settings.prefix.strip("/") != prefix.strip("/"):
        raise SettingError(
            f"prefix in {origins['prefix']} is {settings.prefix!r}, but {because} makes it {prefix!r}."
            " Remove the setting."
        )
    return settings


_AGE = "SEND_FILE_MAX_AGE_DEFAULT"


def read_max_age(config: Mapping[str, object], default: Mapping[str, object]) -> Origin:
    """Return what Flask's or Quart's configuration says of `max_age`, unless it says the framework's `default`."""
    age = config.get(_AGE)
    seconds = int(age.total_seconds()) if isinstance(age, timedelta) else 0 if age is None else age
    values = {} if age == default.get(_AGE) else {_AGE: seconds}
    return Origin("app.config", values, lambda name: _AGE if name == "max_age" else "")
