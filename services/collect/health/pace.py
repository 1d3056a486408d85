"""How often an outlet publishes at each hour of the week: a mean times weekday times hour.

Both profiles start flat and move as far as the articles support it: an outlet with two
articles a day tells little about its Tuesdays, one with two hundred tells much. Hours are UTC;
an outlet that keeps summer time moves by an hour twice a year, which neighbouring hours share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.index.records import Arrivals

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HOUR: Final = timedelta(hours=1)
WEEK: Final = 168
PRIOR: Final = 6.0  # independent articles' worth of belief that a weekday or hour is as any other
_EPOCH: Final = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday at midnight
_ROUNDS: Final = 3  # weekday and hour are fitted in turn; they hardly depend on each other


@dataclass(frozen=True)
class Hours:
    """Articles by hour: `counts` (T,) from `first` on, and whether each hour was `observed`."""

    first: datetime
    counts: Ints
    observed: Bools

    @property
    def of_week(self) -> Ints:
        """The hour of the week (0 is Monday, midnight to one) of each hour; (T,)."""
        return (hour_number(self.first) + np.arange(len(self.counts))) % WEEK


@dataclass(frozen=True)
class Pace:
    """Articles to be expected: `week` (168,) for each hour of a week from Monday, midnight.

    `days` of observation and `articles` within them are what it was learned from.
    """

    week: Floats
    days: float
    articles: int

    @property
    def daily(self) -> float:
        """Articles a day, over a whole week."""
        return float(self.week.sum()) / 7

    def expected(self, since: datetime, until: datetime) -> float:
        """Return how many articles would usually come from `since` to `until`."""
        start, end = _position(since), _position(until)
        return max(0.0, self._up_to(end) - self._up_to(start))

    def expected_days(self, first: datetime, days: int) -> list[float]:
        """Return how many articles would usually come on each of `days` days from `first` on."""
        starts = [first + timedelta(days=step) for step in range(days)]
        return [self.expected(start, start + timedelta(days=1)) for start in starts]

    def _up_to(self, position: float) -> float:
        """Expected articles from the epoch to `position` hours after it."""
        hours = int(position // 1)
        weeks, rest = divmod(hours, WEEK)
        partial = (position - hours) * self.week[rest]
        return float(weeks * self.week.sum() + self.week[:rest].sum() + partial)


def hours_of(arrivals: Iterable[Arrivals], first: datetime, until: datetime) -> Hours:
    """Spread one outlet's arrivals over all hours from `first` to the last whole one before
    `until`; all count as observed."""
    start = hour_number(first)
    counts = np.zeros(max(0, hour_number(until) - start), dtype=np.int64)
    for item in arrivals:
        place = hour_number(item.hour) - start
        if 0 <= place < len(counts):
            counts[place] += item.articles
    return Hours(_EPOCH + start * HOUR, counts, np.ones(len(counts), dtype=np.bool_))


def fit_pace(hours: Hours) -> Pace:
    """Learn an outlet's pace from the observed hours; all zero where there are none."""
    seen = hours.observed
    counts, of_week = hours.counts[seen].astype(np.float64), hours.of_week[seen]
    total, span = float(counts.sum()), len(counts)
    if not span or not total:
        return Pace(np.zeros(WEEK), span / 24, 0)
    burst = dispersion(hours)
    day_of, hour_of = of_week // 24, of_week % 24
    by_day, by_hour = np.ones(7), np.ones(24)
    for _ in range(_ROUNDS):
        level = total / (by_day[day_of] * by_hour[hour_of]).sum()
        by_day = _share(day_of, counts, level * by_hour[hour_of], 7, burst)
        by_hour = _share(hour_of, counts, level * by_day[day_of], 24, burst, neighbours=True)
    shape = np.outer(by_day, by_hour).ravel()
    level = total / shape[of_week].sum()
    return Pace(shape * level, span / 24, int(total))


def _share(
    cell: Ints, counts: Floats, expected: Floats, cells: int, burst: float, neighbours: bool = False
) -> Floats:
    """How much more than expected each cell holds, drawn towards 1 while articles are few."""
    have: Floats = np.bincount(cell, counts, cells).astype(np.float64)
    due: Floats = np.bincount(cell, expected, cells).astype(np.float64)
    if neighbours:
        have, due = _shared(have), _shared(due)
    return np.asarray((have / burst + PRIOR) / (due / burst + PRIOR))


def _shared(values: Floats) -> Floats:
    return np.asarray(0.5 * values + 0.25 * (np.roll(values, 1) + np.roll(values, -1)))


def dispersion(hours: Hours) -> float:
    """Return the variance of days' counts about their weekday's mean, over the mean; at least 1.

    Articles come in bursts: one event makes several. A day's count divided by it is about how
    many independent events there were.
    """
    days = len(hours.counts) // 24
    whole = hours.observed[: days * 24].reshape(days, 24).all(axis=1)
    daily = hours.counts[: days * 24].reshape(days, 24).sum(axis=1)[whole].astype(np.float64)
    weekday = np.arange(days)[whole] % 7  # days run from `first`: the same place in each week
    shown = np.bincount(weekday, minlength=7)
    free = len(daily) - int((shown > 0).sum())
    if free < 7 or not daily.sum():
        return 2.0  # not known yet: as bursty as news usually is
    means = np.bincount(weekday, daily, 7) / np.maximum(shown, 1)
    variance = ((daily - means[weekday]) ** 2).sum() / free
    return float(max(1.0, variance / daily.mean()))


def hour_number(moment: datetime) -> int:
    """Return the number of the hour in which `moment` falls, counted from a Monday in 1970."""
    return int((moment - _EPOCH) // HOUR)


def _position(moment: datetime) -> float:
    return float((moment - _EPOCH) / HOUR)
