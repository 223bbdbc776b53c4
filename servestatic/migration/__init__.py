"""Moves a project from WhiteNoise, Archmonger's ServeStatic or django-heroku.

No code of the project is imported or run: its files are parsed, and edited by position. Only `verify` runs it, in
processes of their own.
"""
