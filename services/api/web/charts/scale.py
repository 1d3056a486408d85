"""From days and shares to places on a chart, and the ticks that read well on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Frame:
    """The plotting area: days run from `left` to `right`, shares from `bottom` up to `top`."""

    left: float
    right: float
    top: float
    bottom: float
    since: date
    until: date
    peak: float

    def x(self, day: date) -> float:
        """Return the place of the middle of `day`."""
        span = max(1, (self.until - self.since).days)
        return self.left + (self.right - self.left) * (day - self.since).days / span

    def y(self, share: float) -> float:
        """Return the height of `share`, held inside the frame."""
        held = min(max(share, 0.0), self.peak)
        return self.bottom - (self.bottom - self.top) * held / self.peak


def peak_of(shares: list[float], highs: list[float]) -> float:
    """Return the top of a share axis: it holds every share and most of every interval."""
    wanted = max([0.04, *(share * 1.12 for share in shares)])
    if highs:
        wanted = max(wanted, sorted(highs)[int(0.95 * (len(highs) - 1))])
    step = share_step(wanted)
    return min(1.0, math.ceil(wanted / step - 1e-9) * step)


def share_step(peak: float) -> float:
    """Return the distance between two ticks of a share axis: three to five ticks fit."""
    for step in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25):
        if peak / step <= 5:
            return step
    return 0.25


def share_ticks(peak: float) -> list[float]:
    """Return the ticks of a share axis from 0 to `peak`."""
    step = share_step(peak)
    return [index * step for index in range(int(peak / step + 1e-9) + 1)]


def day_ticks(since: date, until: date, room: int) -> list[tuple[date, str]]:
    """Return days to mark and their words; at most about `room` of them."""
    days = (until - since).days
    if days > 900:
        every = max(1, math.ceil((until.year - since.year + 1) / room))
        years = range(since.year, until.year + 1)
        ticks = [(date(year, 1, 1), str(year)) for year in years if year % every == 0]
    elif days > 120:
        every = max(1, math.ceil(days / 30.4 / room))
        ticks = [(day, _month(day)) for day in _months(since, until)[::every]]
    else:
        every = 7 * max(1, math.ceil(days / 7 / room))
        monday = since + timedelta(days=-since.weekday() % 7)
        ticks = [
            (day, f"{day.day} {day:%b}")
            for day in (monday + timedelta(days=step) for step in range(0, days + 1, every))
        ]
    return [(day, words) for day, words in ticks if since <= day <= until]


def _months(since: date, until: date) -> list[date]:
    first = since.year * 12 + since.month - 1
    last = until.year * 12 + until.month - 1
    return [date(index // 12, index % 12 + 1, 1) for index in range(first, last + 1)]


def _month(day: date) -> str:
    return f"{day:%b} {day.year}" if day.month == 1 else f"{day:%b}"
