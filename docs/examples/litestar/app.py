"""A page, a stylesheet and a script, with Litestar."""

from litestar import Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template.config import TemplateConfig

from servestatic.litestar import ServeStatic


@get("/")
async def home() -> Template:
    return Template("home.html")


app = Litestar(
    [home],
    plugins=[ServeStatic("static")],
    template_config=TemplateConfig(directory="templates", engine=JinjaTemplateEngine),
)
