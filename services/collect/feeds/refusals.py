"""Feeds whose answers could not be stored, and how long each is left alone.

Kept in memory, because what says so is a store that cannot be written: on a full disk, say.
Without it every feed would stay due and be asked again each round.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)


class Refusals:
    """When each refused outlet may be asked again. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until: dict[str, tuple[datetime, timedelta]] = {}

    def note(self, outlet: str, now: datetime) -> None:
        """The store refused what the outlet's feed said: leave it alone, longer each time."""
        with self._lock:
            _, before = self._until.get(outlet, (now, FIRST_PAUSE / 2))
            pause = min(2 * before, LONGEST_PAUSE)
            self._until[outlet] = (now + pause, pause)

    def forget(self, outlet: str) -> None:
        """The store took what the outlet's feed said."""
        with self._lock:
            self._until.pop(outlet, None)

    def until(self, outlet: str) -> datetime | None:
        """When to ask again; None where nothing was refused."""
        with self._lock:
            found = self._until.get(outlet)
        return found[0] if found else None
