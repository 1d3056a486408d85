"""Day counts gathered into days, weeks, months, quarters or years, as shares with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from services.domain.codebook import LABEL_INDEX
from services.domain.series import DayCounts, SeriesKey, SeriesPoint, joined_sources
from services.shifts.intervals import wilson

Every = Literal["day", "week", "month", "quarter", "year", "ever"]
DAYS: Final[dict[Every, int]] = {
    "day": 1,
    "week": 7,
    "month": 31,
    "quarter": 92,
    "year": 366,
    "ever": 36525,
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Summed counts of all labels from the day `start` on; `middle` is where it is drawn.

    `sums` are summed probabilities, or empty where they were not asked for.
    """

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
    """Sum rows of one scope and about, which are in the order of days.

    Periods without an article are left out.
    """
    (found,) = gather_each(rows, (every,))
    return found


def gather_each(
    rows: Iterable[DayCounts], periods: Sequence[Every], *, sums: bool = True
) -> list[list[Bucket]]:
    """Return `gather` of the same rows for each of `periods`.

    Without `sums` the buckets' summed probabilities are left empty, which saves time.
    """
    kept = [row for row in rows if row.n > 0]
    if not kept:
        return [[] for _ in periods]
    n = np.array([row.n for row in kept])
    counts = np.array([row.counts for row in kept])
    summed = np.array([row.sums for row in kept] if sums else np.zeros((len(kept), 0)))
    return [_gathered(kept, n, counts, summed, every) for every in periods]


def _gathered(
    kept: Sequence[DayCounts],
    n: NDArray[np.int64],
    counts: NDArray[np.int64],
    sums: NDArray[np.float64],
    every: Every,
) -> list[Bucket]:
    starts = [start_of(row.day, every) for row in kept]
    edges = [at for at, start in enumerate(starts) if at == 0 or start != starts[at - 1]]
    columns = (
        np.add.reduceat(n, edges).tolist(),
        np.add.reduceat(counts, edges, axis=0).tolist(),
        np.add.reduceat(sums, edges, axis=0).tolist(),
    )
    return [
        Bucket(
            start=starts[first],
            middle=_middle(kept[first].day, kept[end - 1].day),
            n=articles,
            counts=tuple(carried),
            sums=tuple(summed),
            source=joined_sources({row.source for row in kept[first:end]}),
        )
        for first, end, articles, carried, summed in zip(
            edges, [*edges[1:], len(kept)], *columns, strict=True
        )
    ]


def total(rows: Sequence[DayCounts]) -> Bucket | None:
    """Return all rows of one scope and about as one bucket; None without articles."""
    return next(iter(gather(rows, "ever")), None)


def steady(rows: Sequence[DayCounts], choices: Sequence[Every], articles: int) -> Every:
    """Return the shortest of `choices` (short to long) that holds `articles` on average.

    Where even the longest holds fewer, it is the longest.
    """
    whole = sum(row.n for row in rows)
    for every in choices[:-1]:
        periods = len({start_of(row.day, every) for row in rows if row.n > 0})
        if whole >= articles * periods:
            return every
    return choices[-1]


@lru_cache(maxsize=32_768)  # asked for the same days in every view
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
    return date.min if every == "ever" else day


def points(
    buckets: Sequence[Bucket], key: SeriesKey, labels: Sequence[str] = ()
) -> list[SeriesPoint]:
    """Return the share of `key.label` (of a signal: the mean over its `labels`) by bucket."""
    if not buckets:
        return []
    wanted = [LABEL_INDEX[label] for label in (labels or (key.label,))]
    n = np.array([item.n for item in buckets], dtype=np.float64)
    k = np.array([[item.counts[place] for place in wanted] for item in buckets]).mean(axis=1)
    summed = all(item.sums for item in buckets)
    sums = np.array(
        [[item.sums[place] if summed else np.nan for place in wanted] for item in buckets]
    ).mean(axis=1)
    low, high = wilson(k / n, n)
    return [
        SeriesPoint(
            key=key,
            day=item.start,
            n=item.n,
            k=round(float(k[index])),
            expected=float(sums[index] / n[index]) if summed else None,
            share=float(k[index] / n[index]),
            low=float(low[index]),
            high=float(high[index]),
            source=item.source,
        )
        for index, item in enumerate(buckets)
    ]


def _middle(first: date, last: date) -> date:
    return first + (last - first) // 2
