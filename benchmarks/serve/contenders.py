"""The contenders, under which servers and in which scenarios they are measured, and beside which others."""

from typing import NamedTuple

from benchmarks.serve.nginx import find_nginx
from benchmarks.serve.scenarios import RANGE, SCENARIOS, SMALL, Scenario


class Contender(NamedTuple):
    """A middleware or a server that serves files.

    Attributes:
        key: of the tables of site.py and project.py.
        title: in the report.
        group: of the environment; "" for nginx.
        bare: the contender that sends the same fields and bytes as a reply.
        passed: the one that answers the path of no file, and nothing else.
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


class Selection(NamedTuple):
    """What is measured: names of servers, contenders and scenarios; an empty set is all of them."""

    servers: frozenset[str] = frozenset()
    contenders: frozenset[str] = frozenset()
    scenarios: frozenset[str] = frozenset()

    def list_servers(self) -> list[str]:
        """Return the servers."""
        return [server for server in CONTENDERS if not self.servers or server in self.servers]

    def list_contenders(self, server: str) -> list[Contender]:
        """Return the contenders of a server."""
        known = [contender for contender in CONTENDERS[server] if contender != NGINX or find_nginx()]
        return [contender for contender in known if not self.contenders or contender.key in self.contenders]

    def list_scenarios(self, contender: Contender) -> list[Scenario]:
        """Return the scenarios of a contender: in Django long bodies are Django's own affair."""
        own = (*SMALL, RANGE) if contender.key.startswith("django") else SCENARIOS
        return [scenario for scenario in own if not self.scenarios or scenario.name in self.scenarios]
