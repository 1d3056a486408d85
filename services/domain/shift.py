"""A shift: the moment at which a series left its baseline, and how sure we are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.domain.series import COLLECTED, ShareInterval, is_backfilled


class Direction(StrEnum):
    """Which way the share moved."""

    UP = "up"
    DOWN = "down"


class Level(StrEnum):
    """How strong the evidence is: by the average run length to a false alarm."""

    WATCH = "watch"
    ALERT = "alert"

    @property
    def arl(self) -> float:
        """A: days (with articles) to a false alarm, on average at least, without a shift."""
        return 365.0 if self is Level.WATCH else 5000.0


@dataclass(frozen=True, slots=True)
class Shift:
    """One detected shift of one series (`series` is `str(SeriesKey)`, label or signal).

    `id` is `identity.alert_id(series, direction, onset)` at the first detection. `arl` is the
    A of the level reached; `evidence` the ids of the articles that speak for it most;
    `first_alarm` the day of the watch level, `alarm_date` the day of `level`. `source` tells how
    the articles from onset to alarm came to us (see `DayCounts`). `seam` is a day near the onset
    on which back-filled articles give way to live ones, or the reverse: the change of sample
    alone may then be the reason for the shift.
    """

    id: str
    series: str
    direction: Direction
    level: Level
    arl: float
    alarm_date: date
    first_alarm: date
    onset: date
    onset_low: date
    onset_high: date
    baseline: ShareInterval
    current: ShareInterval
    outlets: tuple[str, ...]
    model: str
    evidence: tuple[str, ...] = ()
    source: str = COLLECTED
    seam: date | None = None

    @property
    def is_news(self) -> bool:
        """True when somebody may be told: seen as it happened, and not where samples meet."""
        return self.seam is None and not is_backfilled(self.source)
