"""A page, a stylesheet and a script, with Quart."""

from quart import Quart, render_template

from servestatic.quart import ServeStatic

app = Quart(__name__)
ServeStatic(app)


@app.get("/")
async def home():
    return await render_template("home.html")
