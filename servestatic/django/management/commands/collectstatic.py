"""collectstatic, which is not needed: without a STATIC_ROOT it has nothing to do, and says so."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import collectstatic

from servestatic.django.storage import ServeStaticStorage


class Command(collectstatic.Command):
    """The staticfiles app's collectstatic; hosting services run it whether a project needs it or not."""

    def handle(self, **options: Any) -> str | None:
        """Collect, if there is a place for it."""
        if isinstance(self.storage, ServeStaticStorage) and not settings.STATIC_ROOT:
            return "STATIC_ROOT is not set, so nothing is collected: the server collects when it starts."
        return super().handle(**options)
