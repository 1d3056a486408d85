"""Where back-filled articles give way to live ones: the sample changes there, whatever is said.

A back-filled sample is what archives and sitemaps still hold; a live one is what a feed carried.
A share may differ between the two although nothing was said differently. The baseline goes on
across such a seam, since where the samples agree it is what a new installation needs; but a shift
that began near one is marked with its day, and nobody is alerted to it. Its alarm starts a new
baseline as any other does, so that a difference between the samples is filed once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from services.domain.series import DayCounts, is_backfilled, is_own

SEAM_DAYS: Final = 14
"""So many days before a seam are compared with as many from it on, and so near to one counts."""
SEAM_PART: Final = 0.5
"""A seam is where the part of back-filled articles changes by so much."""


def find_seams(histories: Iterable[Sequence[DayCounts]]) -> list[date]:
    """Return the first days of changed samples, in order.

    `histories` are the rows of the outlets that a series is made of; days that came from
    elsewhere (a reference history) are passed over. A day of an outlet is back-filled when none
    of its articles was collected live, so that filling a gap of some days makes no seam.
    """
    articles: dict[int, int] = defaultdict(int)
    old: dict[int, int] = defaultdict(int)
    for rows in histories:
        for row in rows:
            if row.n and is_own(row.source):
                articles[row.day.toordinal()] += row.n
                old[row.day.toordinal()] += row.n if is_backfilled(row.source) else 0
    if not any(old.values()):
        return []
    days = sorted(articles)
    changes = _changes(days, [articles[day] for day in days], [old[day] for day in days])
    return [date.fromordinal(day) for day in _peaks(changes)]


def near_seam(seams: Sequence[date], low: date, high: date) -> date | None:
    """Return the seam nearest to the days `low` to `high`; None when all are further away."""

    def distance(seam: date) -> int:
        return max((low - seam).days, (seam - high).days, 0)

    best = min(seams, key=distance, default=None)
    return best if best is not None and distance(best) <= SEAM_DAYS else None


def _changes(days: Sequence[int], articles: Sequence[int], old: Sequence[int]) -> dict[int, float]:
    """By how much the back-filled part changes at each day, where that is enough for a seam."""
    before_all = [0, *accumulate(articles)]
    before_old = [0, *accumulate(old)]

    def part(start: int, stop: int) -> float | None:
        low, high = bisect_left(days, start), bisect_left(days, stop)
        whole = before_all[high] - before_all[low]
        return (before_old[high] - before_old[low]) / whole if whole else None

    found = {}
    for day in days:
        earlier, later = part(day - SEAM_DAYS, day), part(day, day + SEAM_DAYS)
        if earlier is not None and later is not None and abs(later - earlier) >= SEAM_PART:
            found[day] = abs(later - earlier)
    return found


def _peaks(changes: dict[int, float]) -> list[int]:
    """Of the days of one change the one at which it is greatest."""
    peaks: list[int] = []
    last = None
    for day, size in changes.items():
        if last is None or day - last > SEAM_DAYS:
            peaks.append(day)
        elif size > changes[peaks[-1]]:
            peaks[-1] = day
        last = day
    return peaks
