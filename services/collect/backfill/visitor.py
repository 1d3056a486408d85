"""Polite requests: in turn with every other part of the process, slow, and patient when told so."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from services.collect.backfill.site import bare_host
from services.collect.http.errors import FetchError, RetryableFetchError
from services.collect.http.fetcher import Fetched, Fetcher
from services.collect.http.gate import HostGate, NoTurnError
from services.collect.http.robots import Robots
from services.collect.pages.visit import as_asked
from services.domain.outlet import Outlet, PollOutcome
from services.errors import FramewatchError

LONGEST_WAIT: Final = 300.0
"""A server that asks for more than this many seconds is left alone until the next start."""
_STEP: Final = 0.2
TRIES: Final = 3
_PATIENT_TRIES: Final = 6  # while the server says that it only wants fewer requests
_BACKOFF: Final = 4.0  # of the pause, doubled with every try
_FAILURES: Final = 8
"""So many addresses in a row that cannot be had, and the host is left alone."""


class StoppedError(Exception):
    """Whoever started the walk wants to stop."""


class DisallowedError(FramewatchError):
    """The site's robots.txt asks programs to stay away from an address."""


class LaterError(FramewatchError):
    """The server wants to be left alone for longer than a command waits."""


@dataclass(slots=True)
class Visitor:
    """Asks one outlet's site, and an archive, on behalf of one walk.

    `pause` is the least number of seconds between two requests to a host, as the gate keeps it;
    it measures here how long to wait after failures. `requests` counts what was sent, `failures`
    the addresses in a row that could not be had.
    """

    outlet: Outlet
    fetcher: Fetcher
    gate: HostGate
    robots: Robots
    pause: float
    stop: Callable[[], bool] = lambda: False
    sleep: Callable[[float], None] = time.sleep
    requests: int = 0
    failures: int = 0

    def get(
        self, url: str, *, accept: str = "", tries: int = TRIES, max_bytes: int | None = None
    ) -> Fetched:
        """Fetch an address of the outlet's site, as its robots.txt allows.

        `max_bytes` replaces the fetcher's own cap. Raises FetchError, DisallowedError, LaterError
        and StoppedError.
        """
        if url != self.outlet.feed:  # a person put that address into the catalogue
            self._check_permission(url)
        outlet = as_asked(self.outlet, url)
        return self._ask(
            url,
            self.robots.pause(url, outlet),
            tries,
            lambda: self.fetcher.get(
                url,
                headers=outlet.headers,
                user_agent=outlet.user_agent,
                proxy=outlet.proxy,
                accept=accept,
                max_bytes=max_bytes,
            ),
        )

    def sitemaps(self, root: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of a site names; raises as `get`."""
        self._check_permission(root)
        return self.robots.sitemaps(root, as_asked(self.outlet, root))

    def _check_permission(self, url: str) -> None:
        self._check_stop()
        try:
            permission = self.robots.ask(url, as_asked(self.outlet, url), self.stop)
        except NoTurnError:
            self._check_stop()
            raise
        if permission.again:
            raise LaterError(f"{permission.sentence} Start the command again then.")
        if not permission.allowed:
            raise DisallowedError(permission.sentence)

    def get_copy(self, url: str, pause: float) -> Fetched:
        """Fetch from an archive, `pause` seconds after the request before; raises as `get`.

        Its listings and copies are made for programs, so that its robots.txt is not asked.
        """
        return self._ask(url, pause, TRIES, lambda: self.fetcher.get(url))

    def _ask(self, url: str, pause: float, tries: int, send: Callable[[], Fetched]) -> Fetched:
        try:
            fetched = self._ask_again(url, pause, tries, send)
        except FetchError as error:
            if isinstance(error, RetryableFetchError) or error.outcome is PollOutcome.BLOCKED:
                self.failures += 1
            if self.failures >= _FAILURES:
                self.failures = 0
                raise LaterError(
                    f"{_FAILURES} addresses in a row could not be had. The last time: {error} "
                    "Start the command again later, it goes on here."
                ) from error
            raise
        self.failures = 0
        return fetched

    def _ask_again(
        self, url: str, pause: float, tries: int, send: Callable[[], Fetched]
    ) -> Fetched:
        """Send when it is our turn; wait and send again where that may help."""
        failed = 0
        while True:
            try:
                with self._turn(url, pause):
                    self.requests += 1
                    return send()
            except RetryableFetchError as error:
                self._check_stop()
                failed += 1
                limited = error.outcome is PollOutcome.RATE_LIMITED or error.retry_after is not None
                if failed >= (_PATIENT_TRIES if limited else tries):
                    raise
                self._wait(url, error, failed, pause)

    @contextmanager
    def _turn(self, url: str, pause: float) -> Iterator[None]:
        self._check_stop()
        with self.gate.turn(url, pause=pause, stop=self.stop):
            yield

    def _wait(self, url: str, error: RetryableFetchError, failed: int, pause: float) -> None:
        seconds = _BACKOFF * max(pause, self.pause) * 2 ** (failed - 1)
        if error.retry_after is not None:
            seconds = max(seconds, error.retry_after)
            if error.retry_after > LONGEST_WAIT:
                raise LaterError(
                    f"{bare_host(url)} asks to be left alone for "
                    f"{error.retry_after / 60:,.0f} minutes; start the command again after that, "
                    "it goes on here."
                ) from error
        left = min(seconds, LONGEST_WAIT)
        while left > 0:
            self._check_stop()
            self.sleep(min(left, _STEP))
            left -= _STEP

    def _check_stop(self) -> None:
        if self.stop():
            raise StoppedError
