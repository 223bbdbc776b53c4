"""A site of its own: the applications of `uvicorn servestatic:app` and similar commands."""

from servestatic.standalone.apps import make_app, make_rsgi_app, make_wsgi_app

__all__ = ["make_app", "make_rsgi_app", "make_wsgi_app"]
