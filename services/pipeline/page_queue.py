"""Pages that wait for a visit: at most one under way per host, hosts in turn.

Unlike feeds, pages of one host are many, and its robots.txt is to be read before the first.
"""

from __future__ import annotations

import heapq
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Final

from services.collect.http.targets import host_if_any
from services.domain.page import PageVisit

_LOOK: Final = 0.1  # how often a waiting thread looks at `over`, in seconds


class PageQueue:
    """Visits that wait, first ones first for each host. Safe to use from many threads."""

    def __init__(
        self,
        visits: Iterable[PageVisit],
        over: Callable[[], bool],
        end: float = float("inf"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing more is given out once `over()` is true, or `clock()` has come to `end`."""
        self._over = over
        self._end = end
        self._clock = clock
        self._waiting: defaultdict[str, deque[PageVisit]] = defaultdict(deque)
        for visit in visits:
            self._waiting[host_if_any(visit.url)].append(visit)
        # When to look at a host, its place among equals, the host. A sorted list is a heap.
        self._heap = [(0.0, place, host) for place, host in enumerate(self._waiting)]
        self._places = len(self._heap)
        self._busy = 0
        self._changed = threading.Condition()

    @property
    def hosts(self) -> int:
        """How many hosts have a page that waits."""
        return len(self._heap)

    def take(self) -> PageVisit | None:
        """Wait for a visit whose host is free; `free` must follow. None when there is none."""
        with self._changed:
            while not self._over() and (self._heap or self._busy):
                now = self._clock()
                due = self._heap[0][0] if self._heap else now + _LOOK
                if max(now, due) >= self._end:
                    return None  # a host that is busy now comes back to the thread that has it
                wait = due - now
                if wait > 0:
                    self._changed.wait(min(wait, _LOOK))
                    continue
                _, _, host = heapq.heappop(self._heap)
                self._busy += 1
                return self._waiting[host].popleft()
        return None

    def free(self, visit: PageVisit, *, wait: float = 0.0, again: bool = False) -> None:
        """Give back the host of `visit`, to be looked at after `wait` seconds.

        `again`: the visit was not made and is the host's next one.
        """
        host = host_if_any(visit.url)
        with self._changed:
            self._busy -= 1
            if again:
                self._waiting[host].appendleft(visit)
            if self._waiting[host]:
                self._places += 1  # behind the hosts that have waited longer
                heapq.heappush(self._heap, (self._clock() + wait, self._places, host))
            self._changed.notify()
