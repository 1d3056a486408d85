"""robots.txt: which pages a site lets us fetch, and how fast (RFC 9309).

It is asked about pages that Framewatch finds by itself, never about a feed: that address was
put into the catalogue by a person.

Ask before you take a turn at the gate: the first question about a site fetches its robots.txt,
which takes a turn of its own.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from services.collect.http.errors import FetchError
from services.collect.http.fetcher import Fetcher
from services.collect.http.gate import HostGate, NoTurnError
from services.collect.http.robots_file import RobotsFile, product_token, read_robots_file
from services.collect.http.targets import fetch_target
from services.domain.outlet import Outlet, PollOutcome

KEPT: Final = 24 * 3600.0
"""Seconds for which an answer holds."""
UNREACHABLE_KEPT: Final = 3600.0
"""Seconds for which a site whose robots.txt cannot be read is left alone."""
MOST_BYTES: Final = 500 * 2**10
"""What is read of a robots.txt; the rest counts as not there."""
_LONGEST_WAIT: Final = 60.0
_MOST_SITES: Final = 4_096
_STEP: Final = 0.2
# Answers by which a server says that there is no robots.txt for us: everything is allowed.
_NONE: Final = frozenset(
    {PollOutcome.GONE, PollOutcome.BLOCKED, PollOutcome.TOO_MANY_REDIRECTS,
     PollOutcome.FORBIDDEN_ADDRESS}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Permission:
    """Whether a page may be fetched, why not, and when to ask again.

    `again` is in seconds: how long a refusal holds at least because robots.txt could not be
    read; 0.0 when the site itself decided.
    """

    allowed: bool
    sentence: str = ""
    again: float = 0.0


@dataclass(slots=True)
class _Site:
    """What is known of one site's robots.txt; the lock is held while it is fetched."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = float("-inf")
    file: RobotsFile | None = None  # None: could not be read
    trouble: str = ""


class Robots:
    """Answers from robots.txt files, which it fetches and remembers. Safe to share by threads.

    `user_agent` is ours as sent; robots.txt files address its product token. `clock` counts
    seconds and need not be the time of day.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        user_agent: str,
        gate: HostGate,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetcher = fetcher
        self._token = product_token(user_agent)
        self._gate = gate
        self._clock = clock
        self._sites: OrderedDict[tuple[str, str], _Site] = OrderedDict()
        self._lock = threading.Lock()

    def ask(
        self,
        url: str,
        outlet: Outlet | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Permission:
        """May the page at `url` be fetched?

        `outlet` is whose page it is: its robots.txt is fetched as its pages are, with the
        same user agent, headers and proxy. Raises NoTurnError when the first question about a
        site was ended by `stop()` or by a crowd at the gate, PermanentFetchError when `url`
        is no web address.
        """
        target = fetch_target(url)
        site = self._site(target, outlet, stop)
        if site.file is None:
            return Permission(False, site.trouble, max(0.0, site.until - self._clock()))
        if site.file.allows(target):
            return Permission(True)
        return Permission(
            False, f"The robots.txt of {target.host} keeps this page from {self._token}."
        )

    def allows(
        self,
        url: str,
        outlet: Outlet | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> bool:
        """True when the page at `url` may be fetched; errors as in `ask`."""
        return self.ask(url, outlet, stop).allowed

    def pause(self, url: str, outlet: Outlet | None = None) -> float:
        """Seconds that the site of `url` wants between two requests; 0.0 for no wish.

        Raises what `ask` raises.
        """
        site = self._site(fetch_target(url), outlet)
        return site.file.pause if site.file else 0.0

    def sitemaps(self, url: str, outlet: Outlet | None = None) -> tuple[str, ...]:
        """The sitemaps that the site of `url` names, absolute; errors as in `ask`."""
        site = self._site(fetch_target(url), outlet)
        return site.file.sitemaps if site.file else ()

    def _site(
        self,
        target: httpx.URL,
        outlet: Outlet | None,
        stop: Callable[[], bool] = lambda: False,
    ) -> _Site:
        """The site of `target`, its robots.txt fetched if it was not or is too old."""
        address = str(target.copy_with(raw_path=b"/robots.txt"))
        site = self._remembered((address, outlet.proxy if outlet else ""))
        if self._clock() < site.until:
            return site
        with _held(site.lock, target.host, stop):
            if self._clock() >= site.until:
                self._fetch(site, address, outlet, stop)
        return site

    def _remembered(self, key: tuple[str, str]) -> _Site:
        with self._lock:
            site = self._sites.setdefault(key, _Site())
            self._sites.move_to_end(key)
            while len(self._sites) > _MOST_SITES:
                self._sites.popitem(last=False)
            return site

    def _fetch(
        self, site: _Site, address: str, outlet: Outlet | None, stop: Callable[[], bool]
    ) -> None:
        file: RobotsFile | None = None
        trouble, kept = "", KEPT
        try:
            with self._gate.turn(address, stop=stop, longest=_LONGEST_WAIT):
                fetched = self._fetcher.get(
                    address,
                    accept="text/plain, */*;q=0.5",
                    headers=outlet.headers if outlet else None,
                    user_agent=outlet.user_agent if outlet else "",
                    proxy=outlet.proxy if outlet else "",
                    max_bytes=MOST_BYTES,
                    cut=True,
                )
            file = read_robots_file(fetched.body, fetched.url, self._token)
        except NoTurnError:
            raise
        except FetchError as error:
            if error.outcome in _NONE:
                file = RobotsFile.allowing_all()
            else:
                trouble = (
                    f"The robots.txt of {fetch_target(address).host} could not be read, so its "
                    f"pages are left alone for an hour: {error}"
                )
                kept = max(UNREACHABLE_KEPT, min(getattr(error, "retry_after", None) or 0, KEPT))
        site.file, site.trouble, site.until = file, trouble, self._clock() + kept


@contextmanager
def _held(lock: threading.Lock, host: str, stop: Callable[[], bool]) -> Iterator[None]:
    """Hold `lock`; NoTurnError when `stop()` turns true before."""
    while not lock.acquire(timeout=_STEP):
        if stop():
            raise NoTurnError(host, "the work was stopped before its turn came")
    try:
        yield
    finally:
        lock.release()
