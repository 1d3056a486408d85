"""How far a target is from its next alarm: the evidence so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from services.domain.series import ShareInterval
from services.domain.shift import Shift
from services.shifts.detector import Path

Phase = Literal["no articles", "baseline", "monitoring"]


@dataclass(frozen=True, slots=True)
class State:
    """Where a target stands after the last day it knows.

    `up` and `down` are the evidence in powers of ten (log10 of S, 0 when S <= 1); a watch is
    reached at log10(365) = 2.56 and an alert at log10(5000) = 3.70. While `phase` is
    "baseline", `baseline_have` of `baseline_need` days with articles are there.
    """

    series: str
    phase: Phase
    day: date | None
    up: float
    down: float
    baseline: ShareInterval | None
    baseline_have: int
    baseline_need: int


@dataclass(frozen=True, slots=True)
class EvidencePoint:
    """The evidence after one day, in powers of ten, as in State."""

    day: date
    up: float
    down: float


@dataclass(frozen=True, slots=True)
class Run:
    """Everything one pass over a history says about a target, shifts in the order of alarms."""

    shifts: tuple[Shift, ...]
    state: State
    evidence: tuple[EvidencePoint, ...]


def powers_of_ten(path: Path) -> list[float]:
    """Return log10 of each day's evidence, 0 where it is 1 or less."""
    values: list[float] = np.round(np.log10(np.maximum(path.evidence, 1.0)), 6).tolist()
    return values
