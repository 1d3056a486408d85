"""When a shift began: the likeliest change point between baseline and alarm, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import xlog1py, xlogy

from services.shifts.intervals import Floats

CRITICAL_95: Final = 7.35
"""Twice the log-likelihood that a change point may lack to stay in the 95 % set: the solution
of (1 - exp(-x / 2))^2 = 0.95. Source: Eo and Morley (2015), Quantitative Economics 6."""


@dataclass(frozen=True, slots=True)
class Onset:
    """Positions of the likeliest first day of the new share and of its 95 % interval."""

    best: int
    low: int
    high: int


def date_onset(n: Floats, k: Floats, direction: int, first: int = 1) -> Onset:
    """Return when the share of `k` (T, L) in `n` (T,) articles changed, upward (+1) or down (-1).

    A change at position c means that days c and later have the new share; c runs from `first`
    (at least 1) to T - 1. Each label has a share before and one after, and only labels that
    moved in `direction` speak. Likelihoods are tempered by how much more the daily shares vary
    than independent articles would, and by how much labels vary together.
    """
    days = len(n)
    if days < 2:
        return Onset(0, 0, 0)
    first = min(max(first, 1), days - 1)
    gains = _gains(n, k, direction)[first - 1 :]
    total = gains.sum(axis=1)
    best = int(np.argmax(total))
    residuals = _residuals(n, k, first + best)
    factors = _factors(residuals, days)
    tempered = (gains / factors).sum(axis=1) / _design_effect(residuals)
    best = int(np.argmax(tempered))
    inside = np.flatnonzero(2.0 * (tempered[best] - tempered) <= CRITICAL_95)
    return Onset(first + best, first + int(inside[0]), first + int(inside[-1]))


def _gains(n: Floats, k: Floats, direction: int) -> Floats:
    """Log-likelihood gained by a change at 1 .. T-1 over no change: (T-1, L), never negative."""
    total_n = np.cumsum(n)[:, None]
    total_k = np.cumsum(k, axis=0)
    before_n, before_k = total_n[:-1], total_k[:-1]
    after_n, after_k = total_n[-1:] - before_n, total_k[-1:] - before_k
    gain = (
        _binomial(before_k, before_n)
        + _binomial(after_k, after_n)
        - _binomial(total_k[-1:], total_n[-1:])
    )
    moved = direction * (after_k / after_n - before_k / before_n) > 0.0
    return np.where(moved, np.maximum(gain, 0.0), 0.0)


def _binomial(k: Floats, n: Floats) -> Floats:
    share = np.clip(k / n, 0.0, 1.0)
    result: Floats = xlogy(k, share) + xlog1py(n - k, -share)
    return result


def _residuals(n: Floats, k: Floats, change: int) -> Floats:
    """Pearson residuals of the two-share model: (T, L)."""
    shares = np.empty_like(k)
    for part in (slice(None, change), slice(change, None)):
        shares[part] = k[part].sum(axis=0) / n[part].sum()
    spread = np.sqrt(np.maximum(n[:, None] * shares * (1.0 - shares), 1e-9))
    residuals: Floats = (k - n[:, None] * shares) / spread
    return residuals


def _factors(residuals: Floats, days: int) -> Floats:
    factors: Floats = np.maximum(1.0, (residuals**2).sum(axis=0) / max(days - 2, 1))
    return factors


def _design_effect(residuals: Floats) -> float:
    """By which factor L labels that vary together speak less than L independent ones would."""
    labels = residuals.shape[1]
    scale: Floats = np.sqrt((residuals**2).sum(axis=0))
    if labels == 1 or not np.all(scale > 0.0):
        return 1.0
    correlation = (residuals.T @ residuals) / np.outer(scale, scale)
    between = (float(correlation.sum()) - labels) / (labels * (labels - 1))
    return float(1.0 + (labels - 1) * max(0.0, between))
