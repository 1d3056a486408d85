"""`framewatch run`: the main job in one process."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import typer

from services import pipeline
from services.api.app import create_app
from services.cli.options import CatalogueFile, Data, settings_for
from services.cli.output import clean, err, say, table
from services.context import Context, open_context
from services.domain.outlet import PollOutcome
from services.pipeline import next_due
from services.run import RoundReport, listen, only_runner, run_round, run_until, served

_NO_NETWORK: Final = frozenset({PollOutcome.UNREACHABLE, PollOutcome.TIMEOUT})
_CUT_OFF: Final = "No feed could be reached. Check the network or set FRAMEWATCH_PROXY."
_ALL_FAILED: Final = "No feed answered as a feed; the sentence of each says what came instead."

Rules = Annotated[
    Path | None,
    typer.Option(
        "--rules", metavar="FILE", help="Who is told about what (YAML).", show_default=False
    ),
]


def run(
    catalogue: CatalogueFile = None,
    data: Data = None,
    rules: Rules = None,
    host: Annotated[
        str | None, typer.Option(help="Address the page listens on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help="Port of the page; 0 takes a free one.", show_default="8080"
        ),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Do one round, then end.")] = False,
) -> int:
    """Collect feeds, label articles, find shifts, send alerts and serve the page.

    Ctrl-C stops it cleanly; nothing is lost, and the next start goes on where it was.
    """
    settings = settings_for(data, catalogue, rules=rules, host=host, port=port)
    with ExitStack() as stack:
        sock = None if once else stack.enter_context(listen(settings.host, settings.port))
        context = stack.enter_context(open_context(settings))
        stack.enter_context(only_runner(context))
        if settings.rules:
            pipeline.adopt_rules(context, settings.rules)
        # A channel that is set up wrongly stops the start, not the first alert.
        tuple(context.senders)
        stop = stack.enter_context(stopped_by_signals())
        if sock is None:
            with err.status("starting") as status:
                report = run_round(context, stop.is_set, lambda stage: status.update(f"{stage} …"))
            tell_round(context, report, every_feed=True)
            return 1 if report.unreachable or report.problems else 0
        address = stack.enter_context(served(create_app(context), sock))
        say(f"The page is at {address} (Ctrl-C stops).", "bold")
        _loop(context, stop)
    say("Stopped cleanly.")
    return 0


def _loop(context: Context, stop: threading.Event) -> None:
    first = True

    def on_round(report: RoundReport) -> None:
        nonlocal first
        if report.polls or report.pages or report.problems:
            tell_round(context, report, every_feed=first)
        first = False

    run_until(context, stop, on_round)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Yield an event that SIGINT and SIGTERM set; a second signal ends at once.

    Signals within a second are one wish: make and a terminal both pass the same one on.
    """
    stop = threading.Event()
    before: dict[int, Any] = {}
    first = 0.0

    def handle(number: int, _frame: FrameType | None) -> None:
        nonlocal first
        if stop.is_set():
            if time.monotonic() - first < 1:
                return
            signal.signal(number, before[number])
            raise KeyboardInterrupt
        say("Stopping after the batch in work …")
        first = time.monotonic()
        stop.set()

    for watched in (signal.SIGINT, signal.SIGTERM):
        before[watched] = signal.signal(watched, handle)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def tell_round(context: Context, report: RoundReport, *, every_feed: bool) -> None:
    """Say what a round did: each failing feed in a sentence, then one line of counts."""
    for problem in report.problems:
        say(problem, "bold red")
    shown = [item for item in report.polls if not item.outcome.ok]
    if every_feed and shown:
        names = {outlet.id: outlet.name for outlet in context.catalogue.outlets}
        rows = [(names[item.outlet], clean(item.sentence)) for item in shown]
        table("Feeds that did not answer as a feed", ("outlet", "what happened"), rows)
    if not report.polls:
        due = next_due(context)
        say(f"No feed is due; the next one is at {due:%Y-%m-%d %H:%M} UTC." if due else "No feed.")
    good = len(report.polls) - len(shown)
    entries = ", ".join(f"{count} {name}" for name, count in sorted(report.entries.items()))
    pages = ", ".join(f"{count} {name}" for name, count in sorted(report.pages.items()))
    labels = ", ".join(f"{count} {name}" for name, count in sorted(report.classified.items()))
    say(
        f"{context.clock():%Y-%m-%d %H:%M} UTC: {good} of {len(report.polls)} feeds answered; "
        f"entries: {entries or 'none'}; pages: {pages or 'none'}; "
        f"framing: {labels or 'nothing to do'}; "
        f"new or stronger shifts: {len(report.shifts)}."
    )
    if report.unreachable:
        network = all(item.outcome in _NO_NETWORK for item in report.polls)
        say(
            f"{_CUT_OFF if network else _ALL_FAILED} The page still shows the reference history, "
            "and 'framewatch demo' shows the whole product on a simulated world.",
            "bold yellow",
        )
