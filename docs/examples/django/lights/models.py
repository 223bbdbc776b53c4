"""One model: a lighthouse, and the rhythm it is known by."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from tinymce.models import HTMLField


class Lighthouse(models.Model):
    """A lighthouse. Its `character` is what a mariner reads on the chart: `Fl(2) W 10s`."""

    name = models.CharField(max_length=80, unique=True)
    place = models.CharField(max_length=80)
    lit = models.PositiveSmallIntegerField("first lit", validators=[MaxValueValidator(2100)])
    height = models.PositiveSmallIntegerField("height of the tower", help_text="In metres.")
    flashes = models.PositiveSmallIntegerField(
        "flashes in a group", default=1, validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    period = models.DecimalField(
        max_digits=3,
        decimal_places=1,
        help_text="Seconds from the start of one group to the start of the next.",
        validators=[MinValueValidator(2)],
    )
    story = HTMLField(blank=True)

    class Meta:
        ordering = ["lit", "name"]

    def __str__(self):
        return self.name

    @property
    def character(self) -> str:
        """The light's rhythm as charts write it."""
        group = f"({self.flashes})" if self.flashes > 1 else ""
        return f"Fl{group} W {self.period.normalize():f}s"
