"""Two pages: the harbour, and a table that htmx asks for."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

TIDES = [("03:12", "high", 4.9), ("09:25", "low", 0.8), ("15:37", "high", 5.1), ("21:50", "low", 0.7)]


def harbour(request: HttpRequest) -> HttpResponse:
    """The page."""
    return render(request, "harbour.html", {"bare_names": settings.BARE_NAMES})


def tides(request: HttpRequest) -> HttpResponse:
    """The part of it that is asked for later."""
    return render(request, "tides.html", {"tides": TIDES})


urlpatterns = [path("", harbour), path("tides/", tides)]
