"""The conformance site below three servers' interfaces; the folder is named by the environment variable SITE."""

import os
from pathlib import Path

from servestatic import asgi, rsgi, wsgi
from tests.support.interfaces.asgi import asgi_application
from tests.support.interfaces.rsgi import rsgi_application
from tests.support.interfaces.wsgi import wsgi_application
from tests.support.tree import collect_site

index = collect_site(Path(os.environ["SITE"]), settled=True)
app = asgi.ServeStatic(asgi_application, index)
wsgi_app = wsgi.ServeStatic(wsgi_application, index)
rsgi_app = rsgi.ServeStatic(rsgi_application, index)
