"""The command line as a whole: which commands there are, and how errors end."""

from __future__ import annotations

import os
import sys
import warnings
from importlib.metadata import version as installed_version
from typing import Annotated

import typer

from services.cli import alerts, classify, demo, doctor, importing, reading, run
from services.cli.output import say
from services.errors import FramewatchError, UsageError

app = typer.Typer(
    name="framewatch",
    help="Watch how media frame the United States and the New Cold War, and learn when the "
    "messaging shifts. Start with 'framewatch demo' or 'framewatch run'.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command("import")(importing.import_files)
app.command("classify")(classify.classify)
app.command("search")(reading.search)
app.command("series")(reading.series)
app.command("shifts")(reading.shifts)
app.command("outlets")(reading.outlets)
app.command("doctor")(doctor.doctor)
app.add_typer(alerts.app, name="alerts")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"framewatch {installed_version('framewatch')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    if not os.environ.get("PYTHONWARNINGS"):
        warnings.simplefilter("ignore")
    try:
        result = app(args=argv, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except FramewatchError as error:
        say(str(error), "bold red")
        return 2 if isinstance(error, UsageError) else 1
    except typer.TyperException as error:
        say(f"{error.format_message()} Add --help to see how the command is used.", "bold red")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("Stopped.")
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; point stdout elsewhere so that exit stays quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
