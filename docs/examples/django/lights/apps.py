"""The application's entry in Django's registry."""

from django.apps import AppConfig


class LightsConfig(AppConfig):
    """Lighthouses and the rhythms they are known by."""

    name = "lights"
