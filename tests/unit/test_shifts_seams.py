"""Where back-filled days give way to live ones, and what that makes of a shift."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.domain.article import Origin
from services.domain.series import (
    DayCounts,
    SeriesKey,
    is_backfilled,
    is_own,
    joined_sources,
    source_of,
)
from services.domain.shift import Level
from services.shifts.seams import find_seams, near_seam
from services.shifts.series import count_days
from services.shifts.watch import detect
from tests.support.day_counts import DETENTE, day, drawn, history, pooled, position
from tests.support.records import make_observation

KEY = SeriesKey(DETENTE, "outlet:x", "us")


def days(
    count: int, source: str, first: int = 0, articles: int = 20, **fields: object
) -> tuple[DayCounts, ...]:
    return history([articles] * count, [2] * count, source=source, first=day(first), **fields)  # type: ignore[arg-type]


def past_and_present(shares: list[float], past: int, seed: int = 1) -> tuple[DayCounts, ...]:
    """A series whose first `past` days are back-filled."""
    rows = history(*drawn(shares, 20, seed))
    return tuple(replace(row, source="backfilled") for row in rows[:past]) + rows[past:]


# Sources


def test_the_source_of_a_day_names_each_way_once() -> None:
    assert source_of([Origin.LIVE, Origin.BACKFILLED, Origin.LIVE]) == "backfilled + collected"
    assert source_of([Origin.IMPORTED]) == "imported"
    assert source_of([]) == "collected"


def test_sources_of_several_days_join_without_repeating_a_part() -> None:
    assert joined_sources(["backfilled + collected", "collected"]) == "backfilled + collected"


@pytest.mark.parametrize(
    ("source", "own", "backfilled"),
    [
        ("collected", True, False),
        ("imported", True, False),
        ("backfilled", True, True),
        ("backfilled + imported", True, True),
        ("backfilled + collected", True, False),
        ("RT sample", False, False),
        ("RT sample + collected", False, False),
    ],
)
def test_what_a_source_is(source: str, own: bool, backfilled: bool) -> None:
    assert (is_own(source), is_backfilled(source)) == (own, backfilled)


def test_a_counted_day_says_how_its_articles_came() -> None:
    seen = [
        make_observation(1, origin=Origin.BACKFILLED),
        make_observation(2, outlet="tass", origin=Origin.LIVE),
    ]
    counts = count_days(seen, {"state": ("rt", "tass")}, "m")
    sources = {row.scope: row.source for row in counts if row.about == "all"}
    assert sources["outlet:rt"] == "backfilled"
    assert sources["outlet:tass"] == "collected"
    assert sources["group:state"] == "backfilled + collected"


# Seams


def test_a_seam_is_the_first_live_day() -> None:
    rows = days(40, "backfilled") + days(40, "collected", first=40)
    assert find_seams([rows]) == [day(40)]


def test_a_filled_gap_of_some_days_is_no_seam() -> None:
    rows = days(40, "collected") + days(4, "backfilled", 40) + days(40, "collected", 44)
    assert find_seams([rows]) == []


def test_a_filled_gap_of_months_has_two_seams() -> None:
    rows = days(40, "collected") + days(60, "backfilled", 40) + days(40, "collected", 100)
    assert find_seams([rows]) == [day(40), day(100)]


def test_days_to_which_a_backfill_only_added_are_live() -> None:
    rows = days(40, "backfilled") + days(40, "backfilled + collected", 40)
    assert find_seams([rows]) == [day(40)]


@pytest.mark.parametrize("source", ["collected", "imported", "RT sample"])
def test_what_is_not_backfilled_makes_no_seam(source: str) -> None:
    assert find_seams([days(40, source) + days(40, "collected", 40)]) == []


def test_a_small_outlets_backfill_makes_no_seam_in_its_group() -> None:
    large = days(80, "collected", articles=30)
    small = days(40, "backfilled", articles=5) + days(40, "collected", 40, articles=5)
    assert find_seams([large, small]) == []
    assert find_seams([small]) == [day(40)]


@pytest.mark.parametrize(
    ("low", "high", "near"),
    [(0, 25, False), (0, 26, True), (38, 41, True), (54, 60, True), (55, 60, False)],
)
def test_near_is_within_a_fortnight_of_the_days_in_which_a_shift_began(
    low: int, high: int, near: bool
) -> None:
    found = near_seam([day(40)], day(low), day(high))
    assert found == (day(40) if near else None)


# Shifts


def test_a_step_where_samples_meet_is_marked_and_no_news() -> None:
    rows = past_and_present([0.1] * 60 + [0.5] * 40, past=60)
    (shift,) = detect({"outlet:x": rows}, KEY)
    assert shift.level is Level.ALERT
    assert shift.seam == day(60)
    assert not shift.is_news


def test_after_a_marked_step_a_new_baseline_finds_the_next_shift() -> None:
    rows = past_and_present([0.1] * 60 + [0.4] * 60 + [0.05] * 40, past=60)
    step, fall = detect({"outlet:x": rows}, KEY)
    assert step.seam == day(60)
    assert fall.seam is None
    assert fall.is_news
    assert fall.baseline.since == step.onset


def test_a_backfilled_baseline_serves_from_the_first_live_day() -> None:
    rows = past_and_present([0.1] * 60 + [0.1] * 20 + [0.5] * 15, past=60)
    (shift,) = detect({"outlet:x": rows}, KEY)
    assert shift.seam is None
    assert shift.is_news
    assert abs(position(shift.onset) - 80) <= 1
    assert position(shift.alarm_date) < 60 + 28  # before live days alone would be a baseline


def test_a_shift_within_the_backfilled_past_is_history() -> None:
    rows = past_and_present([0.1] * 60 + [0.5] * 60, past=110)
    (shift,) = detect({"outlet:x": rows}, KEY)
    assert shift.source == "backfilled"
    assert not shift.is_news


def test_imported_histories_are_news_as_ever() -> None:
    rows = history(*drawn([0.1] * 60 + [0.5] * 40, 20, 1), source="imported")
    (shift,) = detect({"outlet:x": rows}, KEY)
    assert shift.seam is None
    assert shift.is_news


def test_the_seam_of_a_group_is_that_of_most_of_its_articles() -> None:
    def member(name: str, past: int, seed: int) -> tuple[DayCounts, ...]:
        rows = past_and_present([0.1] * 60 + [0.5] * 40, past, seed)
        scope = f"outlet:{name}"
        return tuple(replace(row, scope=scope, outlets=(name,)) for row in rows)

    members = {"outlet:a": member("a", 60, 1), "outlet:b": member("b", 60, 2)}
    group = pooled(*members.values())
    key = SeriesKey(DETENTE, "group:state", "us")
    (shift,) = detect({"group:state": group, **members}, key, tuple(members))
    assert shift.seam == day(60)


def test_no_days_have_no_seam() -> None:
    assert find_seams([]) == []
    assert near_seam([], date(2025, 1, 1), date(2025, 1, 2)) is None
