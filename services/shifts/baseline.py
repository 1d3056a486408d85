"""The null that a detector bets against: what the share was, and how far it may wander.

On each day the null says that the mean of the share lies within [low, high]. Its middle is
the baseline, adjusted to the outlets that publish that day; its width is the smallest effect
that matters, or what the baseline leaves uncertain, whichever is more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from services.shifts.intervals import Z95, Floats, overdispersion, wandering, wilson
from services.shifts.panel import Panel, Value

ESTABLISHED_DAYS: Final = 7  # own days in the window that make an outlet part of the baseline
PRIOR_ARTICLES: Final = 10.0  # with how many articles of the group's share an outlet starts
WEEKDAY_WEEKS: Final = 8  # a baseline shorter than this cannot tell weekdays apart


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """How shifts are looked for. Shares and effects are fractions, not per cent.

    `baseline` fixes the first baseline window; otherwise it is the first `baseline_days` days
    with articles. The smallest effect that matters at a share p is
    min(effect, least_effect + relative_effect * min(p, 1 - p)): five points at most, but 2 %
    that become 6 % matter too. `confidence` is the normal quantile of the bound on an
    estimated baseline. `value` says what x is: the share of articles that carry the label, or
    the mean probability. After more than `max_gap` days without any article a new baseline
    starts, unless `baseline` is given.
    """

    baseline_days: int = 28
    baseline: tuple[date, date] | None = None
    effect: float = 0.05
    relative_effect: float = 0.25
    least_effect: float = 0.01
    confidence: float = Z95
    value: Value = "count"
    weekdays: bool = True
    max_gap: int = 60
    bets: int = 128

    def smallest_effect(self, share: Floats) -> Floats:
        """Return the smallest change of `share` that matters, in the same shape."""
        nearest = np.minimum(share, 1.0 - share)
        return np.minimum(self.effect, self.least_effect + self.relative_effect * nearest)


@dataclass(frozen=True, slots=True)
class Null:
    """The null of every day of a panel, as (T, L) arrays.

    `shift` is by how much today's outlets and weekday alone move the expected share away from
    the baseline's; what is left of a daily share after subtracting it can be compared.
    """

    low: Floats
    high: Floats
    shift: Floats


def estimate_null(panel: Panel, window: slice, config: DetectorConfig) -> Null:
    """Estimate the null of every day of `panel` from the days in `window`.

    For days after the window it uses nothing from the day itself but how many articles each
    outlet published, so the detector's promise holds given the volumes.
    """
    n, k = panel.n[window], panel.k[window]
    share = k.sum(axis=0) / n.sum()
    if panel.member_n.shape[1] > 1:
        middle, articles = _composed(panel, window, share)
    else:
        middle = np.broadcast_to(share, panel.k.shape).copy()
        articles = np.full(len(panel), n.sum())
    factors, wander = _restlessness(panel, window, middle)
    if config.weekdays:
        middle, articles = _by_weekday(panel, window, middle, articles)
    middle = np.clip(middle, 0.0, 1.0)
    effect = config.smallest_effect(middle)
    low, high = wilson(middle, articles[:, None] / factors, config.confidence)
    drift = config.confidence * np.sqrt(wander)
    return Null(
        low=np.maximum(middle - np.maximum(effect, np.hypot(middle - low, drift)), 0.0),
        high=np.minimum(middle + np.maximum(effect, np.hypot(high - middle, drift)), 1.0),
        shift=middle - share,
    )


def _restlessness(panel: Panel, window: slice, middle: Floats) -> tuple[Floats, Floats]:
    """Return over-dispersion factors and variances of a wandering level in the window: (L,)."""
    n, observed, expected = panel.n[window], panel.shares[window], middle[window]
    labels = range(panel.k.shape[1])
    factors = [overdispersion(observed[:, at], n, expected[:, at]) for at in labels]
    wander = [wandering(observed[:, at], n, expected[:, at]) for at in labels]
    return np.array(factors), np.array(wander)


def _composed(panel: Panel, window: slice, share: Floats) -> tuple[Floats, Floats]:
    """Return the share expected of the outlets that publish each day, and how many baseline
    articles stand behind that expectation: (T, L) and (T,).

    An outlet with at least a week of days in the window keeps its share there. A newcomer
    starts at the group's share and is learned from its own first days, never from the present
    day, until it has as many days as the window.
    """
    totals, seen = _knowledge(panel, window)
    known = totals[:, :, None] + PRIOR_ARTICLES
    own = (seen + PRIOR_ARTICLES * share) / known
    weights = panel.member_n / np.maximum(panel.member_n.sum(axis=1, keepdims=True), 1.0)
    middle = np.einsum("to,tol->tl", weights, own)
    # A story in several outlets counts once in the group: whatever that changes is the same
    # before and after, and is taken out as a constant.
    base = np.average(middle[window], axis=0, weights=panel.n[window])
    middle += share - base
    unseen = weights.sum(axis=1) == 0.0
    middle[unseen] = share
    variance = (weights**2 / (totals + PRIOR_ARTICLES)).sum(axis=1)
    articles = np.where(unseen, panel.n[window].sum(), 1.0 / np.maximum(variance, 1e-12))
    return middle, articles


def _knowledge(panel: Panel, window: slice) -> tuple[Floats, Floats]:
    """Return what is known of each outlet before each day: articles (T, O), hits (T, O, L)."""
    size = window.stop - window.start
    present = panel.member_n > 0
    inside = np.zeros(len(panel), dtype=bool)
    inside[window] = True
    own_days = np.cumsum(present & (np.arange(len(panel)) >= window.start)[:, None], axis=0)
    established = (present & inside[:, None]).sum(axis=0) >= min(ESTABLISHED_DAYS, size)
    learned = present & (own_days <= size) & (np.arange(len(panel)) >= window.start)[:, None]
    used = np.where(established, present & inside[:, None], learned)
    n = np.cumsum(np.where(used, panel.member_n, 0.0), axis=0)
    k = np.cumsum(np.where(used[:, :, None], panel.member_k, 0.0), axis=0)
    before_n = np.vstack([np.zeros((1, n.shape[1])), n[:-1]])
    before_k = np.concatenate([np.zeros((1, *k.shape[1:])), k[:-1]])
    # Inside the window the outlets are judged by the whole of it, as the baseline is.
    end = window.stop - 1
    before_n[: window.stop] = n[end]
    before_k[: window.stop] = k[end]
    return before_n, before_k


def _by_weekday(
    panel: Panel, window: slice, middle: Floats, articles: Floats
) -> tuple[Floats, Floats]:
    """Give each weekday its own middle when the window is long enough to tell.

    A weekday's deviation is taken over in proportion to how reliably the window shows it, and
    the articles behind the null shrink accordingly, so that the bound widens.
    """
    weekdays = (panel.days - 1) % 7
    inside = weekdays[window]
    if np.bincount(inside, minlength=7).min() < WEEKDAY_WEEKS:
        return middle, articles
    n = panel.n[window]
    excess = panel.k[window] - n[:, None] * middle[window]
    adjusted = middle.copy()
    thinner = articles.copy()
    for weekday in range(7):
        rows = inside == weekday
        deviation = excess[rows].sum(axis=0) / n[rows].sum()
        scatter = excess[rows] / n[rows, None] - deviation
        noise = (scatter**2).mean(axis=0) / max(rows.sum() - 1, 1)
        trust = deviation**2 / np.maximum(deviation**2 + noise, 1e-12)
        trust = np.where(deviation**2 > 4.0 * noise, trust, 0.0)
        here = weekdays == weekday
        adjusted[here] += trust * deviation
        weight = float(trust.max())
        thinner[here] = 1.0 / ((1.0 - weight) ** 2 / articles[here] + weight**2 / n[rows].sum())
    return adjusted, thinner
