"""The embedded engine: all stages in a loop in one process, beside the page's server."""

from __future__ import annotations

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

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
RUN_LOCK = "run"


@dataclass(frozen=True, slots=True)
class RoundReport:
    """What one round of all stages did. `problems` are sentences about stages that failed."""

    polls: tuple[Collected, ...] = ()
    classified: Counter[str] = field(default_factory=Counter)
    days: int = 0
    shifts: tuple[str, ...] = ()
    deliveries: DeliveryReport | None = None
    problems: tuple[str, ...] = ()

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
) -> RoundReport:
    """Do every stage once. A stage that fails is reported; the others still run."""
    problems: list[str] = []
    polls: list[Collected] = []
    classified: Counter[str] = Counter()
    days = 0
    fresh: list[str] = []
    deliveries: DeliveryReport | None = None
    with _reported(problems):
        due = pipeline.due_outlets(context)
        on_stage(f"asking {len(due)} feeds" if due else "no feed is due")
        polls = pipeline.collect(context, due, stop)
    with _reported(problems):
        on_stage("classifying")
        classified = pipeline.classify_waiting(context, stop=stop)
    with _reported(problems):
        on_stage("counting")
        days = pipeline.count(context)
    with _reported(problems):
        on_stage("looking for shifts")
        fresh = pipeline.detect(context)
        pipeline.raise_alerts(context)
    with _reported(problems):
        on_stage("delivering alerts")
        deliveries = pipeline.deliver(context, stop)
    return RoundReport(tuple(polls), classified, days, tuple(fresh), deliveries, tuple(problems))


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
        on_round(run_round(context, stop.is_set, on_stage))
        stop.wait(_pause(context))


def _pause(context: Context) -> float:
    """Seconds to the next due feed, between one second and PAUSE_SECONDS."""
    times = [state.next_poll for state in context.store.feed_states().values() if state.next_poll]
    if not times:
        return PAUSE_SECONDS
    wait: timedelta = min(times) - context.clock()
    return min(max(wait.total_seconds(), 1.0), PAUSE_SECONDS)


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
