"""Commands for manage.py; they replace those of `django.contrib.staticfiles`."""
