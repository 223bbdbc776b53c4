"""MIDDLEWARE, STORAGES and INSTALLED_APPS: what has to be there, and in which order."""

from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import AppConfig, apps
from django.conf import settings

from servestatic.django.checks.finding import Finding
from servestatic.django.checks.leftovers import is_leftover, uses_heroku
from servestatic.django.checks.lineage import MIDDLEWARE, STORAGE, middleware, positions, storage

APP = "servestatic.django"
STATICFILES = "django.contrib.staticfiles"
_HASHED = "django.contrib.staticfiles.storage.HashedFilesMixin"
_SECURITY = "django.middleware.security.SecurityMiddleware"
_RUNSERVER = Path("management/commands/runserver.py")

# What harms when it stands before ours, so that it handles our answers; the setting, if any, that makes it harmful.
# Harmless, though each costs time for each file: GZip, ConditionalGet, Common, Csrf, Authentication, Messages, XFrame.
_HARMFUL = {
    "django.middleware.cache.FetchFromCacheMiddleware": (
        "",
        "it keeps every file in the cache, and answers conditional requests with the whole of it",
    ),
    "django.middleware.locale.LocaleMiddleware": (
        "",
        "it adds `Vary: Accept-Language`, so that caches keep a copy of each file for every language",
    ),
    "django.contrib.sessions.middleware.SessionMiddleware": (
        "SESSION_SAVE_EVERY_REQUEST",
        "it saves the session and sets a cookie with every file (SESSION_SAVE_EVERY_REQUEST), so that caches refuse it",
    ),
}


def has_middleware() -> bool:
    """Tell whether our middleware, or one that is derived from it, is in MIDDLEWARE."""
    return bool(positions(MIDDLEWARE))


def has_storage() -> bool:
    """Tell whether the storage of static files is ours, or derived from it."""
    return STORAGE in storage()


def find_storage_alone() -> Iterator[Finding]:
    """Find our storage without our middleware."""
    if has_storage() and not has_middleware() and not _serves_elsewhere():
        yield {}


def _serves_elsewhere() -> bool:
    """Tell whether what serves the files is reported already."""
    return uses_heroku() or any(map(is_leftover, settings.MIDDLEWARE))


def find_middleware_alone() -> Iterator[Finding]:
    """Find our middleware without our storage, where names are plain."""
    names = storage()
    if has_middleware() and not has_storage() and _HASHED not in names and not (names and is_leftover(names[0])):
        yield {"storage": names[0] if names else "missing"}


def find_foreign_names() -> Iterator[Finding]:
    """Find our middleware with a storage that gives fingerprinted names of its own."""
    names = storage()
    if has_middleware() and _HASHED in names and not has_storage() and not is_leftover(names[0]):
        yield {"storage": names[0]}


def find_twice() -> Iterator[Finding]:
    """Find our middleware in several places."""
    if (count := len(positions(MIDDLEWARE))) > 1:
        yield {"count": count}


def find_unread() -> Iterator[Finding]:
    """Find the setting that Django 5.1 took away."""
    if django.VERSION >= (5, 1) and hasattr(settings, "STATICFILES_STORAGE") and not uses_heroku():
        yield {"value": settings.STATICFILES_STORAGE, "version": django.get_version()}


def find_no_default() -> Iterator[Finding]:
    """Find STORAGES without the storage of uploads."""
    if "default" not in settings.STORAGES:
        yield {}


def find_harmful_before() -> Iterator[Finding]:
    """Find what stands before our middleware and harms its answers."""
    ours = positions(MIDDLEWARE)
    for names in middleware()[: ours[0]] if ours else []:
        for path, (setting, why) in _HARMFUL.items():
            if path in names and (not setting or getattr(settings, setting)):
                yield {"other": names[0], "why": why}


def find_security_after() -> Iterator[Finding]:
    """Find SecurityMiddleware after ours where it has something to do."""
    ours, security = positions(MIDDLEWARE), positions(_SECURITY)
    asked = [name for name in ("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS") if getattr(settings, name)]
    if ours and security and ours[0] < security[0] and asked:
        yield {"settings": " and ".join(asked)}


# --------------------------------------------------------------------------------------------------------- apps


def find_not_installed() -> Iterator[Finding]:
    """Find a project that uses our middleware or storage without the app."""
    if not apps.is_installed(APP):
        yield {}


def find_without_staticfiles() -> Iterator[Finding]:
    """Find a project without the app that asks the storage for URLs."""
    if not apps.is_installed(STATICFILES):
        yield {}


def find_order() -> Iterator[Finding]:
    """Find the app behind Django's."""
    names = [each.name for each in apps.get_app_configs()]
    if APP in names and STATICFILES in names and names.index(APP) > names.index(STATICFILES):
        yield {}


def find_other_runserver() -> Iterator[Finding]:
    """Find apps before ours that have a runserver too."""
    configs = list(apps.get_app_configs())
    ours = next((position for position, each in enumerate(configs) if each.name == APP), 0)
    for each in configs[:ours]:
        if each.name != STATICFILES and not is_leftover(each.name) and _has_runserver(each):
            yield {"app": each.name}


def _has_runserver(config: AppConfig) -> bool:
    return (Path(config.path) / _RUNSERVER).is_file()
