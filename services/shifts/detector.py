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

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from services.shifts.intervals import Floats

BLOCK_DAYS: Final = 64  # factors are at most 1e3, so no product of 64 leaves a double
RATIO_CAP: Final = 1e3
RELEASE: Final = 4.0  # a watch is over when the evidence is below this part of its level
EVIDENCE_CAP: Final = 1e12  # lowering a process keeps its promise; keeps endless runs finite


@lru_cache(maxsize=8)
def bet_fractions(size: int = 128, lowest: float = 0.02) -> Floats:
    """Return `size` bets u in (0, 1), denser towards both ends (arcsine spacing).

    The highest is within 1e-4 of 1: on a day with many articles no bet can earn more than
    x / m, and only u near 1 earns that, which is what makes a large shift show quickly. Bets
    below `lowest` are left out; they would look for changes too small to matter.
    """
    start = np.arcsin(np.sqrt(lowest))
    angles = start + (np.pi / 2.0 - start) * (np.arange(size) + 0.5) / size
    fractions: Floats = np.sin(angles) ** 2
    fractions.setflags(write=False)
    return fractions


def upward_ratio(values: Floats, bound: Floats) -> Floats:
    """Return x / m for a null of "the mean is at most `bound`", capped so as to stay finite.

    Where the bound is 1 nothing can lie above it, and the ratio is 0: no evidence. Lowering a
    factor keeps the promise, here as well as by the cap.
    """
    ratio = np.minimum(values / np.maximum(bound, 1e-12), RATIO_CAP)
    return np.where(bound < 1.0, ratio, 0.0)


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
    """The course of one detector until an alert ended the watch, or the days ran out.

    `evidence` has one value a day: the average S after that day. `alert` is the position of
    the last day when this detector is the one that reached the alert.
    """

    evidence: Floats
    episodes: tuple[Episode, ...]
    alert: int | None


Confirm = Callable[[int, int, int], bool]
"""Called with a detector, the position since which to look (-1: since the baseline), and the
day: does what can be seen on that day bear an alarm out? May only hold alarms back."""


def follow(
    ratios: Floats, fractions: Floats, watch: float, alert: float, confirm: Confirm | None = None
) -> list[Path]:
    """Run several detectors over the same days until one of them reaches `alert`.

    `ratios` is days x detectors x labels, for example the upward and the downward detector of
    a signal. When the evidence of one, having reached `watch`, falls below a quarter of it
    without an alert, the episode is closed and that detector starts again from nothing: so
    its next watch has the full promise again. Lowering S never endangers any promise, and
    neither does an alarm that `confirm` holds back to a later day.
    """
    days, detectors, labels = ratios.shape
    evidence = np.empty((days, detectors))
    watches = [_Watch(which, watch, alert, confirm) for which in range(detectors)]
    state = np.zeros((detectors, labels, len(fractions)))
    at = 0
    while at < days and all(item.alert is None for item in watches):
        block, states = advance(state, ratios[at : at + BLOCK_DAYS], fractions)
        taken, closed = _scan(block, at, watches, watch)
        evidence[at : at + taken] = block[:taken]
        state = np.minimum(states[taken - 1], EVIDENCE_CAP)
        state[closed] = 0.0
        at += taken
    return [Path(evidence[:at, item.which], item.ended(), item.alert) for item in watches]


class _Watch:
    """The alarms of one detector so far."""

    def __init__(self, which: int, watch: float, alert: float, confirm: Confirm | None) -> None:
        self.which = which
        self.levels = watch, alert
        self.confirm = confirm
        self.opened: int | None = None
        self.alert: int | None = None
        self.episodes: list[Episode] = []

    def look(self, day: int, value: float) -> bool:
        """Take in the evidence of `day`; True when the detector has to start again."""
        watch, alert = self.levels
        if self.opened is None:
            if value >= watch and self._confirmed(day):
                self.opened = day
        elif value < watch / RELEASE:
            self.episodes.append(Episode(self.opened, day))
            self.opened = None
            return True
        if self.opened is not None and value >= alert and self._confirmed(day):
            self.alert = day
        return False

    def _confirmed(self, day: int) -> bool:
        since = -1
        if self.episodes and self.episodes[-1].closed is not None:
            since = self.episodes[-1].closed
        return self.confirm is None or self.confirm(self.which, since, day)

    def ended(self) -> tuple[Episode, ...]:
        open_still = [] if self.opened is None else [Episode(self.opened, None)]
        return (*self.episodes, *open_still)


def _scan(block: Floats, at: int, watches: list[_Watch], watch: float) -> tuple[int, list[int]]:
    """Open and close watches over `block`, whose first day has position `at`.

    Returns how many days were used and which detectors have to start again after them.
    """
    if all(item.opened is None for item in watches):
        above = (block >= watch).any(axis=1)
        first = int(np.argmax(above)) if above.any() else len(block)
    else:
        first = 0
    for day in range(first, len(block)):
        closed = [item.which for item in watches if item.look(at + day, block[day, item.which])]
        if closed or any(item.alert is not None for item in watches):
            return day + 1, closed
    return len(block), []


def advance(state: Floats, ratios: Floats, fractions: Floats) -> tuple[Floats, Floats]:
    """Return the evidence (days x detectors) and the states after each day of a block.

    `state` is detectors x labels x bets and is not changed; `ratios` is days x detectors x
    labels.
    """
    states = np.multiply.outer(ratios - 1.0, fractions)
    states += 1.0  # the factors; each day's is replaced by its S below
    previous = state
    for day in range(len(states)):
        states[day] *= previous + 1.0
        previous = states[day]
    evidence: Floats = states.reshape(*states.shape[:2], -1).mean(axis=2)
    return evidence, states
