"""Subresource integrity in Django: the elements of form media, and an app that gives it to all of them.

INSTALLED_APPS: "servestatic.django.integrity" is the switch: form media of every form, widget and admin then has
integrity, and `check --deploy` names the scripts that have none. The loader does the same for tags in templates.
"""
