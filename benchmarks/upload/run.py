"""A deploy's upload, in a process of its own: `python -m benchmarks.upload.run CONTENDER`.

Environment: SITE_SOURCES, as benchmarks.start.site says; UPLOAD_BUCKET and UPLOAD_LOCATION, or the directory
UPLOAD_DIRECTORY; UPLOAD_STORE, where ours keeps codings; AWS_…, which server it is and who asks.
"""

import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib import import_module
from typing import Any

from benchmarks.lib.project import Parts, configure
from benchmarks.start.site import read_sources

_S3 = "storages.backends.s3.S3ManifestStaticStorage"
_OURS = Parts(("servestatic.django",), storage="servestatic.django.ServeStaticStorage")
THREADS = 16  # ours has as many


def main() -> None:
    """Upload as the contender does that the command line names."""
    parts, upload = CONTENDERS[sys.argv[1]]
    configure(
        __name__,
        parts,
        STATICFILES_DIRS=[(under, directory) if under else directory for directory, under in read_sources()],
        AWS_STORAGE_BUCKET_NAME=os.environ["UPLOAD_BUCKET"],
        AWS_LOCATION=os.environ["UPLOAD_LOCATION"],
        AWS_S3_ENDPOINT_URL=os.environ["AWS_ENDPOINT_URL"],
        AWS_S3_REGION_NAME=os.environ["AWS_REGION"],
        AWS_S3_ADDRESSING_STYLE="path",
        AWS_QUERYSTRING_AUTH=False,
        AWS_IS_GZIPPED=sys.argv[1] == "collectstatic",  # of what is compressed, Collectfasta recognises nothing again
        COLLECTFASTA_STRATEGY="collectfasta.strategies.boto3.Boto3ManifestMemoryStrategy",
        COLLECTFASTA_THREADS=THREADS,
        SERVESTATIC_STORE=os.environ["UPLOAD_STORE"],
    )
    with redirect_stdout(io.StringIO()):
        upload()


def _build() -> None:
    bucket = "s3://{UPLOAD_BUCKET}/{UPLOAD_LOCATION}".format_map(os.environ)
    _call("servestatic_build", os.environ.get("UPLOAD_DIRECTORY") or bucket)


def _collect() -> None:
    _call("collectstatic", interactive=False, verbosity=0)


def _collect_fasta() -> None:
    command = import_module("collectfasta.management.commands.collectstatic").Command()
    _call(command, interactive=False, verbosity=0)


def _call(command: Any, *arguments: str, **options: Any) -> None:
    from django.core.management import call_command

    call_command(command, *arguments, **options)


CONTENDERS: dict[str, tuple[Parts, Callable[[], None]]] = {
    "ours": (_OURS, _build),
    "collectstatic": (Parts(("storages",), storage=_S3), _collect),
    "Collectfasta": (Parts(("storages", "collectfasta"), storage=_S3), _collect_fasta),
}

if __name__ == "__main__":
    main()
