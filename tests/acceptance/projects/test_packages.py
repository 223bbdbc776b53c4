"""Packages that read static files, or derive from Django's tags: each in a project without collectstatic."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

CSS = "body { background: url(../img/dot.svg) } h1 { color: red }"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8" fill="blue"/></svg>'
PAGE = """{% load static %}<html><head><link rel="stylesheet" href="{% static 'css/mail.css' %}"></head>
<body><h1>Tides</h1><img src="{% static 'img/dot.svg' %}"></body></html>"""
SETTINGS = """
import django
from django.conf import settings
contrib = [f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "messages", "sessions", "sites")]
settings.configure(
    DEBUG=False, SECRET_KEY="tests", SITE_ID=1, LANGUAGES=[("en", "English")], LANGUAGE_CODE="en",
    INSTALLED_APPS=["servestatic.django", "django.contrib.staticfiles", *contrib, *MORE],
    MIDDLEWARE=["servestatic.django.ServeStaticMiddleware"], STATIC_URL="/static/", STATICFILES_DIRS=["static"],
    STORAGES={
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "servestatic.django.ServeStaticStorage"},
    },
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField", ROOT_URLCONF="urls", CMS_CONFIRM_VERSION4=True,
    TEMPLATES=[{
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request", *PROCESSORS]},
    }],
)
django.setup()
import json
from django.contrib.staticfiles.storage import staticfiles_storage
from django.template import engines
html = engines["django"].from_string(open("page.html").read()).render()
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with static files, and a page that names them."""
    files = {"static/css/mail.css": CSS, "static/img/dot.svg": SVG, "page.html": PAGE, "urls.py": "urlpatterns = []"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(place: Path, script: str, *more: str) -> Any:
    """Run a script in the project; return the JSON that it prints last."""
    processors = ["cms.context_processors.cms_settings"] * ("cms" in more)
    text = f"MORE = {[*more]!r}\nPROCESSORS = {processors!r}\n{SETTINGS}\n{script}"
    done = subprocess.run(
        [sys.executable, "-c", text],
        cwd=place,
        env={**os.environ, "SERVESTATIC_STORE": "none", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def how_to(name: str) -> str:
    """Return the snippet of the page about Django that mentions a name."""
    (text,) = [block.text for block in blocks(DOCS / "how-to/django.md") if name in block.text]
    return text


def test_django_sri(place: Path) -> None:
    """It takes the digest of the file at `path(stored_name(…))`, which has to be that of the rewritten stylesheet."""
    script = """
from sri import get_sri_of_static
with staticfiles_storage.open(staticfiles_storage.stored_name("css/mail.css")) as file:
    print(json.dumps([get_sri_of_static("css/mail.css", "sha256"), file.read().decode()]))
"""
    written, served = run(place, script, "sri")
    assert served != CSS
    assert written == f"sha256-{base64.b64encode(hashlib.sha256(served.encode()).digest()).decode()}"


def test_django_weasyprint(place: Path) -> None:
    script = """
from django_weasyprint.utils import DjangoURLFetcher
from weasyprint import HTML
found = []
class Fetcher(DjangoURLFetcher):
    def fetch(self, url, headers=None):
        answer = super().fetch(url, headers)
        found.append(url.rpartition("/")[2])
        return answer
HTML(string=html, base_url="file:///", url_fetcher=Fetcher()).write_pdf()
print(json.dumps(sorted({*found})))
"""
    found = run(place, script, "django_weasyprint")
    assert [name.partition(".")[0] for name in found] == ["dot", "dot", "mail"], "the stylesheet's, then the page's"


def test_xhtml2pdf(place: Path) -> None:
    script = f"""
import io
from xhtml2pdf import pisa
{how_to("def embed")}
asked = []
def callback(uri, rel):
    asked.append(uri[:5])
    return embed(uri, rel)
made = pisa.CreatePDF(html, dest=io.BytesIO(), link_callback=callback)
print(json.dumps([made.err, asked.count("/stat")]))
"""
    assert run(place, script) == [0, 2]


def test_premailer(place: Path) -> None:
    assert 'style="color:red"' in run(place, f"{how_to('class Inliner')}\nprint(json.dumps(Inliner(html).transform()))")


def test_django_cms(place: Path) -> None:
    """Its tag puts a version into the path."""
    script = """
from servestatic.django.checks import check_deployment
from servestatic.django.checks.templates import compiled_templates
count = sum("static_with_version" in template.source for template in compiled_templates())
print(json.dumps([count, [str(message) for message in check_deployment() if message.id == "servestatic.W023"]]))
"""
    count, found = run(place, script, "cms", "menus", "treebeard")
    assert count > 0
    assert found == []
