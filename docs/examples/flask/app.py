"""A page, a stylesheet and a script, with Flask."""

from flask import Flask, render_template

from servestatic.flask import ServeStatic

app = Flask(__name__)
ServeStatic(app)


@app.get("/")
def home():
    return render_template("home.html")
