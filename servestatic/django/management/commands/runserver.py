"""runserver, with the files of the index: fingerprinted names too, and the fields of production."""

from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.management.commands import runserver

from servestatic.django.applications import serve_wsgi

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Command(runserver.Command):
    """The staticfiles app's runserver, without its handler, which knows files by their plain names alone."""

    def get_handler(self, *args: Any, **options: Any) -> "WSGIApplication":  # type: ignore[override] # Django calls it, and does nothing else with it
        """Return the project's application, behind one that serves static files unless --nostatic forbids it."""
        application: WSGIApplication = super().get_handler(*args, **{**options, "use_static_handler": False})
        return serve_wsgi(application) if options["use_static_handler"] else application
