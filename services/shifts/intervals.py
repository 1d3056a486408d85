"""Confidence intervals for shares."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Z95: Final = 1.959963984540054
"""The normal quantile behind two-sided 95 % intervals (and one-sided 97.5 % bounds)."""


def wilson(share: Any, n: Any, z: float = Z95) -> tuple[Floats, Floats]:
    """Return the Wilson score interval (low, high) of `share` seen in `n` > 0 articles.

    Both arguments broadcast; `n` may be fractional, which is how a count reduced by
    over-dispersion enters. Source: Wilson (1927), JASA 22.
    """
    p = np.asarray(share, dtype=np.float64)
    size = np.asarray(n, dtype=np.float64)
    shrink = 1.0 + z * z / size
    middle = (p + z * z / (2.0 * size)) / shrink
    half = z / shrink * np.sqrt(np.maximum(p * (1.0 - p), 0.0) / size + z * z / (4.0 * size**2))
    # Rounding must not push a bound past the share itself at 0 and 1.
    low = np.minimum(np.maximum(middle - half, 0.0), p)
    high = np.maximum(np.minimum(middle + half, 1.0), p)
    return low, high


def overdispersion(share: Floats, n: Floats, expected: Floats) -> float:
    """Return by which factor daily shares vary more than independent articles would (>= 1).

    All arguments have one value a day, in the order of days. The factor is the larger of two
    Pearson statistics, one over single days and one over blocks of seven, so that a mood that
    lasts for some days counts as well as a mixed day.
    """
    middle = float(np.clip(np.average(expected, weights=n), 0.0, 1.0))
    spread = middle * (1.0 - middle)
    if spread <= 0.0 or len(n) < 2:
        return 1.0
    excess = n * (share - expected)
    daily = float(np.sum(excess**2 / n) / (spread * (len(n) - 1)))
    blocks = len(n) // 7
    weekly = 0.0
    if blocks >= 3:
        used = slice(len(n) - 7 * blocks, None)  # the newest whole blocks
        sums = excess[used].reshape(blocks, 7).sum(axis=1)
        sizes = n[used].reshape(blocks, 7).sum(axis=1)
        weekly = float(np.sum(sums**2 / sizes) / (spread * (blocks - 1)))
    return max(1.0, daily, weekly)


def wandering(share: Floats, n: Floats, expected: Floats) -> float:
    """Return the variance of the level itself from week to week, 0 when none shows.

    Arguments as in `overdispersion`. Sampling noise is independent between days, so the mean
    product of the residuals of days one to four apart estimates how far the level wanders.
    """
    residuals = share - expected
    days = len(residuals)
    products = 0.0
    pairs = 0.0
    weight = np.sqrt(n)
    for lag in range(1, min(5, days)):
        both = weight[lag:] * weight[:-lag]
        products += float(np.sum(both * residuals[lag:] * residuals[:-lag]))
        pairs += float(np.sum(both))
    return max(0.0, products / pairs) if pairs > 0.0 else 0.0
