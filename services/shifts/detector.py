"""The mixture e-Shiryaev-Roberts detector: evidence with a promise about false alarms.

For a daily value x in [0, 1] whose mean, given everything before that day, is at most m, and
for a bet u in (0, 1), that is lambda = u / m in (0, 1/m),

    S_t = (S_{t-1} + 1) * (1 + u * (x_t / m_t - 1)),    S_0 = 0.

The factor is never negative and its conditional mean is at most 1, so E[S_t | past] is at
most S_{t-1} + 1 and S_t - t is a supermartingale. By optional stopping the first day T on
which S reaches A has E[T] >= A, whatever the dependence between articles or days: nothing but
the conditional mean is used, and m_t may change from day to day as long as it is known before
x_t is seen. An average of such processes over bets and over labels is one again.

Source: Shin, Ramdas and Rinaldo, "E-detectors: a nonparametric framework for sequential
change detection" (2023). See deploy/adr/0003-detector.md for the choices and measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from services.shifts.intervals import Floats

BLOCK_DAYS: Final = 32  # factors lie in [1e-5, 1e3], so no product of 32 leaves a double
RATIO_CAP: Final = 1e3
EVIDENCE_CAP: Final = 1e12  # lowering a process keeps its promise; keeps endless runs finite


@lru_cache(maxsize=8)
def bet_fractions(size: int = 200, lowest: float = 0.02) -> Floats:
    """Return `size` bets u in (0, 1), denser towards both ends (arcsine spacing).

    The highest is within 1e-4 of 1, which is what makes a large shift show quickly: on a day
    with many articles no bet can earn more than x / m, and only u near 1 earns that. Bets
    below `lowest` are left out; they would only look for changes too small to matter.
    """
    start = np.arcsin(np.sqrt(lowest))
    angles = start + (np.pi / 2.0 - start) * (np.arange(size) + 0.5) / size
    fractions: Floats = np.minimum(np.sin(angles) ** 2, 1.0 - 1e-5)
    fractions.setflags(write=False)
    return fractions


def upward_ratio(values: Floats, bound: Floats) -> Floats:
    """Return x / m for a null of "the mean is at most `bound`", capped so as to stay finite.

    Capping lowers a factor, so the promise stays.
    """
    return np.minimum(values / np.maximum(bound, 1e-12), RATIO_CAP)


def downward_ratio(values: Floats, bound: Floats) -> Floats:
    """Return (1 - x) / (1 - m) for a null of "the mean is at least `bound`"."""
    return upward_ratio(1.0 - values, 1.0 - bound)


@dataclass(frozen=True, slots=True)
class Episode:
    """One stay above the watch level: positions of the first day and of the day that ended it.

    `closed` is None while it lasts, and when it ended in an alert.
    """

    opened: int
    closed: int | None


@dataclass(frozen=True, slots=True)
class Path:
    """The course of one detector until its alert, or until the days ran out.

    `evidence` has one value a day (the average S after that day), up to the alert.
    """

    evidence: Floats
    episodes: tuple[Episode, ...]
    alert: int | None

    @property
    def last(self) -> float:
        """The newest evidence; 0 before the first day."""
        return float(self.evidence[-1]) if len(self.evidence) else 0.0

    def until(self, days: int) -> Path:
        """Return what this path was after its first `days` days."""
        kept = tuple(
            Episode(
                item.opened,
                item.closed if item.closed is not None and item.closed < days else None,
            )
            for item in self.episodes
            if item.opened < days
        )
        alert = self.alert if self.alert is not None and self.alert < days else None
        return Path(self.evidence[:days], kept, alert)


def follow(ratios: Floats, fractions: Floats, watch: float, alert: float) -> Path:
    """Run the detector over `ratios` (days x labels) until `alert` is reached.

    When the evidence, having reached `watch`, falls below a quarter of it without an alert,
    the episode is closed and the detector starts again from nothing: so the next watch has
    the full promise again. Lowering S never endangers the promise of the alert.
    """
    days = len(ratios)
    evidence = np.empty(days)
    episodes: list[Episode] = []
    opened: int | None = None
    at = 0
    state = np.zeros((ratios.shape[1], len(fractions)))
    while at < days:
        block, after = advance(state, ratios[at : at + BLOCK_DAYS], fractions)
        taken = len(block)
        restart = False
        for offset in range(_first_event(block, opened, watch), taken):
            value = block[offset]
            if opened is None and value >= watch:
                opened = at + offset
            if value >= alert:
                evidence[at : at + offset + 1] = block[: offset + 1]
                episodes.append(Episode(opened if opened is not None else at + offset, None))
                return Path(evidence[: at + offset + 1], tuple(episodes), at + offset)
            if opened is not None and value < watch / 4.0:
                episodes.append(Episode(opened, at + offset))
                opened, taken, restart = None, offset + 1, True
                break
        evidence[at : at + taken] = block[:taken]
        state = np.zeros_like(state) if restart else np.minimum(after, EVIDENCE_CAP)
        at += taken
    if opened is not None:
        episodes.append(Episode(opened, None))
    return Path(evidence, tuple(episodes), None)


def _first_event(block: Floats, opened: int | None, watch: float) -> int:
    """Return from which day on a block has to be looked at one day at a time."""
    if opened is not None:
        return 0
    above = block >= watch
    return int(np.argmax(above)) if above.any() else len(block)


def advance(state: Floats, ratios: Floats, fractions: Floats) -> tuple[Floats, Floats]:
    """Return the evidence after each day of a block, and the state after the last one.

    `state` is labels x bets, `ratios` days x labels, at most BLOCK_DAYS days. With
    P_t the product of the factors so far, S_t = P_t * (S_0 + 1/P_0 + ... + 1/P_{t-1}).
    """
    products = np.multiply.outer(ratios - 1.0, fractions)
    products += 1.0
    np.cumprod(products, axis=0, out=products)
    sums = np.empty_like(products)
    sums[0] = state + 1.0
    np.divide(1.0, products[:-1], out=sums[1:])
    np.cumsum(sums, axis=0, out=sums)
    sums *= products
    return sums.reshape(len(sums), -1).mean(axis=1), sums[-1]
