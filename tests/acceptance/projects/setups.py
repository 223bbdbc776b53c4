"""Three applications, set up as their documentation says, and servestatic as ours says: nothing else is written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

USER, PASSWORD = "keeper", "of the light"
NAME = "lights"  # of each project's package
MAX_SECONDS = 300  # of a command, on a busy machine


class Setup(NamedTuple):
    """How a developer makes a project.

    Attributes:
        start: the command that generates it.
        settings: the file with INSTALLED_APPS and MIDDLEWARE, below the project.
        module: DJANGO_SETTINGS_MODULE in production.
        files: what the developer writes: text by file.
        edits: what the developer changes in the settings: new text by old.
        appended: what the developer adds to the settings.
        login: the path of the login page.
        pages: paths at which a visitor begins; links are followed from there.
    """

    start: tuple[str, ...]
    settings: str
    module: str
    files: Mapping[str, str]
    edits: Mapping[str, str]
    appended: str
    login: str
    pages: tuple[str, ...]


class Project(NamedTuple):
    """A project that was set up."""

    setup: Setup
    place: Path
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        """Run manage.py; return what it wrote."""
        line = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            line, cwd=self.place, env=self.environment, capture_output=True, text=True, timeout=MAX_SECONDS
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
        return done.stdout


HOSTS = {"DEBUG = True": "DEBUG = False", "ALLOWED_HOSTS = []": 'ALLOWED_HOSTS = ["127.0.0.1"]'}
DJANGO = ("django-admin", "startproject", NAME, ".")
ASGI = f"""
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{NAME}.settings.production")
application = get_asgi_application()
"""
API = """
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework import routers, serializers, viewsets


class UserSerializer(serializers.ModelSerializer):
    class Meta:
        model = User
        fields = ["url", "username", "email"]


class UserViewSet(viewsets.ModelViewSet):
    queryset = User.objects.order_by("pk")
    serializer_class = UserSerializer


class GroupSerializer(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["url", "name"]


class GroupViewSet(viewsets.ModelViewSet):
    queryset = Group.objects.order_by("pk")
    serializer_class = GroupSerializer


router = routers.DefaultRouter()
router.register("users", UserViewSet)
router.register("groups", GroupViewSet)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api-auth/", include("rest_framework.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema")),
    path("api/redoc/", SpectacularRedocView.as_view(url_name="schema")),
    path("api/", include(router.urls)),
]
"""
API_SETTINGS = """
INSTALLED_APPS += ["rest_framework", "drf_spectacular", "drf_spectacular_sidecar"]
REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
"""
WAGTAIL_SETTINGS = """
SECRET_KEY = "of a test"
ALLOWED_HOSTS = ["127.0.0.1"]
WAGTAIL_ENABLE_UPDATE_CHECK = False  # a test asks no other host
WAGTAIL_GRAVATAR_PROVIDER_URL = None
"""


def _theme_admin(app: str, appended: str = "") -> Setup:
    """Return a project whose admin has the theme of an app."""
    admin = '    "django.contrib.admin",\n'
    return Setup(
        start=DJANGO,
        settings=f"{NAME}/settings.py",
        module=f"{NAME}.settings",
        files={},
        edits={**HOSTS, admin: f'    "{app}",\n{admin}'},
        appended=appended,
        login="/admin/login/",
        pages=("/admin/", "/admin/auth/user/1/change/", "/admin/auth/user/add/"),
    )


SETUPS = {
    "Wagtail": Setup(
        start=("wagtail", "start", NAME, "."),
        settings=f"{NAME}/settings/base.py",
        module=f"{NAME}.settings.production",
        files={
            f"{NAME}/settings/local.py": WAGTAIL_SETTINGS,
            f"{NAME}/asgi.py": ASGI,
        },
        edits={},
        appended="",
        login="/admin/login/",
        pages=("/", "/search/?query=home", "/admin/", "/admin/pages/3/edit/", "/admin/images/add/", "/django-admin/"),
    ),
    "Django REST framework": Setup(
        start=DJANGO,
        settings=f"{NAME}/settings.py",
        module=f"{NAME}.settings",
        files={f"{NAME}/urls.py": API},
        edits=HOSTS,
        appended=API_SETTINGS,
        login="/admin/login/",
        pages=("/api/", "/api/users/1/", "/api/docs/", "/api/redoc/", "/api-auth/login/", "/admin/"),
    ),
    "Unfold": _theme_admin("unfold"),
    "Jazzmin": _theme_admin(
        "jazzmin",
        'JAZZMIN_SETTINGS = {"show_ui_builder": True}\nJAZZMIN_UI_TWEAKS = {"theme": "darkly"}\n',
    ),
}


def set_up(setup: Setup, place: Path) -> Project:
    """Make a project in an empty directory, with a database and a superuser."""
    program = Path(sys.executable).with_name(setup.start[0])  # of this virtual environment
    subprocess.run([program, *setup.start[1:]], cwd=place, check=True, timeout=MAX_SECONDS, stdout=subprocess.DEVNULL)
    for name, text in setup.files.items():
        (place / name).write_text(text)
    settings = place / setup.settings
    text = settings.read_text()
    if setup.start == DJANGO:
        text = text.replace("'", '"')
    for old, new in setup.edits.items():
        assert old in text, f"{setup.settings} has no {old!r}"
        text = text.replace(old, new)
    settings.write_text(add_servestatic(text + setup.appended))
    replace_manifest_storage(place / NAME)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": setup.module,
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "SERVESTATIC_STORE": str(place / "store"),
    }
    project = Project(setup, place, environment)
    project.manage("migrate", "--verbosity", "0")
    project.manage("createsuperuser", "--noinput", "--username", USER, "--email", "keeper@example.org")
    return project


def add_servestatic(settings: str) -> str:
    """Put the lines of the documentation where it says that they belong."""
    ours = next(block.text for block in blocks(DOCS / "how-to" / "django.md") if "INSTALLED_APPS" in block.text)
    app, middleware = re.findall(r'^    "servestatic\..*\n', ours, re.MULTILINE)[:2]
    storages = _STORAGES.findall(ours)[0]
    settings, apps = re.subn(r'^    "django\.contrib\.staticfiles",\n', rf"{app}\g<0>", settings, flags=re.MULTILINE)
    security = r'^    "django\.middleware\.security\.SecurityMiddleware",\n'
    settings, places = re.subn(security, rf"\g<0>{middleware}", settings, flags=re.MULTILINE)
    assert (apps, places) == (1, 1), settings
    settings, replaced = _STORAGES.subn(lambda _: storages, settings)
    return settings if replaced else settings + storages


_STORAGES = re.compile(r"^STORAGES = \{\n.*?^\}\n", re.MULTILINE | re.DOTALL)


def replace_manifest_storage(package: Path) -> None:
    """Replace Django's storage where a template sets it for production alone."""
    for place in package.rglob("production.py"):
        old = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        assert old in place.read_text()
        place.write_text(place.read_text().replace(old, "servestatic.django.ServeStaticStorage"))
