"""The checks that `check --deploy` adds to those of `table`."""

from servestatic.django.checks import compressor, integrity, interface, media, templates, urls, values
from servestatic.django.checks.check import Check

DEPLOYMENT = (
    Check(
        "W021",
        "fingerprints are off while `DEBUG` is off",
        values.find_plain,
        "Fingerprints are off: browsers request every file again after {age} seconds.",
        "Remove SERVESTATIC_FINGERPRINTS from settings and environment.",
    ),
    Check(
        "W022",
        "live development is on while `DEBUG` is off",
        values.find_live,
        "SERVESTATIC_LIVE is on: every process watches the sources.",
        "This is for development. Remove it, unless files really change under the running server.",
    ),
    Check(
        "W023",
        "`{% static %}` in a template names a file that does not exist",
        templates.find_missing,
        "{position}: {{% static '{name}' %}} names a file that does not exist.",
        "{nearest} Its URL has no fingerprint, and is a 404.",
    ),
    Check(
        "W024",
        "form media names a file that does not exist",
        media.find_missing,
        "Media of {owner}: '{name}' does not exist.",
        "{nearest} Its URL has no fingerprint, and is a 404.",
    ),
    Check(
        "W025",
        "there are more than 10,000 templates",
        templates.find_too_many,
        "There are more than {limit} templates: only that many were compiled.",
        "Silence this if that is enough.",
    ),
    Check(
        "W027",
        "a script has no integrity, and `servestatic.django.integrity` is in `INSTALLED_APPS`",
        integrity.find_bare,
        "{position}: the script {value} has no integrity.",
        "{how} With Integrity-Policy, browsers do not load it.",
    ),
    Check(
        "W030",
        "django-compressor compresses during requests",
        compressor.find_requests,
        "COMPRESS_OFFLINE is off: files that django-compressor writes during a request are not collected.",
        "Their URLs are 404 until the next start. Set COMPRESS_OFFLINE = True, and run `manage.py compress`"
        " after collectstatic, before the server starts.",
    ),
    Check(
        "W031",
        "django-compressor cannot read fingerprinted files",
        compressor.find_unreadable,
        "COMPRESS_ROOT is '{root}', which has no fingerprinted files.",
        "Every page with {{% compress %}} is a 500. Set STATIC_ROOT to this path, and run collectstatic"
        " before `manage.py compress`.",
    ),
    Check(
        "W033",
        "a folder of `STATIC_ROOT` has files that no finder finds",
        urls.find_unserved,
        "{path}: no finder finds files of this folder.",
        "STATIC_ROOT is not a source: they are answered with 404. Have what writes them write to another folder, or"
        " copy them there, and put that into STATICFILES_DIRS as ('{name}', …). If the folder is left over, remove it.",
    ),
    Check(
        "I001",
        "our middleware in a project for ASGI, whose asgi.py has Django's own application",
        interface.find_django_asgi,
        "{path} takes its application from django.core.asgi: static files pass Django's handler and MIDDLEWARE.",
        "Write `from servestatic.django import get_asgi_application` there: a static file then takes about a twentieth"
        " of the time. No middleware runs for it, so redirects to HTTPS and SecurityMiddleware's headers are up to the"
        " proxy in front. Silence this if that matters more, or if the project runs under WSGI.",
    ),
)
