"""The example's settings: DEBUG is off unless wanted, and there is neither a STATIC_ROOT nor a collectstatic.

The three lines that bring servestatic in are marked with `←`.
"""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key
from django.templatetags.static import static
from django.urls import reverse_lazy

BASE_DIR = Path(__file__).resolve().parent.parent
STATE = Path(os.environ.get("DEMO_STATE", BASE_DIR / ".demo"))
STATE.mkdir(parents=True, exist_ok=True)


def secret_key() -> str:
    """The environment's key, else one made on first use and kept: all worker processes must agree on it."""
    if key := os.environ.get("DJANGO_SECRET_KEY"):
        return key
    file = STATE / "secret-key"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(get_random_secret_key())
    return file.read_text()


SECRET_KEY = secret_key()
DEBUG = os.environ.get("DEMO_DEBUG") == "1"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "servestatic.django",  # ←
    "unfold",  # replaces templates of the admin, so it stands before it
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "tinymce",
    "lights",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.django.ServeStaticMiddleware",  # ←
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"},  # ←
}

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": STATE / "demo.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{levelname:<8}  {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "servestatic": {"handlers": ["console"], "level": "INFO"},
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.DjangoModelPermissionsOrAnonReadOnly"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Lights",
    "DESCRIPTION": "Lighthouses and the rhythms they are known by.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# TinyMCE guesses the URLs of its parts from its own file's name, which a fingerprint changes; so each part is
# named here and comes before it is looked for (https://www.tiny.cloud/docs/tinymce/latest/bundling-guide/).
TINYMCE_DEFAULT_CONFIG = {
    "height": 320,
    "license_key": "gpl",
    "menubar": False,
    "promotion": False,
    "plugins": "autolink link lists",
    "toolbar": "undo redo | bold italic | link bullist numlist | removeformat",
}
TINYMCE_EXTRA_MEDIA = {
    "js": [
        "tinymce/icons/default/icons.min.js",
        "tinymce/models/dom/model.min.js",
        "tinymce/themes/silver/theme.min.js",
        "tinymce/skins/ui/oxide/skin.js",
        "tinymce/skins/ui/oxide/content.js",
        "tinymce/skins/content/default/content.js",
        "tinymce/plugins/autolink/plugin.min.js",
        "tinymce/plugins/link/plugin.min.js",
        "tinymce/plugins/lists/plugin.min.js",
    ],
}

UNFOLD = {
    "SITE_TITLE": "Lights",
    "SITE_HEADER": "Lights",
    "SITE_SUBHEADER": "The keeper's desk",
    "SITE_URL": reverse_lazy("home"),
    "SITE_ICON": lambda request: static("lights/img/favicon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("lights/img/favicon.svg")},
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(98.7% .022 95.277)",
            "100": "oklch(96.2% .059 95.617)",
            "200": "oklch(92.4% .12 95.746)",
            "300": "oklch(87.9% .169 91.605)",
            "400": "oklch(82.8% .189 84.429)",
            "500": "oklch(76.9% .188 70.08)",
            "600": "oklch(66.6% .179 58.318)",
            "700": "oklch(55.5% .163 48.998)",
            "800": "oklch(47.3% .137 46.201)",
            "900": "oklch(41.4% .112 45.904)",
            "950": "oklch(27.9% .077 45.635)",
        },
    },
}
