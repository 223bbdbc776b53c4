"""The Django application that gives integrity to form media, label `servestatic_integrity`."""

from django.apps import AppConfig


class IntegrityConfig(AppConfig):
    """Form media with integrity."""

    name = "servestatic.django.integrity"
    label = "servestatic_integrity"
    verbose_name = "servestatic: integrity"

    def ready(self) -> None:
        """Convert form media from now on."""
        from servestatic.django.integrity.conversion import convert_media

        convert_media()
