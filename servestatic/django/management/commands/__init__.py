"""Commands of manage.py, before those of `django.contrib.staticfiles`."""
