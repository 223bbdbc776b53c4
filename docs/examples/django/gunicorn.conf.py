"""What gunicorn needs to know to run the example in a terminal; `gunicorn` alone is the command."""

import os
import signal

wsgi_app = "config.wsgi"
workers = 2
accesslog = "-"
control_socket_disable = True  # it would be written under the home directory


def when_ready(server):
    """A terminal that is closed ends the server; gunicorn would read its configuration again and live on."""
    signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))


def post_worker_init(worker):
    """Ctrl-C reaches every process of a terminal; here the first one stops and stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
