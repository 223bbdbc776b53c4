"""What Django imports if INSTALLED_APPS names this package instead of its app, `servestatic.django`."""

from typing import NoReturn

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured


class PackageConfig(AppConfig):
    """Refuses to be installed: without the app, there are no system checks, and runserver is Django's own."""

    name = "servestatic"

    def __init__(self, *_: object) -> NoReturn:
        raise ImproperlyConfigured(
            "'servestatic' in INSTALLED_APPS is a package without an app. Write 'servestatic.django', before"
            " 'django.contrib.staticfiles'."
        )
