"""The checks of every run, in the order of their messages. Ids never change: SILENCED_SYSTEM_CHECKS has them."""

from servestatic.django.checks import leftovers, order, urls, values
from servestatic.django.checks.check import Check

_WRAPPED = (
    "Add it to MIDDLEWARE, after SecurityMiddleware. Silence this if wsgi.py or asgi.py takes its application from"
    " servestatic.django, or if another server serves what collectstatic wrote; no check can see that."
)

NOT_INSTALLED = Check(
    "W010",
    "`servestatic.django` is not in `INSTALLED_APPS`",
    order.find_not_installed,
    "'servestatic.django' is not in INSTALLED_APPS.",
    "Files are served, but there are no system checks, and runserver is Django's own. Put it before"
    " 'django.contrib.staticfiles'.",
)

PROJECT = (
    Check(
        "E003",
        "a `SERVESTATIC_*` setting does not exist or has a wrong value",
        values.find_wrong,
        "{sentence}",
        "{remedy}",
    ),
    Check(
        "W001",
        "a setting that only servestatic:app reads",
        values.find_without_effect,
        "{setting} has no effect under Django.",
        "{why} Remove the setting.",
    ),
    Check(
        "W002",
        "`SERVESTATIC_PREFIX` is not the path of `STATIC_URL`",
        values.find_prefix,
        "SERVESTATIC_PREFIX is '{prefix}', but STATIC_URL leads to '{expected}'.",
        "Pages link to URLs where no files are served. Remove the setting, unless a proxy in front changes the path.",
    ),
    Check(
        "W026",
        "`SERVESTATIC_BUILD` does not lead to a sealed build",
        values.find_no_build,
        "SERVESTATIC_BUILD cannot be served: {error}",
        "The server will not start. Run collectstatic with STATIC_ROOT set to this path, or remove SERVESTATIC_BUILD to"
        " collect the sources.",
    ),
    Check(
        "W032",
        "a directory of `SERVESTATIC_ROOT` does not exist",
        values.find_no_root,
        "SERVESTATIC_ROOT has '{path}', which is not a directory.",
        "With DEBUG, its files are missing; without, the server will not start. Create it, or correct its name.",
    ),
    Check(
        "W003",
        "our storage without our middleware",
        order.find_storage_alone,
        "The storage gives fingerprinted URLs, but there is no servestatic.django.ServeStaticMiddleware to serve them.",
        _WRAPPED,
    ),
    Check(
        "W004",
        "our middleware without our storage",
        order.find_middleware_alone,
        "STORAGES['staticfiles'] is {storage}: URLs have no fingerprints.",
        "Browsers then cache files for only SERVESTATIC_MAX_AGE seconds. Set its BACKEND to"
        " 'servestatic.django.ServeStaticStorage'.",
    ),
    Check(
        "E004",
        "our middleware with a storage that makes other fingerprinted names",
        order.find_foreign_names,
        "STORAGES['staticfiles'] is {storage}, which gives names that ServeStaticMiddleware does not know.",
        "Every such URL is a 404. Set its BACKEND to 'servestatic.django.ServeStaticStorage', or remove"
        " the middleware.",
    ),
    Check(
        "W005",
        "our middleware is in `MIDDLEWARE` more than once",
        order.find_twice,
        "MIDDLEWARE has ServeStaticMiddleware {count} times.",
        "The first one answers; the others cost time for every request. Keep one.",
    ),
    Check(
        "W006",
        "`STATICFILES_STORAGE` with Django 5.1 or later",
        order.find_unread,
        "STATICFILES_STORAGE is '{value}', and Django {version} does not read it.",
        "Set STORAGES['staticfiles']['BACKEND'] instead; STORAGES needs 'default' too.",
    ),
    Check(
        "W007",
        "`STORAGES` has no `default`",
        order.find_no_default,
        "STORAGES has no 'default'.",
        "STORAGES in the settings replaces all of Django's, so file fields and uploads fail. Add 'default':"
        " {{'BACKEND': 'django.core.files.storage.FileSystemStorage'}}.",
    ),
    Check(
        "W008",
        "a middleware before ours spoils its responses",
        order.find_harmful_before,
        "{other} comes before ServeStaticMiddleware, and {why}.",
        "Move ServeStaticMiddleware directly after SecurityMiddleware: what comes before it handles every file.",
    ),
    Check(
        "W009",
        "our middleware before SecurityMiddleware, which has work to do",
        order.find_security_after,
        "SecurityMiddleware comes after ServeStaticMiddleware, and {settings} is set.",
        "Static files are then served without redirect to HTTPS and without Strict-Transport-Security. Move"
        " ServeStaticMiddleware directly after SecurityMiddleware.",
    ),
    NOT_INSTALLED,
    Check(
        "W011",
        "`django.contrib.staticfiles` is not in `INSTALLED_APPS`",
        order.find_without_staticfiles,
        "'django.contrib.staticfiles' is not in INSTALLED_APPS.",
        "{{% static %}} then joins STATIC_URL and the name without the storage, so URLs have no fingerprints. Add it"
        " after 'servestatic.django'.",
    ),
    Check(
        "W012",
        "`servestatic.django` comes after `django.contrib.staticfiles`",
        order.find_order,
        "'servestatic.django' comes after 'django.contrib.staticfiles' in INSTALLED_APPS.",
        "runserver is then Django's own, which answers 404 for fingerprinted URLs. Move 'servestatic.django'"
        " before it.",
    ),
    Check(
        "W013",
        "an app before ours has a runserver, too",
        order.find_other_runserver,
        "'{app}' comes before 'servestatic.django' in INSTALLED_APPS and has a runserver of its own.",
        "Django takes the first. Move 'servestatic.django' before it, or start the other one with --nostatic, so that"
        " the middleware answers.",
    ),
    Check(
        "E005",
        "`STATIC_URL` is not set",
        urls.find_unset,
        "STATIC_URL is not set.",
        "No file has a URL, and {{% static %}} raises ImproperlyConfigured. Set STATIC_URL = 'static/'.",
    ),
    Check(
        "E007",
        "static files and uploads have the same URL, or the same folder",
        urls.find_same,
        "STATIC_URL is '{url}', which Django refuses: {sentence}.",
        "Every page with a static file is a 500. Set STATIC_URL = 'static/' and MEDIA_URL = 'media/': a"
        " MEDIA_URL that is not set is '/'.",
    ),
    Check(
        "W014",
        "`STATIC_URL` begins with a host, without scheme",
        urls.find_host,
        "STATIC_URL is '{url}': '{host}' is taken for a folder of this site.",
        "For another host write 'https://{host}/…'; for a folder silence this.",
    ),
    Check(
        "W015",
        "`STATIC_URL` is http:// while pages are https://",
        urls.find_mixed,
        "STATIC_URL is '{url}', and SECURE_SSL_REDIRECT is on.",
        "Browsers load no scripts and stylesheets over HTTP into pages over HTTPS. Write https://.",
    ),
    Check(
        "W016",
        "`STATIC_URL` is another origin, and pages may not use its fonts and modules",
        urls.find_unshared,
        "STATIC_URL is '{url}', and SERVESTATIC_CORS is 'off'.",
        "Browsers load fonts and JavaScript modules from another origin only with Access-Control-Allow-Origin. Set"
        " SERVESTATIC_CORS to 'all'.",
    ),
    Check(
        "W017",
        "`STATIC_ROOT` is within a source, is one, or contains one",
        urls.find_root,
        "STATIC_ROOT, {root}, {relation} the source {source}.",
        "So {harm}. Choose a folder of its own for STATIC_ROOT.",
    ),
    Check(
        "W018",
        "django-heroku sets up WhiteNoise",
        leftovers.find_heroku,
        "{module}.settings() has put WhiteNoise into MIDDLEWARE and set STATIC_ROOT, STATIC_URL and"
        " STATICFILES_STORAGE.",
        "Call {module}.settings(locals(), staticfiles=False), and set MIDDLEWARE, STATIC_URL and STORAGES yourself;"
        " `servestatic migrate` shows the lines. STATIC_ROOT is needed only where collectstatic runs.",
    ),
    Check(
        "W019",
        "WhiteNoise's middleware, app or storage is still in the settings",
        leftovers.find_whitenoise,
        "{setting} has '{path}'.",
        "The first of two middlewares answers, and WhiteNoise's reads STATIC_ROOT: {instead}. `servestatic migrate`"
        " shows all lines.",
    ),
    Check(
        "E006",
        "the other ServeStatic's middleware, app or storage is still in the settings",
        leftovers.find_archmonger,
        "{setting} has '{path}', which belongs to another project called ServeStatic.",
        "It is not in this package: {instead}. `servestatic migrate` shows all lines.",
    ),
    Check(
        "W020",
        "a `WHITENOISE_*` setting still exists",
        leftovers.find_settings,
        "{setting} is set, but servestatic does not read it.",
        "{why}",
    ),
)
