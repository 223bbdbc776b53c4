"""A page, a stylesheet and a script, with Starlette."""

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.templating import Jinja2Templates

from servestatic.starlette import ServeStatic

templates = Jinja2Templates("templates")


async def home(request):
    return templates.TemplateResponse(request, "home.html")


app = Starlette(routes=[Route("/", home), ServeStatic("/static", "static")])
