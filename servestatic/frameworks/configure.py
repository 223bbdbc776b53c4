"""Settings of an entrance: the package's own, beside those of the framework."""

from collections.abc import Mapping

from servestatic.errors import SettingError
from servestatic.settings.model import Settings
from servestatic.settings.origins import Origin, resolve, usual_origins


def configure(
    given: Mapping[str, object], *others: Origin, debug: bool = False, prefix: str = "", because: str = ""
) -> Settings:
    """Resolve settings; `live` is on by default where the framework is debugging.

    Args:
        given: keyword arguments.
        others: the framework's own settings, which come after the environment.
        debug: the framework's flag.
        prefix: where the framework has decided it.
        because: what has decided it, for the message.

    Raises:
        SettingError: a setting is unknown or has a wrong value, or is a prefix that is not the framework's.
    """
    passed, environment, pyproject = usual_origins(given)
    defaults = {"live": debug} | ({"prefix": prefix} if prefix else {})
    settings, places = resolve(passed, environment, *others, pyproject, defaults=defaults)
    if prefix and settings.prefix.strip("/") != prefix.strip("/"):
        raise SettingError(
            f"prefix in {places['prefix']} is {settings.prefix!r}, but {because} makes it {prefix!r}."
            " Remove the setting."
        )
    return settings
