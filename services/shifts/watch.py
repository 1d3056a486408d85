"""Watching one target over its whole history: baseline, evidence, alarms, new baseline.

A run over a history is a pure function of the day counts. What it says about a day uses no
later day, so a run over a longer history repeats every alarm of a run over a shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np

from services.domain.identity import alert_id
from services.domain.series import DayCounts, ShareInterval, joined_sources
from services.domain.shift import Direction, Level, Shift
from services.shifts.baseline import DetectorConfig
from services.shifts.evidence import EvidencePoint, Run, State, powers_of_ten
from services.shifts.panel import History, Panel, build_panel
from services.shifts.seams import find_seams, near_seam
from services.shifts.segment import Segment
from services.shifts.series import interval_of
from services.shifts.targets import Target, labels_of, series_of

MINIMUM_BASELINE_DAYS: Final = 7  # fewer days chosen by a caller tell too little of a level


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
    return list(_watcher(history, target, members, config, until).shifts())


def state(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str] = (),
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> State:
    """Return where `target` stands: how far the evidence of today is from watch and alert."""
    return _watcher(history, target, members, config, until).latest


def run(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str] = (),
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> Run:
    """Return shifts, present state and the whole course of the evidence; see `detect`."""
    watcher = _watcher(history, target, members, config, until)
    return Run(watcher.shifts(), watcher.latest, tuple(watcher.evidence()))


def _watcher(
    history: Mapping[str, Sequence[DayCounts]] | History,
    target: Target,
    members: Sequence[str],
    config: DetectorConfig | None,
    until: date | None,
) -> _Watcher:
    if not isinstance(history, History):
        history = History(history)
    return _Watcher(history, target, members, config or DetectorConfig(), until)


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
        self.history = history
        self.members = members
        self.table = history.table(self.key.scope)
        self.panel: Panel = build_panel(
            history, self.key.scope, self.labels, members, until, config.value
        )
        self.found: dict[str, Shift] = {}
        self.segments: list[Segment] = []
        self.latest: State = self._waiting(0, 0)
        for stretch in self._stretches():
            self._watch(stretch)

    def shifts(self) -> tuple[Shift, ...]:
        """All shifts, in the order of their first alarms."""
        return tuple(sorted(self.found.values(), key=lambda shift: (shift.first_alarm, shift.id)))

    def evidence(self) -> Iterator[EvidencePoint]:
        """The evidence of every day that was watched."""
        for segment in self.segments:
            start = segment.watched.start
            for day, (up, down) in enumerate(
                zip(powers_of_ten(segment.up), powers_of_ten(segment.down), strict=True)
            ):
                yield EvidencePoint(self.panel.day(start + day), up, down)

    def _stretches(self) -> Iterator[slice]:
        """Yield runs of days that one chain of baselines may span: no long gap, one model.

        Whoever chooses a baseline wants it compared with whatever came later, after a gap too.
        """
        if len(self.panel) == 0:
            return
        gaps = np.diff(self.panel.days) > self.config.max_gap
        if self.config.baseline is not None:
            gaps[:] = False
        breaks = (np.flatnonzero(gaps | self.panel.model_changes) + 1).tolist()
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
        # Days counted by another model have no baseline in the one that the caller chose.
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
            segment = Segment(self.panel, window, watched, self.config)
            onset = self._record(segment)
            if segment.alert is None or onset is None:
                return
            resume = segment.alert + 1
            window = self._window(stretch, onset)

    def _record(self, segment: Segment) -> int | None:
        """File the shifts of a segment; return the position of the onset behind its alert."""
        self.segments.append(segment)
        self.latest = self._monitoring(segment)
        onset: int | None = None
        for direction, path in segment.paths:
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
        segment: Segment,
        direction: Direction,
        since: int,
        opened: int,
        alarm: int,
        alert: bool,
    ) -> int:
        first = segment.onset(direction, since, opened)
        onset = first if alarm == opened else segment.onset(direction, since, alarm)
        level = Level.ALERT if alert else Level.WATCH
        series = str(self.key)
        rows = self._rows(onset.best, alarm + 1)
        present = {name for row in rows for name in row.outlets}
        identity = alert_id(series, direction.value, self.panel.day(first.best))
        known = self.found.get(identity)
        self.found[identity] = Shift(
            id=identity,
            series=series,
            direction=direction,
            level=level,
            arl=level.arl,
            alarm_date=self.panel.day(alarm),
            first_alarm=known.first_alarm if known else self.panel.day(opened),
            onset=self.panel.day(onset.best),
            onset_low=self.panel.day(onset.low),
            onset_high=self.panel.day(onset.high),
            baseline=self._interval(segment.window.start, segment.window.stop),
            current=self._interval(onset.best, self._settled(onset.best, alarm)),
            outlets=tuple(sorted(present)),
            model=rows[-1].model,
            source=joined_sources(row.source for row in rows),
            seam=near_seam(self._seams, self.panel.day(onset.low), self.panel.day(onset.high)),
        )
        return onset.best

    @cached_property
    def _seams(self) -> list[date]:
        return find_seams(
            self.history.table(name).rows for name in self.members or (self.key.scope,)
        )

    def _settled(self, onset: int, alarm: int) -> int:
        """Return the end of the days that `current` is measured over: as many as a baseline
        has, and at least up to the alarm, so that an old shift's figures stay as they are."""
        return min(len(self.panel), max(alarm + 1, onset + self.config.baseline_days))

    def _rows(self, start: int, stop: int) -> list[DayCounts]:
        return self.table.rows[start:stop]

    def _interval(self, start: int, stop: int) -> ShareInterval:
        rows = self._rows(start, stop)
        return interval_of(rows, self.labels, rows[0].day, rows[-1].day)

    def _monitoring(self, segment: Segment) -> State:
        up, down = powers_of_ten(segment.up), powers_of_ten(segment.down)
        last = segment.watched.start + len(up) - 1 if up else segment.window.stop - 1
        size = segment.window.stop - segment.window.start
        return State(
            series=str(self.key),
            phase="monitoring",
            day=self.panel.day(last),
            up=up[-1] if up else 0.0,
            down=down[-1] if down else 0.0,
            baseline=self._interval(segment.window.start, segment.window.stop),
            baseline_have=size,
            baseline_need=size,
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
