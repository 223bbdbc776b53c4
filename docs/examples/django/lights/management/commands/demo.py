"""`manage.py demo`: everything the example needs before it can be looked at."""

import json
import os
import time
import urllib.error
import urllib.request
from contextlib import redirect_stdout
from io import StringIO

from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from servestatic.django import release

from lights.models import Lighthouse
from lights.views import REPORT, SUMMARY

PATIENCE = 60  # seconds until the server answers


class Command(BaseCommand):
    """Run it as often as you like: what is there stays as it is."""

    help = "Migrate, light the lighthouses, make the admin user, and report on the static files."
    requires_system_checks = []

    def add_arguments(self, parser):
        """Take the URL to announce."""
        parser.add_argument("--announce", metavar="URL", help="Wait until this answers, then say how to log in.")

    def handle(self, announce, **options):
        """Prepare the site, or announce it."""
        if announce:
            self.announce(announce)
        else:
            self.prepare()

    def prepare(self):
        """Make what is missing."""
        call_command("migrate", verbosity=0)
        if not Lighthouse.objects.exists():
            call_command("loaddata", "lighthouses", verbosity=0)
        name = os.environ.get("DEMO_USER", "admin")
        if not User.objects.filter(username=name).exists():
            User.objects.create_superuser(name, password=os.environ.get("DEMO_PASSWORD", "lighthouse"))
        self.report()

    def report(self):
        """Write what the static files weigh, unless that is known; without the command line's packages, nothing."""
        started = time.monotonic()
        current = release()
        seconds = time.monotonic() - started
        if SUMMARY.exists() and REPORT.exists() and json.loads(SUMMARY.read_text())["release"] == current:
            return
        try:
            with redirect_stdout(StringIO()) as printed:
                call_command("servestatic_report", page="/", html=str(REPORT), json=True)
        except CommandError as error:
            self.stderr.write(str(error))
        else:
            SUMMARY.write_text(json.dumps({**json.loads(printed.getvalue()), "seconds": seconds}))

    def announce(self, url):
        """Say where the site is once it is there. The server that replaces the shell is the parent of this process."""
        parent, until = os.getppid(), time.monotonic() + PATIENCE
        while not answers(url):
            if os.getppid() != parent or time.monotonic() > until:
                return
            time.sleep(0.2)
        name = os.environ.get("DEMO_USER", "admin")
        password = os.environ.get("DEMO_PASSWORD", "lighthouse")
        known = User.objects.get(username=name).check_password(password)
        lines = {
            "Login": f"{name} / {password if known else '(the password you gave it)'}",
            "Admin": f"{url}admin/",
            "Report": f"{url}served/",
            "Site": url,
        }
        self.stdout.write("\n" + "\n".join(f"  {label:<8}{text}" for label, text in lines.items()) + "\n")


def answers(url):
    """Return whether a server answers at a URL, whatever it is."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
