"""One baseline and the days watched against it, up to the alert that ends them."""

from __future__ import annotations

from typing import Final

import numpy as np

from services.domain.shift import Direction, Level
from services.shifts.baseline import DetectorConfig, estimate_null
from services.shifts.dating import Onset, date_onset
from services.shifts.detector import Path, bet_fractions, downward_ratio, follow, upward_ratio
from services.shifts.intervals import Floats
from services.shifts.panel import Panel

DIRECTIONS: Final = (Direction.UP, Direction.DOWN)


class Segment:
    """The upward and the downward detector of a panel against one baseline.

    `window` are the days of the baseline and `watched` those after it, as positions in the
    panel. `up` and `down` are the detectors' paths, their positions counted from the start of
    `watched`; `alert` is the panel's position of the alert that ended both, if there was one.
    """

    def __init__(self, panel: Panel, window: slice, watched: slice, config: DetectorConfig) -> None:
        self.panel = panel
        self.window = window
        self.watched = watched
        self.config = config
        self.null = estimate_null(panel, window, config)
        values = panel.shares[watched]
        ratios = np.stack(
            [
                upward_ratio(values, self.null.high[watched]),
                downward_ratio(values, self.null.low[watched]),
            ],
            axis=1,
        )
        limits = Level.WATCH.arl, Level.ALERT.arl
        self.up, self.down = follow(ratios, bet_fractions(config.bets), *limits, self._confirmed)

    @property
    def paths(self) -> tuple[tuple[Direction, Path], ...]:
        """Both paths with their directions."""
        return (Direction.UP, self.up), (Direction.DOWN, self.down)

    @property
    def alert(self) -> int | None:
        """The panel's position of the alert, if there was one."""
        alerts = [path.alert for _, path in self.paths if path.alert is not None]
        return self.watched.start + min(alerts) if alerts else None

    def onset(self, direction: Direction, since: int, alarm: int) -> Onset:
        """Date the change between `since` and `alarm`, all as positions in the panel."""
        start = self.window.start
        n, k = self._adjusted(start, alarm + 1)
        sign = 1 if direction is Direction.UP else -1
        found = date_onset(n, k, sign, first=since - start)
        return Onset(start + found.best, start + found.low, start + found.high)

    def _confirmed(self, which: int, since: int, day: int) -> bool:
        """Say whether the shares since the likeliest onset differ from the baseline as alarmed.

        A label (one of a signal's) must have moved by the smallest effect that matters, and the
        labels of a signal at least twice as far that way as the other way. It holds back
        alarms that mean nothing to a reader: a signal half of whose labels rise while the
        others fall, or evidence that only time has gathered just beyond the null.
        """
        direction = DIRECTIONS[which]
        sign = 1.0 if direction is Direction.UP else -1.0
        start, alarm = self.window.start, self.watched.start + day
        onset = self.onset(direction, start if since < 0 else self.watched.start + since, alarm)
        n, k = self._adjusted(start, alarm + 1)
        size, changed = self.window.stop - start, onset.best - start
        before = k[:size].sum(axis=0) / n[:size].sum()
        moved = sign * (k[changed:].sum(axis=0) / n[changed:].sum() - before)
        effect = self.config.smallest_effect(before)
        along, against = moved[moved > 0.0].sum(), -moved[moved < 0.0].sum()
        return bool((moved >= effect).any() and along >= 2.0 * against)

    def _adjusted(self, start: int, stop: int) -> tuple[Floats, Floats]:
        """Return n and k of some days, what is due to outlets and weekdays taken out of k."""
        n = self.panel.n[start:stop]
        shift = n[:, None] * self.null.shift[start:stop]
        return n, np.clip(self.panel.k[start:stop] - shift, 0.0, n[:, None])
