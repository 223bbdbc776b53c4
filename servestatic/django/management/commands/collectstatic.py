"""collectstatic, which is optional: without STATIC_ROOT it does nothing, and reports that."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic

from servestatic.django.storage import ServeStaticStorage


class Command(collectstatic.Command):
    """The collectstatic of the staticfiles app; hosting services run it whether or not a project needs it."""

    def handle(self, **options: Any) -> str | None:
        """Collect, if STATIC_ROOT is set."""
        if isinstance(self.storage, ServeStaticStorage) and not settings.STATIC_ROOT:
            return "STATIC_ROOT is not set, so nothing is collected: the server collects when it starts."
        return super().handle(**options)
