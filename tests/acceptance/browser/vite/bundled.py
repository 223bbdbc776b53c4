"""A Django site with what Vite has built: `/` by the tags of servestatic, `/django-vite/` by those of django-vite."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

BUILT = Path(__file__).resolve().parent / "dist"
MANIFEST = BUILT / ".vite" / "manifest.json"

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DJANGO_VITE={"default": {"manifest_path": MANIFEST}},
    INSTALLED_APPS=["servestatic.django", "django.contrib.staticfiles", "django_vite"],
    MIDDLEWARE=["servestatic.django.ServeStaticMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="tests",
    SERVESTATIC_MANIFESTS=[MANIFEST],
    STATICFILES_DIRS=[BUILT],
    STATIC_URL="/static/",
    STORAGES={"staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"}},
)

OURS = """{% load static servestatic %}<!doctype html><title>Ours</title><link rel="icon" href="data:,">
{% importmap "src/main.ts" %}
{% modulepreload "src/main.ts" %}
{% stylesheet "src/main.ts" %}
{% static_integrity "src/main.ts" as known %}
<body><script type="module" src="{% static 'src/main.ts' %}" integrity="{{ known }}"></script></body>"""
THEIRS = """{% load django_vite %}<!doctype html><title>Theirs</title><link rel="icon" href="data:,">
<body>{% vite_asset "src/main.ts" %}{% vite_asset "src/admin.ts" %}</body>"""
LIBRARIES = {
    "static": "django.templatetags.static",
    "servestatic": "servestatic.django.templatetags.servestatic",
    "django_vite": "django_vite.templatetags.django_vite",
}


def render(text: str) -> HttpResponse:
    return HttpResponse(Engine(libraries=LIBRARIES).from_string(text).render(Context()))


def ours(_: HttpRequest) -> HttpResponse:
    return render(OURS)


def theirs(_: HttpRequest) -> HttpResponse:
    return render(THEIRS)


urlpatterns = [path("", ours), path("django-vite/", theirs)]
application = get_asgi_application()
