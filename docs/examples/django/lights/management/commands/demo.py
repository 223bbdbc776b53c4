"""`manage.py demo`: everything the example needs before it can be looked at."""

import os

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand

from lights.models import Lighthouse


class Command(BaseCommand):
    """Run it as often as you like: what is there stays as it is."""

    help = "Migrate, light the lighthouses, make the admin user, and say how to log in."
    requires_system_checks = []

    def handle(self, **options):
        """Tables, rows, user; then one line with the login."""
        call_command("migrate", verbosity=0)
        if not Lighthouse.objects.exists():
            call_command("loaddata", "lighthouses", verbosity=0)
        name = os.environ.get("DEMO_USER", "admin")
        password = os.environ.get("DEMO_PASSWORD", "lighthouse")
        if not User.objects.filter(username=name).exists():
            User.objects.create_superuser(name, password=password)
        known = User.objects.get(username=name).check_password(password)
        self.stdout.write(f"{name} / {password if known else '(the password you gave it)'}")
