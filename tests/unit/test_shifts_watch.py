"""Watching a target over its history: shifts, outages, reversals, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.series import DayCounts, SeriesKey, Signal
from services.domain.shift import Direction, Level, Shift
from services.shifts.baseline import DetectorConfig
from services.shifts.watch import detect, run, state
from tests.support.day_counts import DETENTE, day, drawn, history, pooled, position

KEY = SeriesKey(DETENTE, "outlet:x", "us")
STATE_KEY = SeriesKey(DETENTE, "group:state", "us")


def _found(shares: list[float], articles: int = 20, seed: int = 1, **fields: object) -> list[Shift]:
    return detect({"outlet:x": history(*drawn(shares, articles, seed))}, KEY, **fields)  # type: ignore[arg-type]


def test_a_planted_rise_is_found_dated_and_described() -> None:
    shares = [0.1] * 60 + [0.5] * 40
    (shift,) = _found(shares)
    assert (shift.direction, shift.level, shift.arl) == (Direction.UP, Level.ALERT, 5000.0)
    assert shift.series == "relations=detente|outlet:x|us"
    assert abs(position(shift.onset) - 60) <= 1
    assert shift.onset_low <= day(60) <= shift.onset_high
    assert shift.onset <= shift.first_alarm <= shift.alarm_date <= day(72)
    assert (shift.baseline.since, shift.baseline.until) == (day(0), day(27))
    assert shift.baseline.low < 0.1 < shift.baseline.high
    assert shift.current.low < 0.5 < shift.current.high
    assert shift.outlets == ("x",)


def test_a_rise_and_its_reversal_are_both_found() -> None:
    shares = [0.1] * 46 + [0.5] * 107 + [0.1] * 40
    rise, fall = _found(shares)
    assert (rise.direction, fall.direction) == (Direction.UP, Direction.DOWN)
    assert abs(position(rise.onset) - 46) <= 1
    assert abs(position(fall.onset) - 153) <= 1
    assert fall.level is Level.ALERT
    assert fall.baseline.since == rise.onset


@pytest.mark.parametrize("seed", range(6))
def test_three_years_without_a_change_are_quiet(seed: int) -> None:
    assert [s for s in _found([0.25] * 1095, seed=seed) if s.level is Level.ALERT] == []


def test_days_without_articles_are_no_evidence() -> None:
    n, k = drawn([0.2] * 60 + [0.35] * 60, 20, seed=5)
    with_gap = np.insert(n, 70, [0] * 20), np.insert(k, 70, [0] * 20)
    plain = run({"outlet:x": history(n, k)}, KEY)
    gapped = run({"outlet:x": history(*with_gap)}, KEY)
    assert [p.up for p in plain.evidence] == [p.up for p in gapped.evidence]
    assert len(plain.shifts) == len(gapped.shifts)


def test_rows_with_no_articles_are_passed_over() -> None:
    rows = history(*drawn([0.1] * 50 + [0.5] * 20, 20, seed=2))
    empty = tuple(
        replace(rows[0], day=day(200 + number), n=0, counts=(0,) * 27, sums=(0.0,) * 27)
        for number in range(9)
    )
    assert detect({"outlet:x": rows + empty}, KEY) == detect({"outlet:x": rows}, KEY)


@settings(max_examples=25, deadline=None)
@given(st.integers(30, 220))
def test_a_longer_history_repeats_every_alarm_of_a_shorter_one(length: int) -> None:
    rows = history(*drawn([0.1] * 46 + [0.4] * 80 + [0.1] * 40 + [0.3] * 54, 12, seed=9))
    whole = detect({"outlet:x": rows}, KEY)
    part = detect({"outlet:x": rows[:length]}, KEY)
    same_day = detect({"outlet:x": rows}, KEY, until=day(length - 1))
    assert part == same_day
    assert [s.id for s in part] == [s.id for s in whole if s.first_alarm < day(length)]
    for early in part:
        late = next(s for s in whole if s.id == early.id)
        assert late.first_alarm == early.first_alarm
        if early.level is Level.ALERT:
            assert (late.alarm_date, late.onset) == (early.alarm_date, early.onset)


def test_a_watch_that_becomes_an_alert_stays_one_shift_under_one_id() -> None:
    rows = history(*drawn([0.2] * 60 + [0.4] * 60, 20, seed=4))
    (alert,) = detect({"outlet:x": rows}, KEY)
    assert alert.level is Level.ALERT
    assert alert.first_alarm < alert.alarm_date
    (watch,) = detect({"outlet:x": rows}, KEY, until=alert.first_alarm)
    assert (watch.level, watch.arl) == (Level.WATCH, 365.0)
    assert watch.id == alert.id
    assert watch.alarm_date == alert.first_alarm


def test_a_chosen_baseline_is_used_and_watching_starts_after_it() -> None:
    shares = [0.5] * 40 + [0.1] * 60 + [0.5] * 30
    config = DetectorConfig(baseline=(day(45), day(90)))
    (shift,) = _found(shares, config=config)
    assert (shift.baseline.since, shift.baseline.until) == (day(45), day(90))
    assert abs(position(shift.onset) - 100) <= 1


def test_a_baseline_chosen_where_there_are_no_articles_finds_nothing() -> None:
    config = DetectorConfig(baseline=(date(2001, 1, 1), date(2001, 2, 1)))
    rows = {"outlet:x": history(*drawn([0.1] * 50 + [0.6] * 50, 20, seed=2))}
    assert detect(rows, KEY, config=config) == []
    assert state(rows, KEY, config=config).phase == "baseline"


def test_a_long_silence_and_a_new_model_each_start_a_new_baseline() -> None:
    before = history(*drawn([0.1] * 60, 20, seed=1))
    later = history(*drawn([0.5] * 60, 20, seed=2), first=day(60 + 200))
    assert detect({"outlet:x": before + later}, KEY) == []
    other = history(*drawn([0.5] * 60, 20, seed=2), first=day(60), model="m2")
    assert detect({"outlet:x": before + other}, KEY) == []
    same = history(*drawn([0.5] * 60, 20, seed=2), first=day(60))
    assert len(detect({"outlet:x": before + same}, KEY)) == 1


def test_a_chosen_baseline_is_compared_with_what_comes_after_a_long_silence() -> None:
    before = history(*drawn([0.1] * 60, 20, seed=1))
    later = history(*drawn([0.5] * 60, 20, seed=2), first=day(60 + 200))
    config = DetectorConfig(baseline=(day(0), day(59)))
    (shift,) = detect({"outlet:x": before + later}, KEY, config=config)
    assert shift.onset == day(260)


def _group(*members: tuple[DayCounts, ...]) -> dict[str, tuple[DayCounts, ...]]:
    scopes = {rows[0].scope: rows for rows in members}
    return {**scopes, "group:state": pooled(*members)}


def _outlet(
    name: str, shares: list[float], articles: int, seed: int, silent: range = range(0)
) -> tuple[DayCounts, ...]:
    n, k = drawn(shares, articles, seed)
    for number in silent:
        n[number] = k[number] = 0
    return history(n, k, scope=f"outlet:{name}", outlets=(name,))


def _alerts(counts: dict[str, tuple[DayCounts, ...]], members: tuple[str, ...]) -> list[Shift]:
    return detect(counts, STATE_KEY, members)


@pytest.mark.parametrize("seed", range(5))
def test_an_outlet_falling_silent_is_not_a_shift_of_its_group(seed: int) -> None:
    """The silent outlet is the dovish half of the group: the raw share falls by half."""
    dove = _outlet("dove", [0.6] * 150, 15, seed, silent=range(80, 110))
    hawk = _outlet("hawk", [0.05] * 150, 15, seed + 100)
    counts = _group(dove, hawk)
    assert len(detect(counts, STATE_KEY)) >= 1, "without its members the group looks shifted"
    assert _alerts(counts, ("outlet:dove", "outlet:hawk")) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_new_outlet_is_not_a_shift_of_its_group(seed: int) -> None:
    hawk = _outlet("hawk", [0.1] * 200, 15, seed)
    newcomer = _outlet("new", [0.6] * 200, 15, seed + 100, silent=range(80))
    counts = _group(hawk, newcomer)
    assert len(detect(counts, STATE_KEY)) >= 1
    found = _alerts(counts, ("outlet:hawk", "outlet:new"))
    assert [s for s in found if s.level is Level.ALERT] == []


def test_a_shift_of_the_outlets_is_found_in_the_group_through_an_outage() -> None:
    one = _outlet("one", [0.1] * 60 + [0.5] * 60, 10, 1, silent=range(55, 63))
    two = _outlet("two", [0.15] * 60 + [0.5] * 60, 10, 2)
    (shift,) = _alerts(_group(one, two), ("outlet:one", "outlet:two"))
    assert shift.direction is Direction.UP
    assert shift.onset_low <= day(60) <= shift.onset_high
    assert shift.outlets == ("one", "two")


SIGNAL = Signal("thaw", "A thaw", "us", (DETENTE, "frame=dialogue", "frame=business"))


def test_a_signal_is_filed_under_its_name_and_found_when_its_labels_move() -> None:
    n, k = drawn([0.1] * 60 + [0.5] * 40, 20, seed=6)
    rows = history(n, k, labels=SIGNAL.labels)
    (shift,) = detect({"outlet:x": rows}, (SIGNAL, "outlet:x"))
    assert shift.series == "signal=thaw|outlet:x|us"
    assert shift.level is Level.ALERT
    assert abs(position(shift.onset) - 60) <= 1
    assert shift.current.share == pytest.approx(0.5, abs=0.1)


def test_one_moving_label_of_a_signal_takes_longer_but_is_found() -> None:
    rows = history(*drawn([0.1] * 60 + [0.5] * 40, 20, seed=6))
    (label,) = detect({"outlet:x": rows}, KEY)
    (signal,) = detect({"outlet:x": rows}, (SIGNAL, "outlet:x"))
    assert label.alarm_date < signal.alarm_date <= day(60 + 20)


def test_a_signal_whose_labels_move_apart_is_no_shift_of_the_signal() -> None:
    """Two labels: one rises by as much as the other falls. Their mean stays where it was."""
    n, rising = drawn([0.2] * 60 + [0.6] * 60, 40, seed=1)
    _, falling = drawn([0.6] * 60 + [0.2] * 60, 40, seed=2)
    signal = Signal("mood", "A mood", "us", (DETENTE, "frame=dialogue"))
    one = history(n, rising, labels=[DETENTE])
    other = history(n, falling, labels=["frame=dialogue"])
    rows = tuple(
        replace(a, counts=tuple(x + y for x, y in zip(a.counts, b.counts, strict=True)))
        for a, b in zip(one, other, strict=True)
    )
    assert detect({"outlet:x": rows}, (signal, "outlet:x")) == []
    assert len(detect({"outlet:x": rows}, KEY)) == 1


def test_evidence_that_only_time_has_gathered_raises_no_alarm() -> None:
    """A share just beyond the null for years: the evidence grows, the change does not matter."""
    n = np.full(1500, 1000)
    k = np.where(np.arange(1500) < 28, 40, 21)
    found = run({"outlet:x": history(n, k)}, KEY)
    assert found.shifts == ()
    assert found.evidence[-1].down > np.log10(365.0)


def test_the_state_says_how_far_the_evidence_is() -> None:
    rows = history(*drawn([0.2] * 60 + [0.4] * 8, 20, seed=4))
    waiting = state({"outlet:x": rows[:10]}, KEY)
    assert (waiting.phase, waiting.baseline_have, waiting.baseline_need) == ("baseline", 10, 28)
    calm = state({"outlet:x": rows[:60]}, KEY)
    risen = state({"outlet:x": rows}, KEY)
    assert calm.phase == risen.phase == "monitoring"
    assert calm.up < risen.up < np.log10(365.0)
    assert risen.day == day(67)
    assert state({}, KEY).phase == "no articles"


def test_a_small_share_that_triples_matters() -> None:
    (shift, *_) = _found([0.02] * 60 + [0.07] * 60, articles=100)
    assert shift.level is Level.ALERT
    assert abs(position(shift.onset) - 60) <= 2


def test_a_change_below_the_smallest_effect_is_no_shift() -> None:
    found = _found([0.3] * 60 + [0.33] * 700, articles=60, seed=3)
    assert [s for s in found if s.level is Level.ALERT] == []
