"""The home page, what servestatic did, and the icon."""

import json

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from lights.models import Lighthouse

SUMMARY = settings.STATE / "report.json"  # both are written by `manage.py demo`
REPORT = settings.STATE / "report.html"


def home(request):
    """All lighthouses on one horizon, each drawn to scale and flashing its own rhythm."""
    return render(request, "lights/home.html", {"lighthouses": Lighthouse.objects.all()})


def served(request):
    """What servestatic did when the server started."""
    if not SUMMARY.exists():
        return render(request, "lights/served.html", {})
    summary = json.loads(SUMMARY.read_text())
    total, files = summary["total"], summary["files"]
    codings = {}
    for file in files:
        count, size, sent = codings.get(file["coding"], (0, 0, 0))
        codings[file["coding"]] = (count + 1, size + file["size"], sent + file["sent"])
    context = {
        "release": summary["release"],
        "seconds": summary["seconds"],
        "files": total["files"],
        "size": written(total["size"]),
        "sent": written(total["sent"]),
        "saved": written(total["size"] - total["sent"]),
        "codings": [
            (coding or "none", count, written(size), written(sent))
            for coding, (count, size, sent) in sorted(codings.items(), key=lambda row: -row[1][0])
        ],
        "sources": sorted({file["source"] for file in files}),
        "hidden": len(summary["hidden"]),
        "broken": len(summary["broken"]),
        "copies": summary["copies"],
        "example": next(file for file in files if file["path"].endswith("site.css")),
    }
    return render(request, "lights/served.html", context)


def written(count):
    """Write bytes as the report does; the filter of Django's templates counts in 1024s."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"


def report(request):
    """The report of the static files: one page that loads nothing."""
    if not REPORT.exists():
        raise Http404("There is no report: run `python manage.py demo`.")
    return HttpResponse(REPORT.read_bytes())


def favicon(request):
    """For pages that name no icon, where browsers ask for /favicon.ico."""
    return redirect(static("lights/img/favicon.svg"))
