"""Politeness: at most so many requests at once to one host, and a pause between their starts.

One gate serves a whole process. It does not wait for answers and holds no connection, so it
is cheap with thousands of hosts; hosts that have been quiet are forgotten.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from services.collect.http.errors import RetryableFetchError
from services.collect.http.targets import host_of
from services.domain.outlet import PollOutcome

LONGEST_PAUSE: Final = 60.0
"""The most that a site may ask for between two requests (its Crawl-delay), in seconds."""
LONGEST_WAIT: Final = 120.0
_STEP: Final = 0.2  # how long a waiting turn sleeps before it looks at `stop` again
_FULL: Final = 0.05  # when to look again at a host that answers as many as it may
_FEW: Final = 256


class NoTurnError(RetryableFetchError):
    """The wait for a turn was ended; nothing was sent, and the host is not to blame."""

    def __init__(self, host: str, why: str) -> None:
        super().__init__(f"{host} was not asked: {why}.", PollOutcome.TIMEOUT)


@dataclass(slots=True)
class _Host:
    started: float  # when a request to it last began
    holders: list[int] = field(default_factory=list)  # threads, one for each request under way


class HostGate:
    """Spaces requests to each host. Safe to share between threads.

    `pause` is in seconds between two starts, `at_once` the most that run side by side. A host
    is a name and port, whatever the scheme; the standard ports are one.
    """

    def __init__(
        self,
        pause: float,
        at_once: int = 2,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._pause = pause
        self._at_once = at_once
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _FEW

    def __len__(self) -> int:
        """How many hosts are remembered."""
        with self._lock:
            return len(self._hosts)

    def try_enter(self, url: str, pause: float = 0.0) -> float:
        """Begin a request to the host of `url` if that is allowed now, without waiting.

        Returns 0.0 when it is; `leave(url)` must follow. Otherwise returns the seconds after
        which to ask again. `pause` is what the site itself wants between two starts; the
        longer of it (up to `LONGEST_PAUSE`) and the gate's own holds.
        """
        return self._enter(host_of(url), pause, threading.get_ident())

    def leave(self, url: str) -> None:
        """End a request that `try_enter` let this thread begin. ValueError without one."""
        self._leave(host_of(url), threading.get_ident())

    def note(self, url: str) -> None:
        """Count a request to the host of `url` that begins now, outside of any turn.

        So does one that a redirect leads to: it does not wait, but others wait for it.
        """
        host = host_of(url)
        with self._lock:
            now = self._clock()
            state = self._hosts.get(host)
            if state is not None:
                state.started = now
            else:
                self._forget_quiet(now)
                self._hosts[host] = _Host(now)

    @contextmanager
    def turn(
        self,
        url: str,
        *,
        pause: float = 0.0,
        stop: Callable[[], bool] = lambda: False,
        longest: float = LONGEST_WAIT,
    ) -> Iterator[None]:
        """Hold the body until the host of `url` may be asked, and count it as one request.

        Raises NoTurnError, with nothing begun, when `stop()` turns true or the turn would come
        later than `longest` seconds from now. A thread that takes a second turn with the same
        host inside its first, or before it leaves what `try_enter` let it begin, waits for the
        pause alone, so that it cannot wait for itself.
        """
        host, me = host_of(url), threading.get_ident()
        end = self._clock() + longest
        while True:
            if stop():
                raise NoTurnError(host, "the work was stopped before its turn came")
            wait = self._enter(host, pause, me, inner=True)
            if not wait:
                break
            if wait > end - self._clock():
                raise NoTurnError(host, f"no turn came within {longest:g} seconds")
            self._sleep(min(wait, _STEP))
        try:
            yield
        finally:
            self._leave(host, me)

    def _enter(self, host: str, pause: float, holder: int, *, inner: bool = False) -> float:
        between = max(self._pause, min(pause, LONGEST_PAUSE))
        with self._lock:
            now = self._clock()
            state = self._hosts.get(host)
            if state is None:
                self._forget_quiet(now)
                self._hosts[host] = _Host(now, [holder])
                return 0.0
            wait = state.started + between - now
            # Our own outer turn sends nothing while we are in here.
            if len(state.holders) >= self._at_once and not (inner and holder in state.holders):
                return max(wait, _FULL)
            if wait > 0:
                return wait
            state.started = now
            state.holders.append(holder)
            return 0.0

    def _leave(self, host: str, holder: int) -> None:
        with self._lock:
            state = self._hosts.get(host)
            if state is None or holder not in state.holders:
                raise ValueError(f"No request to {host} is under way.")
            state.holders.remove(holder)

    def _forget_quiet(self, now: float) -> None:
        """Drop the hosts whose past no longer matters; seldom enough to cost next to nothing."""
        if len(self._hosts) < self._sweep_at:
            return
        longest = max(self._pause, LONGEST_PAUSE)
        self._hosts = {
            host: state
            for host, state in self._hosts.items()
            if state.holders or now - state.started < longest
        }
        self._sweep_at = max(_FEW, 2 * len(self._hosts))
