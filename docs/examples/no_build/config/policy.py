"""A content security policy: no script but our own files, and the import map by its nonce.

Django 6 and django-csp have middlewares for it; the tags of servestatic take the nonce from either.
"""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


def protect(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that gives each page a nonce."""

    def answer(request: HttpRequest) -> HttpResponse:
        nonce = request.csp_nonce = secrets.token_urlsafe(16)
        response = get_response(request)
        response["Content-Security-Policy"] = f"default-src 'self'; script-src 'self' 'nonce-{nonce}'"
        return response

    return answer
