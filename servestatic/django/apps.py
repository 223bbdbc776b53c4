"""The Django application, label `servestatic`."""

from django.apps import AppConfig


class ServeStaticConfig(AppConfig):
    """Static files, collected in the process that serves them."""

    name = "servestatic.django"
    label = "servestatic"
    verbose_name = "servestatic"

    def ready(self) -> None:
        """Register the system checks."""
        from servestatic.django.checks import register_checks

        register_checks()
