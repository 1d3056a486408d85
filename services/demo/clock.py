"""A clock that a demo or a test moves by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """Callable like any clock of Framewatch; stands still until it is moved forward."""

    def __init__(self, start: datetime) -> None:
        self._now = _aware(start)

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        """Move to `now`; ValueError when that lies in the past, for clocks never go back."""
        now = _aware(now)
        if now < self._now:
            raise ValueError(f"the simulated clock stands at {self._now}, after {now}")
        self._now = now

    def advance(self, step: timedelta) -> datetime:
        """Move forward by `step` and return the new time."""
        self.set(self._now + step)
        return self._now


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a simulated time needs a time zone")
    return moment.astimezone(UTC)
