"""Work on many hosts side by side, each asked as seldom as the gate wants.

No thread sleeps on a host: what waits for its host's turn stays in a queue, and threads take
only what may be asked at once.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Final, Generic, TypeVar

from services.collect.http.gate import HostGate
from services.collect.http.targets import host_if_any

Item = TypeVar("Item")
Result = TypeVar("Result")

_LOOK: Final = 0.1  # how often a waiting thread looks at `stop`, in seconds
_GRACE: Final = 2.0  # what work under way gets to end after a stop


class HostQueue(Generic[Item]):
    """Items that wait for their host. Safe to use from many threads."""

    def __init__(
        self,
        items: Iterable[tuple[str, Item]],
        gate: HostGate,
        stop: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`items` are (URL, item), those to be asked first at the head.

        One whose URL has no host asks nobody: it need not wait, and its work says what is wrong.
        """
        self._gate = gate
        self._stop = stop
        self._clock = clock
        self._waiting: defaultdict[str, deque[tuple[str, Item]]] = defaultdict(deque)
        for url, item in items:
            self._waiting[host_if_any(url)].append((url, item))
        self._left = sum(map(len, self._waiting.values()))
        self._idle = 0
        self._changed = threading.Condition()
        # When to look at a host, and which look it is: an earlier one no longer counts.
        self._heap: list[tuple[float, int, str]] = []
        self._looks: dict[str, int] = {}
        self._count = itertools.count()
        for host in self._waiting:
            self._look(host, 0.0)

    def take(self) -> tuple[str, Item] | None:
        """Wait for an item whose host may be asked now; `leave(url)` must follow.

        None when no item is left for this thread, or `stop()` turned true.
        """
        with self._changed:
            self._idle += 1
            try:
                # A thread more than there are items will never be needed again.
                while self._idle <= self._left and not self._stop():
                    wait = self._heap[0][0] - self._clock()
                    if wait > 0:
                        self._changed.wait(min(wait, _LOOK))
                    elif (taken := self._enter()) is not None:
                        return taken
            finally:
                self._idle -= 1
        return None

    def leave(self, url: str) -> None:
        """Say that the request to `url` has ended."""
        host = host_if_any(url)
        if host:
            self._gate.leave(url)
        with self._changed:
            if self._waiting[host]:
                self._look(host, self._clock())
                self._changed.notify()

    def _look(self, host: str, when: float) -> None:
        self._looks[host] = number = next(self._count)
        heapq.heappush(self._heap, (when, number, host))

    def _enter(self) -> tuple[str, Item] | None:
        """Take an item of the host to be looked at first, if the gate lets it pass."""
        _, number, host = heapq.heappop(self._heap)
        items, now = self._waiting[host], self._clock()
        if not items or self._looks[host] != number:
            return None
        if host and (wait := self._gate.try_enter(items[0][0])):
            self._look(host, now + wait)
            return None
        taken = items.popleft()
        self._left -= 1
        if items:
            self._look(host, now)
        return taken


def side_by_side(
    items: Iterable[tuple[str, Item]],
    work: Callable[[Item, Callable[[], bool]], Result | None],
    *,
    gate: HostGate,
    threads: int,
    stop: Callable[[], bool] = lambda: False,
    enough: Callable[[], bool] = lambda: False,
) -> list[Result]:
    """Do `work(item, given_up)` for (URL, item) pairs as the hosts of the URLs allow.

    Returns what the work returned, None left out, in the order in which it was done. Once
    `enough()` or `stop()` is true nothing more is begun. After a stop, what does not end soon
    is given up: its thread is left behind, and `given_up()` tells it to keep nothing. `work`
    must not raise.
    """
    pairs = list(items)
    queue = HostQueue(pairs, gate, lambda: stop() or enough())
    results: list[Result] = []
    given_up = threading.Event()

    def serve() -> None:
        while (taken := queue.take()) is not None:
            url, item = taken
            try:
                result = work(item, given_up.is_set)
            finally:
                queue.leave(url)
            if result is not None:
                results.append(result)

    crew = [
        threading.Thread(target=serve, name=f"collect-{number}", daemon=True)
        for number in range(min(threads, len(pairs)))
    ]
    for thread in crew:
        thread.start()
    _wait(crew, stop)
    given_up.set()
    return list(results)


def _wait(crew: Iterable[threading.Thread], stop: Callable[[], bool]) -> None:
    """Wait for every thread, but not much longer than a stop."""
    ends = float("inf")
    for thread in crew:
        while thread.is_alive() and time.monotonic() < ends:
            thread.join(_LOOK)
            if stop():
                ends = min(ends, time.monotonic() + _GRACE)
