"""The command line as a whole: which commands there are, and how errors end."""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version as installed_version
from io import TextIOWrapper
from typing import Annotated, Final

import typer

from services.cli.output import say
from services.errors import FramewatchError, UsageError

# Command: the module below `services.cli` that holds it, and its name there.
COMMANDS: Final = {
    "run": ("run", "run"),
    "demo": ("demo", "demo"),
    "import": ("importing", "import_files"),
    "backfill": ("backfill", "backfill"),
    "classify": ("classify", "classify"),
    "search": ("reading", "search"),
    "series": ("reading", "series"),
    "shifts": ("reading", "shifts"),
    "revisions": ("revisions", "revisions"),
    "stories": ("stories", "stories"),
    "outlets": ("outlets", "app"),
    "alerts": ("alerts", "app"),
    "doctor": ("doctor", "doctor"),
}


def build(wanted: str = "") -> typer.Typer:
    """Return the command line; only the command `wanted`, when there is one of that name.

    A command's module is imported with it: a search need not wait for the web server.
    """
    app = typer.Typer(
        name="framewatch",
        help="Watch how media frame the United States and the New Cold War, and learn when the "
        "messaging shifts. Start with 'framewatch demo' or 'framewatch run'.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name in [wanted] if wanted in COMMANDS else COMMANDS:
        module, attribute = COMMANDS[name]
        command = getattr(import_module(f"services.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"framewatch {installed_version('framewatch')}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


LOG = logging.getLogger(__name__)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    if not os.environ.get("PYTHONWARNINGS"):
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a character that the terminal lacks is no failure
            stream.reconfigure(errors="backslashreplace")
    arguments = sys.argv[1:] if argv is None else argv
    first = next(iter(arguments), "")
    return _told(lambda: build(first)(args=arguments, standalone_mode=False))


def _told(command: Callable[[], object]) -> int:
    """Run `command`; an error becomes a sentence and an exit code."""
    try:
        result = command()
        sys.stdout.flush()  # here, where a reader that has gone or a full disk can still be told
    except FramewatchError as error:
        say(str(error), "bold red")
        return 2 if isinstance(error, UsageError) else 1
    except typer.TyperException as error:
        what = error.format_message().rstrip(".")
        if "\n" in what:  # called without a command: the message is the whole help
            typer.echo(what)
        else:
            say(f"{what}. Add --help to see how the command is used.", "bold red")
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        say("Stopped. What is in the store is kept.")
        return 130
    except Exception as error:  # noqa: BLE001 - the last border: no traceback unasked
        return _unforeseen(error)
    return result if isinstance(result, int) else 0


def _unforeseen(error: Exception) -> int:
    LOG.debug("The command failed.", exc_info=error)
    if isinstance(error, OSError):
        _drop_output()
        if isinstance(error, BrokenPipeError):  # the reader (head, less) has gone
            return 0
        say(_refused(error), "bold red")
        return 1
    say(
        f"Framewatch failed where it should not have ({type(error).__name__}: {error}). "
        "This is a defect; what is in the store is kept. Run the command again with "
        "FRAMEWATCH_LOG_LEVEL=debug and report what it prints.",
        "bold red",
    )
    return 1


def _drop_output() -> None:
    """Point stdout nowhere, so that what it still holds cannot fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL:
        return (
            f"There is no room left to write{where}: the disk is full, or a limit on the size "
            "of files is reached. What is in the store is kept; free some space and run again."
        )
    return f"The system refused something that was needed: {error.strerror or error}{where}."
