"""The embedded engine: all stages in a loop in one process, beside the page's server."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.types import ASGIApp

from services import pipeline
from services.alerts.ledger import DeliveryReport
from services.context import Context
from services.domain.article import EntryOutcome
from services.errors import ConfigurationError, FramewatchError, RetryableError
from services.pipeline import Collected

LOG = logging.getLogger(__name__)
PAUSE_SECONDS = 15.0
# A round that is followed by others leaves the rest to them, so that no feed waits long.
COLLECT_SECONDS = 60.0
LINK_SECONDS = 5.0
CLASSIFY_SECONDS = 15.0
RUN_LOCK = "run"


@dataclass(slots=True)
class RoundReport:
    """What one round of all stages did. `problems` are sentences about stages that failed;
    `unfinished` says that a stage left work to the next round."""

    polls: list[Collected] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)
    linked: int = 0
    classified: Counter[str] = field(default_factory=Counter)
    days: int = 0
    shifts: list[str] = field(default_factory=list)
    deliveries: DeliveryReport | None = None
    problems: list[str] = field(default_factory=list)
    unfinished: bool = False

    @property
    def entries(self) -> Counter[EntryOutcome]:
        """Feed entries of the round by outcome, over all outlets."""
        total: Counter[EntryOutcome] = Counter()
        for item in self.polls:
            total.update(item.entries)
        return total

    @property
    def unreachable(self) -> bool:
        """True when feeds were asked and not one of them answered as a feed."""
        return bool(self.polls) and not any(item.outcome.ok for item in self.polls)


def run_round(
    context: Context,
    stop: Callable[[], bool] = lambda: False,
    on_stage: Callable[[str], None] = lambda _: None,
    *,
    brisk: bool = False,
) -> RoundReport:
    """Do every stage once. A stage that fails is reported; the others still run.

    A `brisk` round leaves what takes long to the next one. `on_stage` is told what begins.
    """
    work = _Round(context, stop, on_stage, brisk)
    for stage in (
        work.collect,
        work.visit,
        work.link,
        work.classify,
        work.count,
        work.detect,
        work.deliver,
    ):
        with _reported(work.report.problems):
            stage()
    return work.report


class _Round:
    """One round in work: each method is a stage."""

    def __init__(
        self,
        context: Context,
        stop: Callable[[], bool],
        on_stage: Callable[[str], None],
        brisk: bool,
    ) -> None:
        self.report = RoundReport()
        self._context = context
        self._stop = stop
        self._on_stage = on_stage
        self._brisk = brisk

    def collect(self) -> None:
        due = pipeline.due_outlets(self._context)
        self._on_stage(f"asking {len(due)} feeds" if due else "no feed is due")
        enough = self._enough(COLLECT_SECONDS)
        self.report.polls = pipeline.collect(self._context, due, self._stop, enough)

    def visit(self) -> None:
        self._on_stage("reading pages")
        seconds = self._context.settings.visit_seconds
        began = time.monotonic()
        self.report.pages = pipeline.visit_pages(self._context, self._stop, seconds)
        self.report.unfinished |= bool(seconds) and time.monotonic() - began >= seconds

    def link(self) -> None:
        self._on_stage("looking for copies")
        enough = self._enough(LINK_SECONDS)
        self.report.linked = pipeline.link_copies(self._context, enough)

    def classify(self) -> None:
        self._on_stage("classifying")
        enough = self._enough(CLASSIFY_SECONDS)
        self.report.classified = pipeline.classify_waiting(self._context, stop=enough)

    def count(self) -> None:
        self._on_stage("counting")
        self.report.days = pipeline.count(self._context)

    def detect(self) -> None:
        self._on_stage("looking for shifts")
        self.report.shifts = pipeline.detect(self._context)
        pipeline.raise_alerts(self._context)

    def deliver(self) -> None:
        self._on_stage("delivering alerts")
        self.report.deliveries = pipeline.deliver(self._context, self._stop)

    def _enough(self, seconds: float) -> Callable[[], bool]:
        """Return what ends a stage: a stop, and in a brisk round the passing of `seconds`."""
        ends = time.monotonic() + seconds if self._brisk else float("inf")

        def enough() -> bool:
            late = time.monotonic() >= ends
            self.report.unfinished |= late
            return late or self._stop()

        return enough


@contextmanager
def _reported(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except FramewatchError as error:
        problems.append(str(error))
    except Exception as error:  # the other stages, and the next round, still run
        LOG.debug("A stage failed.", exc_info=error)
        problems.append(
            f"A stage failed where it should not have ({type(error).__name__}: {error}). This is "
            "a defect; with FRAMEWATCH_LOG_LEVEL=debug the log says where."
        )


def run_until(
    context: Context,
    stop: threading.Event,
    on_round: Callable[[RoundReport], None],
    on_stage: Callable[[str], None] = lambda _: None,
) -> None:
    """Run round after round until `stop` is set; a round in work ends at a batch border."""
    while not stop.is_set():
        report = run_round(context, stop.is_set, on_stage, brisk=True)
        on_round(report)
        stop.wait(0.0 if report.unfinished and not report.problems else _pause(context))


def _pause(context: Context) -> float:
    """Seconds to the next due feed, between one second and PAUSE_SECONDS."""
    due = pipeline.next_due(context)
    if due is None:
        return PAUSE_SECONDS
    return min(max((due - context.clock()).total_seconds(), 1.0), PAUSE_SECONDS)


@contextmanager
def only_runner(context: Context) -> Iterator[None]:
    """Hold the installation's run lock; RetryableError when another process runs on it."""
    with context.store.lock(RUN_LOCK) as held:
        if not held:
            raise RetryableError(
                f"Another framewatch run is at work on {context.settings.data}. "
                "Stop it first, or choose another folder with --data."
            )
        yield


def listen(host: str, port: int) -> socket.socket:
    """Open the page's socket before anything else starts, so that a taken port is told early."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(128)
    except (OSError, OverflowError, UnicodeError) as error:
        sock.close()
        reason = getattr(error, "strerror", None) or error
        raise ConfigurationError(
            f"The page cannot listen on {host} port {port}: {reason}. "
            "Choose another with --port (0 takes a free one) or --host."
        ) from error
    return sock


def address_of(sock: socket.socket) -> str:
    """Return the address under which the page on `sock` is reached."""
    host, port = sock.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


@contextmanager
def served(app: ASGIApp, sock: socket.socket) -> Iterator[str]:
    """Serve `app` on `sock` from a thread of its own; yields the page's address."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,  # a reader who hangs on must not hold up the end
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, name="page")
    thread.start()
    try:
        yield address_of(sock)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()
