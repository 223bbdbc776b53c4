"""runserver, which serves the index: fingerprinted names too, with the fields of production."""

from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles.management.commands import runserver

from servestatic.django.applications import serve_wsgi

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication


class Command(runserver.Command):
    """The runserver of the staticfiles app, without its handler, which knows only the plain names of files."""

    def get_handler(self, *args: Any, **options: Any) -> "WSGIApplication":  # type: ignore[override] # Django calls it, and does nothing else with it
        """Return the project's application, wrapped in one that serves static files unless --nostatic is given."""
        application: WSGIApplication = super().get_handler(*args, **{**options, "use_static_handler": False})
        return serve_wsgi(application) if options["use_static_handler"] else application
