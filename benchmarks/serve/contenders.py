"""Who is measured, under which server, in which scenarios, and beside whom."""

from typing import NamedTuple


class Contender(NamedTuple):
    """Someone who serves files.

    Attributes:
        key: of the tables of site.py and project.py.
        title: in the report.
        group: whose environment; "" for nginx.
        bare: the contender that sends the same prepared bytes.
        passed: the one that answers what is no file, and nothing else.
    """

    key: str
    title: str
    group: str
    bare: str = "bare"
    passed: str = "bare"


OURS = Contender("ours", "ours", "ours")
NGINX = Contender("nginx", "nginx", "", "", "")
BARE = {
    "bare": Contender("bare", "bare", "ours"),
    "django-bare": Contender("django-bare", "Django, trivial middleware", "ours"),
}
_WHITENOISE = Contender("whitenoise", "WhiteNoise", "peers")
_ARCHMONGER = Contender("archmonger", "ServeStatic (Archmonger's)", "peers")
_WSGI = (OURS, _WHITENOISE, _ARCHMONGER)
_ASGI = (
    OURS,
    _ARCHMONGER,
    Contender("starlette", "Starlette StaticFiles", "peers"),
    Contender("blacknoise", "blacknoise", "peers"),
)
_DJANGO = (
    Contender("django-outside", "ours, around Django", "ours", "bare", "django-bare"),
    Contender("django-ours", "ours, in Django's MIDDLEWARE", "ours", "django-bare", "django-bare"),
    Contender("django-whitenoise", "WhiteNoise in Django", "peers", "django-bare", "django-bare"),
    Contender("django-archmonger", "ServeStatic (Archmonger's) in Django", "peers", "django-bare", "django-bare"),
)
CONTENDERS: dict[str, tuple[Contender, ...]] = {
    "uvicorn": (*_ASGI, *_DJANGO, NGINX),
    "gunicorn gthread": (*_WSGI, *_DJANGO, NGINX),
    "gunicorn sync": _WSGI,
    "hypercorn": _ASGI,
    "granian asgi": _ASGI,
    "granian wsgi": (*_WSGI, NGINX),
    "granian rsgi": (OURS, NGINX),
}
