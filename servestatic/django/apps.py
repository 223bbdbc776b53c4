"""The Django application, label `servestatic`."""

from django.apps import AppConfig


class ServeStaticConfig(AppConfig):
    """Static files collected in process."""

    name = "servestatic.django"
    label = "servestatic"
    verbose_name = "servestatic"
