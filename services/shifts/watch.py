"""Watching one target over its whole history: baseline, evidence, alarms, new baseline.

A run over a history is a pure function of the day counts. What it says about a day uses no
later day, so a run over a longer history repeats every alarm of a run over a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

import numpy as np

from services.domain.identity import alert_id
from services.domain.series import DayCounts, SeriesKey, ShareInterval, Signal
from services.domain.shift import Direction, Level, Shift
from services.shifts.baseline import DetectorConfig, Null, estimate_null
from services.shifts.dating import Onset, date_onset
from services.shifts.detector import Path, bet_fractions, downward_ratio, follow, upward_ratio
from services.shifts.panel import History, Panel, build_panel
from services.shifts.series import interval_of

Target = SeriesKey | tuple[Signal, str]
Phase = Literal["no articles", "baseline", "monitoring"]
MINIMUM_BASELINE_DAYS = 7


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


def series_of(target: Target) -> SeriesKey:
    """Return the key under which shifts of `target` are filed."""
    if isinstance(target, SeriesKey):
        return target
    signal, scope = target
    return SeriesKey(f"signal={signal.name}", scope, signal.about)


def labels_of(target: Target) -> tuple[str, ...]:
    """Return the labels that `target` watches."""
    return (target.label,) if isinstance(target, SeriesKey) else target[0].labels


def detect(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str] = (),
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> list[Shift]:
    """Return the shifts of `target`, in the order of their first alarms.

    `history` holds the day counts by scope for the target's about and one model; pass a
    `History` when several targets read the same one. `members` are the outlet scopes of a
    group, so that a change in which outlets publish is not taken for a shift. `until` is the
    last day that is looked at. Evidence articles are left for the caller to fill in.
    """
    return list(run(history, target, members, config, until).shifts)


def state(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str] = (),
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> State:
    """Return where `target` stands: how far the evidence of today is from watch and alert."""
    return run(history, target, members, config, until).state


def run(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str] = (),
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> Run:
    """Return shifts, present state and the whole course of the evidence; see `detect`."""
    if not isinstance(history, History):
        history = History(history)
    return _Watcher(history, target, members, config or DetectorConfig(), until).run()


@dataclass(frozen=True, slots=True)
class _Segment:
    """One baseline and the days watched against it, up to the alert that ended it."""

    window: slice
    watched: slice
    null: Null
    up: Path
    down: Path

    @property
    def alert(self) -> int | None:
        alerts = [path.alert for path in (self.up, self.down) if path.alert is not None]
        return self.watched.start + min(alerts) if alerts else None


class _Watcher:
    def __init__(
        self,
        history: History,
        target: Target,
        members: Sequence[str],
        config: DetectorConfig,
        until: date | None,
    ) -> None:
        self.config = config
        self.key = series_of(target)
        self.labels = labels_of(target)
        self.until = until
        self.table = history.table(self.key.scope)
        self.panel: Panel = build_panel(
            history, self.key.scope, self.labels, members, until, config.value
        )
        self.fractions = bet_fractions(config.bets)
        self.shifts: dict[str, Shift] = {}
        self.points: list[EvidencePoint] = []
        self.latest: State = self._waiting(0, 0)

    def run(self) -> Run:
        for stretch in self._stretches():
            self._watch(stretch)
        ordered = sorted(self.shifts.values(), key=lambda shift: (shift.first_alarm, shift.id))
        return Run(tuple(ordered), self.latest, tuple(self.points))

    def _stretches(self) -> Iterator[slice]:
        """Yield runs of days that one chain of baselines may span: no long gap, one model."""
        if len(self.panel) == 0:
            return
        gaps = np.diff(self.panel.days) > self.config.max_gap
        changed = [before != after for before, after in pairwise(self.panel.models)]
        breaks = (np.flatnonzero(gaps | np.array(changed, dtype=bool)) + 1).tolist()
        for start, stop in zip([0, *breaks], [*breaks, len(self.panel)], strict=True):
            yield slice(start, stop)

    def _first_window(self, stretch: slice) -> slice | None:
        """Return the window of the first baseline, or None while it is not complete."""
        if self.config.baseline is None:
            return self._window(stretch, stretch.start)
        since, until = self.config.baseline
        fixed = self.table.interval(since, until)
        start = max(fixed.start, stretch.start)
        stop = min(fixed.stop, stretch.stop)
        if stop - start >= MINIMUM_BASELINE_DAYS:
            return slice(start, stop)
        # Another stretch than the one that the caller chose has no baseline of its own.
        return None

    def _window(self, stretch: slice, start: int) -> slice | None:
        stop = start + self.config.baseline_days
        if stop > stretch.stop:
            self.latest = self._waiting(stretch.stop - start, self.config.baseline_days)
            return None
        return slice(start, stop)

    def _watch(self, stretch: slice) -> None:
        window = self._first_window(stretch)
        resume = 0
        while window is not None:
            watched = slice(max(window.stop, resume), stretch.stop)
            segment = self._segment(window, watched)
            onset = self._record(segment)
            if segment.alert is None or onset is None:
                return
            resume = segment.alert + 1
            window = self._window(stretch, onset)

    def _segment(self, window: slice, watched: slice) -> _Segment:
        null = estimate_null(self.panel, window, self.config)
        values = self.panel.shares[watched]
        limits = {"watch": Level.WATCH.arl, "alert": Level.ALERT.arl}
        up = follow(upward_ratio(values, null.high[watched]), self.fractions, **limits)
        stop = watched.stop if up.alert is None else watched.start + up.alert + 1
        shorter = slice(watched.start, stop)
        values = self.panel.shares[shorter]
        down = follow(downward_ratio(values, null.low[shorter]), self.fractions, **limits)
        if down.alert is not None:
            up = up.until(down.alert + 1)
        return _Segment(window, watched, null, up, down)

    def _record(self, segment: _Segment) -> int | None:
        """File the shifts and the evidence of a segment; return the position of the onset."""
        self._trace(segment)
        onset: int | None = None
        for direction, path in ((Direction.UP, segment.up), (Direction.DOWN, segment.down)):
            rearmed = segment.window.start
            for episode in path.episodes:
                opened = segment.watched.start + episode.opened
                reached = path.alert if episode.closed is None else None
                alarm = opened if reached is None else segment.watched.start + reached
                dated = self._file(segment, direction, rearmed, opened, alarm, reached is not None)
                if reached is not None and alarm == segment.alert:
                    onset = dated
                if episode.closed is not None:
                    rearmed = segment.watched.start + episode.closed
        return onset

    def _file(
        self,
        segment: _Segment,
        direction: Direction,
        since: int,
        opened: int,
        alarm: int,
        alert: bool,
    ) -> int:
        first = self._onset(segment, direction, since, opened)
        onset = first if alarm == opened else self._onset(segment, direction, since, alarm)
        level = Level.ALERT if alert else Level.WATCH
        series = str(self.key)
        present = {name for row in self._rows(onset.best, alarm + 1) for name in row.outlets}
        identity = alert_id(series, direction.value, self.panel.day(first.best))
        self.shifts[identity] = Shift(
            id=identity,
            series=series,
            direction=direction,
            level=level,
            arl=level.arl,
            alarm_date=self.panel.day(alarm),
            first_alarm=self.panel.day(opened),
            onset=self.panel.day(onset.best),
            onset_low=self.panel.day(onset.low),
            onset_high=self.panel.day(onset.high),
            baseline=self._interval(segment.window.start, segment.window.stop),
            current=self._interval(onset.best, self._settled(onset.best, alarm)),
            outlets=tuple(sorted(present)),
            model=self.panel.models[alarm],
            source=" + ".join(sorted(set(self.panel.sources[onset.best : alarm + 1]))),
        )
        return onset.best

    def _onset(self, segment: _Segment, direction: Direction, since: int, alarm: int) -> Onset:
        """Date the change between `since` and `alarm`, today's outlets and weekdays set aside."""
        start = segment.window.start
        span = slice(start, alarm + 1)
        n = self.panel.n[span]
        k = np.clip(self.panel.k[span] - n[:, None] * segment.null.shift[span], 0.0, n[:, None])
        sign = 1 if direction is Direction.UP else -1
        found = date_onset(n, k, sign, first=since - start)
        return Onset(start + found.best, start + found.low, start + found.high)

    def _settled(self, onset: int, alarm: int) -> int:
        """Return the end of the days that `current` is measured over: as many as a baseline
        has, and at least up to the alarm, so that an old shift's figures stay as they are."""
        return min(len(self.panel), max(alarm + 1, onset + self.config.baseline_days))

    def _rows(self, start: int, stop: int) -> list[DayCounts]:
        return self.table.rows[start:stop]

    def _interval(self, start: int, stop: int) -> ShareInterval:
        rows = self._rows(start, stop)
        return interval_of(rows, self.labels, rows[0].day, rows[-1].day)

    def _trace(self, segment: _Segment) -> None:
        days = range(max(len(segment.up.evidence), len(segment.down.evidence)))
        up, down = _powers(segment.up), _powers(segment.down)
        self.points.extend(
            EvidencePoint(
                self.panel.day(segment.watched.start + day),
                up[day] if day < len(up) else 0.0,
                down[day] if day < len(down) else 0.0,
            )
            for day in days
        )
        self.latest = State(
            series=str(self.key),
            phase="monitoring",
            day=self.panel.day(segment.watched.start + len(days) - 1) if days else None,
            up=up[-1] if up else 0.0,
            down=down[-1] if down else 0.0,
            baseline=self._interval(segment.window.start, segment.window.stop),
            baseline_have=segment.window.stop - segment.window.start,
            baseline_need=segment.window.stop - segment.window.start,
        )

    def _waiting(self, have: int, need: int) -> State:
        empty = len(self.panel) == 0
        return State(
            series=str(self.key),
            phase="no articles" if empty else "baseline",
            day=None if empty else self.panel.day(len(self.panel) - 1),
            up=0.0,
            down=0.0,
            baseline=None,
            baseline_have=have,
            baseline_need=need or self.config.baseline_days,
        )


def _powers(path: Path) -> list[float]:
    values: list[float] = np.round(np.log10(np.maximum(path.evidence, 1.0)), 6).tolist()
    return values
