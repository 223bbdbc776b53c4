"""The contenders in Django: settings, a view for the path of no file, a trivial middleware to compare with."""

import os
from collections.abc import Callable
from importlib import import_module
from typing import Any

from benchmarks.lib import project
from benchmarks.lib.chrome import NOWHERE
from benchmarks.lib.project import Parts
from benchmarks.serve.replies import APPLICATION, CONTROL, Reply, read

_OURS = Parts(("servestatic.django",), storage="servestatic.django.ServeStaticStorage")
_CONTENDERS = {
    "django-bare": Parts(middleware=("benchmarks.serve.project.make_trivial",)),
    "django-ours": _OURS._replace(middleware=("servestatic.django.ServeStaticMiddleware",)),
    "django-outside": _OURS,
    "django-whitenoise": Parts(middleware=("whitenoise.middleware.WhiteNoiseMiddleware",)),
    # Its package has the name of ours.
    "django-archmonger": Parts(("servestatic",), ("servestatic.middleware.ServeStaticMiddleware",)),
}


def make_asgi(contender: str) -> Any:
    """Make Django's ASGI application, or ours around it."""
    _configure(contender)
    module = "servestatic.django" if contender == "django-outside" else "django.core.asgi"
    return import_module(module).get_asgi_application()


def make_wsgi(contender: str) -> Any:
    """Make Django's WSGI application, or ours around it."""
    _configure(contender)
    module = "servestatic.django" if contender == "django-outside" else "django.core.wsgi"
    return import_module(module).get_wsgi_application()


def _configure(contender: str) -> None:
    files, parts = os.environ["SITE_FILES"], _CONTENDERS[contender]
    project.configure(
        __name__,
        parts,
        STATIC_ROOT=files if "ours" not in contender else None,
        STATICFILES_DIRS=[files] if parts.storage == _OURS.storage else [],
        SERVESTATIC_STORE=os.environ["SITE_STORE"],
        SERVESTATIC_COMPRESS="startup",
    )


def make_trivial(get_response: Callable[[Any], Any]) -> Any:
    """Make a middleware that answers every static file with a reply."""
    from asgiref.sync import iscoroutinefunction

    reply = APPLICATION

    def recall(request: Any) -> Any:
        nonlocal reply
        if request.path.startswith("/static/"):
            return _respond(reply)
        if request.path.startswith(CONTROL):
            reply = read(request.path)
            return _respond(APPLICATION)
        return None

    async def answer_async(request: Any) -> Any:
        return recall(request) or await get_response(request)

    def answer(request: Any) -> Any:
        return recall(request) or get_response(request)

    return answer_async if iscoroutinefunction(get_response) else answer


make_trivial.sync_capable = True  # type: ignore[attr-defined] # how Django asks
make_trivial.async_capable = True  # type: ignore[attr-defined] # likewise


def _respond(reply: Reply) -> Any:
    from django.http import FileResponse, HttpResponse

    headers = dict(reply.fields)
    if reply.path:
        return FileResponse(open(reply.path, "rb"), headers=headers)  # Django closes it
    return HttpResponse(reply.body, status=reply.status, headers=headers)


def __getattr__(name: str) -> Any:
    """Give Django its URLs when it asks for them: they cannot be made before it is configured."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from django.urls import path

    return [path(NOWHERE[1:], _show)]


def _show(request: Any) -> Any:
    return _respond(APPLICATION)
