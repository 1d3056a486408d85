"""The line of a chart: days pooled over a week, since single days swing too far to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from services.domain.series import SeriesPoint

REACH: Final = timedelta(days=3)  # on either side: seven days with the one in the middle
_Z: Final = 1.959964  # of a 95 % interval


@dataclass(frozen=True, slots=True)
class SmoothPoint:
    """The share (0 to 1) around one day with its 95 % interval; all None without articles."""

    day: date
    share: float | None
    low: float | None
    high: float | None


def is_weekly(points: Sequence[SeriesPoint]) -> bool:
    """True when the points are weeks already, so that nothing is left to pool."""
    gaps = [later.day - earlier.day for earlier, later in pairwise(points)]
    return bool(gaps) and min(gaps) >= timedelta(days=7)


def smooth(points: Sequence[SeriesPoint]) -> tuple[SmoothPoint, ...]:
    """Return for each day the share among all articles of the seven days around it.

    Weeks are passed through. The interval is Wilson's, with the number of articles divided by
    the overdispersion: days differ by more than chance, because stories come in waves.
    """
    if is_weekly(points):
        return tuple(SmoothPoint(item.day, item.share, item.low, item.high) for item in points)
    pooled = [_pool(points, item.day) for item in points]
    factor = _overdispersion(points, [share for share, _ in pooled])
    return tuple(
        _smooth_point(item.day, share, n / factor)
        for item, (share, n) in zip(points, pooled, strict=True)
    )


def _pool(points: Sequence[SeriesPoint], day: date) -> tuple[float, int]:
    near = [item for item in points if abs(item.day - day) <= REACH and item.share is not None]
    n = sum(item.n for item in near)
    return (sum((item.share or 0.0) * item.n for item in near) / n if n else 0.0), n


def _overdispersion(points: Sequence[SeriesPoint], around: Sequence[float]) -> float:
    """Pearson's statistic by its degrees of freedom: 1 when days differ by chance alone."""
    total, days = 0.0, 0
    for item, share in zip(points, around, strict=True):
        if item.share is not None and 0 < share < 1:
            total += item.n * (item.share - share) ** 2 / (share * (1 - share))
            days += 1
    freedom = days * (1 - 1 / (2 * REACH.days + 1))
    return max(1.0, total / freedom) if freedom else 1.0


def _smooth_point(day: date, share: float, n: float) -> SmoothPoint:
    if not n:
        return SmoothPoint(day, None, None, None)
    scale = 1 + _Z**2 / n
    middle = (share + _Z**2 / (2 * n)) / scale
    half = _Z / scale * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return SmoothPoint(day, share, max(0.0, middle - half), min(1.0, middle + half))
