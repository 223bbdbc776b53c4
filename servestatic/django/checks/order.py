"""MIDDLEWARE, STORAGES and INSTALLED_APPS: what they must contain, and in which order."""

from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import AppConfig, apps
from django.conf import settings

from servestatic.django.checks.check import Words
from servestatic.django.checks.leftovers import is_leftover, uses_heroku
from servestatic.django.checks.lineage import MIDDLEWARE, STORAGE, middleware, positions, storage

APP = "servestatic.django"
STATICFILES = "django.contrib.staticfiles"
_HASHED = "django.contrib.staticfiles.storage.HashedFilesMixin"
_SECURITY = "django.middleware.security.SecurityMiddleware"
_RUNSERVER = Path("management/commands/runserver.py")

# Middleware that must not come before ours, as it spoils our answers; the setting, if any, that makes it harmful.
# Harmless, though slow for every file: GZip, ConditionalGet, Common, Csrf, Authentication, Messages, XFrame.
_HARMFUL = {
    "django.middleware.cache.FetchFromCacheMiddleware": (
        "",
        "it caches every file, and answers conditional requests with the whole file",
    ),
    "django.middleware.locale.LocaleMiddleware": (
        "",
        "it adds `Vary: Accept-Language`, so caches keep a copy of each file for every language",
    ),
    "django.contrib.sessions.middleware.SessionMiddleware": (
        "SESSION_SAVE_EVERY_REQUEST",
        "it saves the session and sets a cookie with every file (SESSION_SAVE_EVERY_REQUEST), so caches do not keep it",
    ),
}


def has_middleware() -> bool:
    """Return whether our middleware, or a subclass, is in MIDDLEWARE."""
    return bool(positions(MIDDLEWARE))


def has_storage() -> bool:
    """Return whether the storage of static files is ours, or a subclass."""
    return STORAGE in storage()


def find_storage_alone() -> Iterator[Words]:
    """Find our storage without our middleware."""
    if has_storage() and not has_middleware() and not _serves_elsewhere():
        yield {}


def _serves_elsewhere() -> bool:
    """Return whether another check reports what serves the files."""
    return uses_heroku() or any(map(is_leftover, settings.MIDDLEWARE))


def find_middleware_alone() -> Iterator[Words]:
    """Find our middleware with a storage that gives plain names."""
    names = storage()
    if has_middleware() and not has_storage() and _HASHED not in names and not (names and is_leftover(names[0])):
        yield {"storage": names[0] if names else "missing"}


def find_foreign_names() -> Iterator[Words]:
    """Find our middleware with a storage that makes other fingerprinted names."""
    names = storage()
    if has_middleware() and _HASHED in names and not has_storage() and not is_leftover(names[0]):
        yield {"storage": names[0]}


def find_twice() -> Iterator[Words]:
    """Find our middleware more than once."""
    if (count := len(positions(MIDDLEWARE))) > 1:
        yield {"count": count}


def find_unread() -> Iterator[Words]:
    """Find the setting that Django 5.1 removed."""
    if django.VERSION >= (5, 1) and hasattr(settings, "STATICFILES_STORAGE") and not uses_heroku():
        yield {"value": settings.STATICFILES_STORAGE, "version": django.get_version()}


def find_no_default() -> Iterator[Words]:
    """Find STORAGES without the storage of uploads."""
    if "default" not in settings.STORAGES:
        yield {}


def find_harmful_before() -> Iterator[Words]:
    """Find middleware that comes before ours and spoils its answers."""
    ours = positions(MIDDLEWARE)
    for names in middleware()[: ours[0]] if ours else []:
        for path, (setting, why) in _HARMFUL.items():
            if path in names and (not setting or getattr(settings, setting)):
                yield {"other": names[0], "why": why}


def find_security_after() -> Iterator[Words]:
    """Find SecurityMiddleware after ours, if it has work to do."""
    ours, security = positions(MIDDLEWARE), positions(_SECURITY)
    enabled = [name for name in ("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS") if getattr(settings, name)]
    if ours and security and ours[0] < security[0] and enabled:
        yield {"settings": " and ".join(enabled)}


# --------------------------------------------------------------------------------------------------------- apps


def find_not_installed() -> Iterator[Words]:
    """Find a project that uses our middleware or storage without the app."""
    if not apps.is_installed(APP):
        yield {}


def find_without_staticfiles() -> Iterator[Words]:
    """Find a project without the app whose `{% static %}` uses the storage."""
    if not apps.is_installed(STATICFILES):
        yield {}


def find_order() -> Iterator[Words]:
    """Find our app after Django's."""
    names = [config.name for config in apps.get_app_configs()]
    if APP in names and STATICFILES in names and names.index(APP) > names.index(STATICFILES):
        yield {}


def find_other_runserver() -> Iterator[Words]:
    """Find apps before ours that also have a runserver."""
    configs = list(apps.get_app_configs())
    ours = next((position for position, config in enumerate(configs) if config.name == APP), 0)
    for config in configs[:ours]:
        if config.name != STATICFILES and not is_leftover(config.name) and _has_runserver(config):
            yield {"app": config.name}


def _has_runserver(config: AppConfig) -> bool:
    return (Path(config.path) / _RUNSERVER).is_file()
