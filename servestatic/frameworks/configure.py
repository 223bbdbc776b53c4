"""The settings of an entrance: the package's own, and those of the framework."""

import sys
from collections.abc import Mapping

from servestatic.errors import SettingError
from servestatic.frameworks.development import is_reloading
from servestatic.runtime.installation import check_unmixed
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, resolve, usual_origins


def configure(
    given: Mapping[str, object], *others: Origin, debug: bool = False, prefix: str = "", because: str = ""
) -> Settings:
    """Resolve settings; `live` is on by default if the framework's debug flag is, or if the server reloads the program.

    Args:
        given: keyword arguments.
        others: the framework's own settings, which come after the environment.
        debug: the framework's flag.
        prefix: the URL prefix, if the framework decides it.
        because: what in the framework decides it, for the message.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or `prefix` differs from the framework's.
        ServeStaticError: another project's files are mixed with ours.
    """
    check_unmixed()
    passed, environment, pyproject = usual_origins(given)
    defaults = {"live": debug or is_reloading(sys.argv)} | ({"prefix": prefix} if prefix else {})
    settings, origins = resolve(passed, environment, *others, pyproject, defaults=defaults)
    if prefix and settings.prefix.strip("/") != prefix.strip("/"):
        raise SettingError(
            f"prefix in {origins['prefix']} is {settings.prefix!r}, but {because} makes it {prefix!r}."
            " Remove the setting."
        )
    return settings
