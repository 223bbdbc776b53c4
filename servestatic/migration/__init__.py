"""Coming from WhiteNoise, Archmonger's ServeStatic or django-heroku: what their settings became, and the edits.

Nothing here imports or runs what it reads: files are parsed and edited by position.
"""
