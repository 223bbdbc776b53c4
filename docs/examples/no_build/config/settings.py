"""The example's settings: `DEBUG=1` for development. What brings servestatic in is marked with `←`."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "servestatic.django",  # ←
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.django.ServeStaticMiddleware",  # ←
    "config.policy.protect",
]
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"},  # ←
}

# By which names modules import what is no file of ours; the template passes it to `{% importmap %}`.
BARE_NAMES = {
    "htmx.org": "vendor/htmx.org/dist/htmx.esm.js",
    "lit": "vendor/lit/index.js",
    "@lit/reactive-element": "vendor/@lit/reactive-element/reactive-element.js",
    "lit-element/lit-element.js": "vendor/lit-element/lit-element.js",
    "lit-html": "vendor/lit-html/lit-html.js",
    "lit-html/is-server.js": "vendor/lit-html/is-server.js",
}

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]
USE_TZ = True
