"""`python -m workers`: starts the parts of the Celery engine. Exit codes as in `framewatch`.

Each part reads the same FRAMEWATCH_… settings; all of them must see the same store.
"""

from __future__ import annotations

import signal
import socket
import threading
from typing import Annotated

import typer

from services import pipeline
from services.context import open_context
from services.errors import FramewatchError, RetryableError, UsageError
from services.logs import configure_logging
from services.run import listen, only_runner, served
from services.settings import load_settings
from workers.app import check_broker, create_app
from workers.queues import Queue

cli = typer.Typer(
    name="workers",
    help="Run Framewatch as Celery workers, beat and a page, with Redis between them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
EVERY_QUEUE = ",".join(Queue)


@cli.command()
def worker(
    queues: Annotated[str, typer.Option(help="Queues to serve.")] = EVERY_QUEUE,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 1,
    name: Annotated[str, typer.Option(help="Name, if several run on one machine.")] = "worker",
) -> None:
    """Run a worker until it is stopped; what it holds then goes back to the queue.

    Only one process of an installation may serve the queues collect and pages: it keeps the
    pauses between requests to a host. So run one worker with --queues collect,pages, and others
    with as many processes as you like for the rest.
    """
    unknown = sorted(set(queues.split(",")) - set(Queue))
    if unknown:
        raise UsageError(f"There is no queue {', '.join(unknown)}; there are: {EVERY_QUEUE}.")
    settings = load_settings()
    app = create_app(settings)
    check_broker(app)
    with open_context(settings) as context:
        _ = context.model  # a wrong store, catalogue or model is told here, before the fork
    app.worker_main(
        [
            "worker",
            f"--queues={queues}",
            f"--concurrency={concurrency}",
            f"--hostname={name}@%h",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
        ]
    )


@cli.command()
def beat() -> None:
    """Start the stages on schedule. Only one beat, or `framewatch run`, can be at a store."""
    settings = load_settings()
    app = create_app(settings)
    check_broker(app)
    with open_context(settings) as context, only_runner(context):
        if settings.rules:
            pipeline.adopt_rules(context, settings.rules)
        for task in ("framewatch.poll", "framewatch.sweep"):
            app.send_task(task)  # at once; the schedule starts one interval later
        app.Beat(loglevel=settings.log_level, quiet=True).run()


@cli.command()
def page() -> None:
    """Serve the page and the API only; the workers do the rest."""
    # Here, so that a worker does not carry the web framework in its memory.
    from services.api.app import create_app as create_page  # noqa: PLC0415

    settings = load_settings()
    configure_logging(settings.log_level)  # Celery does so for the other parts
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sock = listen(settings.host, settings.port)
    with open_context(settings) as context, served(create_page(context), sock) as address:
        typer.echo(f"The page is at {address} (Ctrl-C stops).", err=True)
        stop.wait()


@cli.command()
def health(
    name: Annotated[str, typer.Option(help="Name of the worker.")] = "worker",
) -> None:
    """Ask the worker of this name on this machine whether it answers."""
    app = create_app(load_settings())
    check_broker(app)
    host = f"{name}@{socket.gethostname()}"
    if not app.control.ping(destination=[host], timeout=5.0):
        raise RetryableError(f"The worker {host} does not answer; look at its log.")


def main(argv: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    try:
        cli(args=argv, standalone_mode=False)
    except FramewatchError as error:
        typer.echo(str(error), err=True)
        return 2 if isinstance(error, UsageError) else 1
    except typer.TyperException as error:
        typer.echo(f"{error.format_message()} Add --help to see the usage.", err=True)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return 130
    return 0
