"""The home page, and the icon."""

from django.shortcuts import redirect, render
from django.templatetags.static import static

from lights.models import Lighthouse


def home(request):
    """All lighthouses on one horizon, each drawn to scale and flashing its own rhythm."""
    return render(request, "lights/home.html", {"lighthouses": Lighthouse.objects.all()})


def favicon(request):
    """For pages that name no icon, where browsers ask for /favicon.ico."""
    return redirect(static("lights/img/favicon.svg"))
