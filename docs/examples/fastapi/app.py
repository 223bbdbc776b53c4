"""A page, a stylesheet and a script, with FastAPI."""

from fastapi import FastAPI, Request
from fastapi.templating import Jinja2Templates

from servestatic.starlette import ServeStatic

app = FastAPI()
app.routes.append(ServeStatic("/static", "static"))
templates = Jinja2Templates("templates")


@app.get("/")
def home(request: Request):
    return templates.TemplateResponse(request, "home.html")
