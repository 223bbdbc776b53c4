"""The command as a whole: its subcommands, and how it reports errors and log lines.

Exit codes: 0 success, 1 a problem was found, 2 the command could not run, 130 interrupted.
"""

import io
import logging
import sys

import click

from servestatic.cli.build import build
from servestatic.cli.check import check
from servestatic.cli.explain import explain as explain_command
from servestatic.cli.list_files import list_files
from servestatic.cli.migrate import migrate
from servestatic.cli.output import LogHandler, say
from servestatic.cli.releases import releases
from servestatic.cli.report.command import report
from servestatic.cli.serve import serve
from servestatic.cli.settings import settings
from servestatic.cli.store import store
from servestatic.errors import ServeStaticError, explain, page

_EPILOG = f"""Exit codes: 0 success, 1 a problem was found, 2 the command could not run.

\b
Documentation: {page("how-to/index")}
"""


@click.group(
    invoke_without_command=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=_EPILOG,
)
@click.version_option(package_name="statictree", prog_name="servestatic")
@click.pass_context
def servestatic(context: click.Context) -> None:
    """Static files from Python: collected, fingerprinted, precompressed."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
    logging.basicConfig(level=logging.WARNING, format="%(message)s", handlers=[LogHandler()])
    logging.getLogger("servestatic").setLevel(logging.INFO)


for _command in (serve, list_files, explain_command, check, report, settings, build, releases, store, migrate):
    servestatic.add_command(_command)


def run() -> None:
    """Run a command; report an error as a sentence, with exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # the terminal may not encode every name
    try:
        servestatic(standalone_mode=False)
    except click.UsageError as error:
        sys.exit(_fail(_describe(error)))
    except click.ClickException as error:
        sys.exit(_fail(error.format_message()))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OSError as error:
        sys.exit(_fail(f"{error.filename or 'the system says'}: {error.strerror or error}"))
    except (ServeStaticError, ExceptionGroup) as error:
        sys.exit(_fail(explain(error, indent="  ")))


def _describe(error: click.UsageError) -> str:
    """Return in one line what click writes in four."""
    message = error.format_message()
    if isinstance(error, click.BadParameter) and error.message:
        hint = error.param_hint or (error.param.opts[0] if isinstance(error.param, click.Option) else "")
        message = f"{hint}: {error.message}" if hint else error.message
    command = error.ctx.command_path if error.ctx else "servestatic"
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} See: {command} --help"


def _fail(sentence: str) -> int:
    for line in f"servestatic: {sentence}".splitlines():
        say(line, indent=2, stderr=True)
    return 2
