"""Django, configured for a contender, with defaults wherever there are some."""

from typing import Any, NamedTuple

PLAIN = "django.contrib.staticfiles.storage.StaticFilesStorage"


class Parts(NamedTuple):
    """What a contender adds: applications, middleware, and the storage of static files."""

    applications: tuple[str, ...] = ()
    middleware: tuple[str, ...] = ()
    storage: str = PLAIN


def configure(urls: str, parts: Parts, **settings: Any) -> None:
    """Configure Django: `urls` is the module that has them, if any is asked for."""
    import django
    from django.conf import settings as configured

    configured.configure(
        ALLOWED_HOSTS=["*"],
        INSTALLED_APPS=["django.contrib.staticfiles", *parts.applications],
        MIDDLEWARE=["django.middleware.security.SecurityMiddleware", *parts.middleware],
        ROOT_URLCONF=urls,
        SECRET_KEY="of a benchmark",
        STATIC_URL="/static/",
        STORAGES={"staticfiles": {"BACKEND": parts.storage}},
        **settings,
    )
    django.setup()
