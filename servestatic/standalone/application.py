"""The application that the settings name, in front of which the files are served."""

from collections.abc import Set as AbstractSet
from importlib import import_module
from typing import Any

from servestatic.errors import SettingError
from servestatic.frameworks.interfaces import EXPECTED, describe, possible_interfaces
from servestatic.settings.model import Settings


def load_application(settings: Settings, interface: str) -> Any:
    """Import the application that the settings name, if any, for an entry point that takes a single interface.

    Raises:
        SettingError: it cannot be imported, or has another interface.
    """
    if not settings.application:
        return None
    application, wanted = import_application(settings.application), settings.application_interface
    if wanted not in ("", interface):
        raise SettingError(explain_interface(settings.application, {wanted}, interface))
    if interface not in (possible := possible_interfaces(application)):
        raise SettingError(explain_interface(settings.application, possible, interface))
    return application


def import_application(target: str) -> Any:
    """Import `module:attribute`.

    Raises:
        SettingError: the module or attribute does not exist.
    """
    module, colon, attribute = target.partition(":")
    try:
        application: object = import_module(module)
        for part in attribute.split("."):
            application = getattr(application, part)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        expected = "" if colon else " Expected module:attribute."
        raise SettingError(f"the application {target!r} cannot be imported: {error}.{expected}") from error
    return application


_ENTRIES = {"asgi": "app", "wsgi": "wsgi_app", "rsgi": "rsgi_app"}


def explain_interface(target: str, possible: AbstractSet[str], interface: str) -> str:
    """Return why an entry point cannot serve an application, and which one can."""
    if not possible:
        return f"the application {target!r} is not an application: expected {EXPECTED[interface]}."
    entry = "rsgi_app" if possible == {"rsgi"} else "app"
    return (
        f"the application {target!r} {describe(possible)}, which servestatic:{_ENTRIES[interface]} cannot wrap:"
        f" serve servestatic:{entry} instead."
    )
