"""Day counts gathered into days, weeks, months, quarters or years, as shares with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np

from services.domain.codebook import LABEL_INDEX
from services.domain.series import DayCounts, SeriesKey, SeriesPoint
from services.shifts.intervals import wilson

Every = Literal["day", "week", "month", "quarter", "year"]
DAYS: Final[dict[Every, int]] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Summed counts of all labels from the day `start` on; `middle` is where it is drawn."""

    start: date
    middle: date
    n: int
    counts: tuple[int, ...]
    sums: tuple[float, ...]
    source: str

    def count(self, label: str) -> int:
        """Return k: how many of the n articles carry `label`."""
        return self.counts[LABEL_INDEX[label]]


def gather(rows: Iterable[DayCounts], every: Every) -> list[Bucket]:
    """Sum rows of one scope and about; periods without an article are left out."""
    cells: dict[date, list[DayCounts]] = defaultdict(list)
    for row in rows:
        if row.n > 0:
            cells[start_of(row.day, every)].append(row)
    return [_bucket(start, cells[start]) for start in sorted(cells)]


def total(rows: Sequence[DayCounts]) -> Bucket | None:
    """Return all rows of one scope and about as one bucket; None without articles."""
    kept = [row for row in rows if row.n > 0]
    return _bucket(kept[0].day, kept) if kept else None


def start_of(day: date, every: Every) -> date:
    """Return the first day of the period in which `day` falls; weeks begin on Mondays."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    if every == "month":
        return day.replace(day=1)
    if every == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    if every == "year":
        return date(day.year, 1, 1)
    return day


def points(
    buckets: Sequence[Bucket], key: SeriesKey, labels: Sequence[str] = ()
) -> list[SeriesPoint]:
    """Return the share of `key.label` (of a signal: the mean over its `labels`) by bucket."""
    if not buckets:
        return []
    wanted = [LABEL_INDEX[label] for label in (labels or (key.label,))]
    n = np.array([item.n for item in buckets], dtype=np.float64)
    k = np.array([[item.counts[place] for place in wanted] for item in buckets]).mean(axis=1)
    sums = np.array([[item.sums[place] for place in wanted] for item in buckets]).mean(axis=1)
    low, high = wilson(k / n, n)
    return [
        SeriesPoint(
            key=key,
            day=item.start,
            n=item.n,
            k=round(float(k[index])),
            expected=float(sums[index] / n[index]),
            share=float(k[index] / n[index]),
            low=float(low[index]),
            high=float(high[index]),
            source=item.source,
        )
        for index, item in enumerate(buckets)
    ]


def _bucket(start: date, rows: Sequence[DayCounts]) -> Bucket:
    days = [row.day.toordinal() for row in rows]
    middle = date.fromordinal(round((min(days) + max(days)) / 2))
    if len(rows) == 1:
        row = rows[0]
        return Bucket(start, middle, row.n, row.counts, row.sums, row.source)
    counts = tuple(sum(column) for column in zip(*(row.counts for row in rows), strict=True))
    sums = tuple(sum(column) for column in zip(*(row.sums for row in rows), strict=True))
    source = " + ".join(sorted({row.source for row in rows}))
    return Bucket(start, middle, sum(row.n for row in rows), counts, sums, source)
