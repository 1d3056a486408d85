"""Whether an outlet is silent: a gap so long that chance would bring it less than once a year.

A gap is measured in articles that would usually have come in it, so that a quiet night weighs
little and a quiet Tuesday noon much. How long gaps get is learned from the outlet's own: runs of
whole hours without an article. Above a high quantile their lengths are taken as exponential
with a rate that is itself uncertain (a Gamma-Poisson mixture, whose tail is Pareto's), since
articles come in bursts and no outlet keeps its pace for ever. A few gaps say little: the rate
starts from a prior that expects bursts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from services.collect.health.pace import (
    Bools,
    Floats,
    Hours,
    Ints,
    Pace,
    fit_pace,
    hour_number,
)

PROMISE: Final = 0.5
"""False silences a year and outlet that are aimed at; half of the one that is promised."""

LEARNED_DAYS: Final = 42
"""Days of the past that are learned from: six of each weekday, few enough to follow a change."""

LEAST_DAYS: Final = 7.0
LEAST_ARTICLES: Final = 20
LEAST_HOURS: Final = 3  # a feed may well be rebuilt only now and then

LONGEST_LAG: Final = 24.0
_LAGS_LEAST: Final = 10
_LAG_QUANTILE: Final = 0.9  # edited articles are collected again, late: they must not count

_TAIL: Final = 0.1  # the share of the gaps, the longest ones, that the tail is learned from
_TAIL_LEAST: Final = 15
_PRIOR_GAPS: Final = 6.0
_PRIOR_LENGTH: Final = 2.0  # articles; 1 would be a Poisson process
_HEAVIEST: Final = 5.0  # the Gamma's shape is at most this: the past never shows everything
_OUTLYING: Final = 12.0  # times the usual length beyond which a gap was no chance


@dataclass(frozen=True)
class Patience:
    """How long a gap of one outlet may get. Lengths are in expected articles.

    Gaps longer than `start` come `rate` times a day; what they exceed it by is distributed as
    (1 + x / (shape * scale)) ** -shape.
    """

    pace: Pace
    start: float
    rate: float
    shape: float
    scale: float

    def days_between(self, length: float) -> float:
        """Return once in how many days a gap of at least `length` comes by chance."""
        beyond = max(0.0, length - self.start) / (self.shape * self.scale)
        return float((1.0 + beyond) ** self.shape / self.rate)

    @property
    def limit(self) -> float:
        """The length that a gap reaches by chance PROMISE times a year."""
        wanted = max(1.0, 365.25 / PROMISE * self.rate)
        return self.start + self.shape * self.scale * float(wanted ** (1 / self.shape) - 1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap that is still open: whole clock hours in which nothing came.

    `expected` articles would usually have come in them; a gap like this comes by chance once in
    `days_between` days. `silent`: that is too rare to be chance.
    """

    since: datetime
    until: datetime
    hours: int
    expected: float
    days_between: float
    silent: bool


def learn(hours: Hours) -> Patience | None:
    """Return what an outlet's past says of its gaps; None while it says too little.

    Silences within the past are left out: they are what is looked for.
    """
    found = _learn(hours)
    if found is None:
        return None
    starts, stops, lengths = gaps(hours, found.pace)
    long = lengths > found.limit
    if not long.any():
        return found
    observed = hours.observed.copy()
    for start, stop in zip(starts[long].tolist(), stops[long].tolist(), strict=True):
        observed[start:stop] = False
    return _learn(Hours(hours.first, hours.counts, observed)) or found


def measure(patience: Patience, since: datetime, until: datetime, allowance: float = 0.0) -> Gap:
    """Return the gap from the last article, `since`, to the last good poll, `until`.

    Hours count when they are whole, as in the past that it is compared with. The first
    `allowance` hours of the gap do not: that long the outlet's feed may lag behind.
    """
    first, last = hour_number(since) + 1, hour_number(until)
    whole = max(0, last - first)
    counted = max(0, whole - int(np.ceil(allowance)))
    places = np.arange(last - counted, last) % len(patience.pace.week)
    expected = float(patience.pace.week[places].sum())
    days = patience.days_between(expected)
    silent = counted >= LEAST_HOURS and expected > patience.limit
    return Gap(since, until, whole, expected, days, silent)


def gaps(hours: Hours, pace: Pace) -> tuple[Ints, Ints, Floats]:
    """Return where the runs of hours without an article begin and end, and their lengths.

    Runs that touch an hour that was not observed, or the ends, are cut off: left out.
    """
    empty = (hours.counts == 0) & hours.observed
    edges = np.flatnonzero(np.diff(np.concatenate(([False], empty, [False])).astype(np.int8)))
    starts, stops = edges[::2], edges[1::2]
    kept = _closed(hours, starts, stops)
    starts, stops = starts[kept], stops[kept]
    summed = np.concatenate(([0.0], np.cumsum(pace.week[hours.of_week])))
    return starts, stops, summed[stops] - summed[starts]


def _closed(hours: Hours, starts: Ints, stops: Ints) -> Bools:
    inside = (starts > 0) & (stops < len(hours.counts))
    before = hours.observed[np.maximum(starts - 1, 0)]
    after = hours.observed[np.minimum(stops, len(hours.counts) - 1)]
    return np.asarray(inside & before & after)


def _learn(hours: Hours) -> Patience | None:
    pace = fit_pace(hours)
    if pace.days < LEAST_DAYS or pace.articles < LEAST_ARTICLES:
        return None
    lengths = np.sort(gaps(hours, pace)[2])
    tail = min(len(lengths), max(_TAIL_LEAST, int(len(lengths) * _TAIL)))
    start = float(lengths[-tail - 1]) if tail < len(lengths) else 0.0
    excess = lengths[len(lengths) - tail :] - start
    if tail:
        usual = max(float(np.median(excess)) / np.log(2), 0.5)
        excess = np.minimum(excess, _OUTLYING * usual)
    weight = tail + _PRIOR_GAPS
    return Patience(
        pace=pace,
        start=start,
        rate=(tail + 0.5) / pace.days,
        shape=min(weight, _HEAVIEST),
        scale=(float(excess.sum()) + _PRIOR_GAPS * _PRIOR_LENGTH) / weight,
    )


def usual_lag(lags: Sequence[float]) -> float:
    """Return how many hours an outlet's feed usually lags behind its dates, at most LONGEST_LAG.

    `lags` are hours from publication to collection. Feeds that are rebuilt once a day, or whose
    entries are dated when they were written, look silent in between and are not.
    """
    if len(lags) < _LAGS_LEAST:
        return 0.0
    return min(LONGEST_LAG, max(0.0, float(np.quantile(lags, _LAG_QUANTILE))))
