"""What two polls of a feed have in common, and how fast it flows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.feeds.limit import MAX_ENTRIES
from services.collect.feeds.window import (
    Change,
    compare,
    first_rate,
    flow_after,
    flow_unchanged,
    reach_back,
    smoothed,
)
from services.domain.article import DateQuality, FeedEntry
from services.domain.outlet import FeedState
from tests.support.records import NOW, make_entry

HOUR = timedelta(hours=1)


def hourly(first: int, last: int) -> list[FeedEntry]:
    """Entries `first` to `last`, newest first; number n was published n hours after NOW."""
    return [make_entry(n, published=NOW + n * HOUR) for n in range(last, first - 1, -1)]


def undated(first: int, last: int) -> list[FeedEntry]:
    return [
        make_entry(n, published=None, date_quality=DateQuality.ASSUMED)
        for n in range(last, first - 1, -1)
    ]


def remembered(entries: list[FeedEntry], **fields: object) -> FeedState:
    """The state after a poll, an hour after its newest entry, that brought `entries`."""
    dates = [entry.published for entry in entries if entry.published]
    then = max(dates) + HOUR if dates else NOW
    change = compare(FeedState("rt"), entries)
    state = FeedState("rt", keys=change.keys, last_success=then, window=reach_back(entries, then))
    return replace(state, last_new=max(dates, default=None), **fields)  # type: ignore[arg-type]


def test_the_first_poll_is_all_fresh_and_no_gap() -> None:
    assert compare(FeedState("rt"), hourly(1, 10)).fresh == 10
    assert not compare(FeedState("rt"), hourly(1, 10)).gap


@pytest.mark.parametrize("entries", [hourly, undated])
def test_a_feed_that_moves_on_has_as_many_fresh_entries_as_it_moved(entries: object) -> None:
    change = compare(remembered(entries(1, 10)), entries(4, 13))  # type: ignore[operator]
    assert (change.fresh, change.gap, change.backwards) == (3, False, False)


@pytest.mark.parametrize("entries", [hourly, undated])
def test_a_feed_that_shares_nothing_with_the_poll_before_has_a_gap(entries: object) -> None:
    change = compare(remembered(entries(1, 10)), entries(11, 20))  # type: ignore[operator]
    assert (change.fresh, change.gap, change.backwards) == (10, True, False)


def test_an_entry_pinned_for_years_does_not_hide_a_gap() -> None:
    pinned = make_entry(999, published=NOW - timedelta(days=900))
    change = compare(remembered([pinned, *hourly(1, 10)]), [pinned, *hourly(11, 20)])
    assert change.gap


@given(st.integers(1, 40), st.integers(0, 60))
def test_a_gap_is_seen_exactly_when_the_newest_known_entry_fell_off(held: int, moved: int) -> None:
    change = compare(remembered(hourly(1, held)), hourly(1 + moved, held + moved))
    assert change.gap == (moved >= held)
    assert not change.backwards


def test_a_feed_that_broke_off_says_nothing_about_its_window() -> None:
    state = remembered(hourly(1, 10))
    change = compare(state, hourly(11, 12), complete=False)
    assert (change.fresh, change.gap) == (2, False)
    assert set(state.keys[:8]) < set(change.keys)


def test_an_old_copy_of_a_feed_goes_backwards() -> None:
    assert compare(remembered(hourly(5, 14)), hourly(5, 12)).backwards


def test_an_old_copy_that_brings_back_what_fell_off_goes_backwards() -> None:
    assert compare(remembered(hourly(5, 14)), hourly(1, 10)).backwards


def test_an_old_copy_that_shares_nothing_goes_backwards_and_is_no_gap() -> None:
    change = compare(remembered(hourly(21, 30)), hourly(1, 10))
    assert (change.backwards, change.gap, change.fresh) == (True, False, 0)


def test_a_newest_entry_that_is_replaced_by_another_is_no_step_backwards() -> None:
    other = make_entry(99, published=NOW + 9 * HOUR)
    assert not compare(remembered(hourly(1, 10)), [other, *hourly(1, 9)]).backwards


def test_an_entry_taken_back_from_the_middle_is_no_step_backwards() -> None:
    assert not compare(remembered(hourly(1, 10)), hourly(6, 10) + hourly(1, 4)).backwards


def test_a_feed_without_dates_never_goes_backwards() -> None:
    assert not compare(remembered(undated(5, 14)), undated(1, 10)).backwards


def test_the_order_in_the_document_does_not_matter_where_entries_have_dates() -> None:
    state = remembered(hourly(1, 10)[::-1])
    assert state.keys == compare(FeedState("rt"), hourly(1, 10)).keys


def test_a_steady_feed_keeps_its_rate() -> None:
    rate = 2.0
    for _ in range(100):
        rate = smoothed(rate, 4, 2.0)
    assert rate == pytest.approx(2.0)


@given(st.floats(0, 100), st.floats(0.01, 48), st.floats(0.01, 48))
def test_silence_wears_a_rate_down_however_often_it_is_looked_at(
    rate: float, one: float, other: float
) -> None:
    assert smoothed(smoothed(rate, 0, one), 0, other) == pytest.approx(
        smoothed(rate, 0, one + other)
    )


@given(st.floats(0, 100), st.integers(0, 100), st.floats(0, 1_000))
def test_a_rate_lies_between_what_it_was_and_what_was_seen(
    rate: float, fresh: int, hours: float
) -> None:
    seen = fresh / hours if hours else rate
    low, high = sorted((rate, seen))
    assert low * 0.999999 <= smoothed(rate, fresh, hours) <= high * 1.000001


def test_the_first_rate_is_read_off_the_dates() -> None:
    entries = hourly(-99, 0)
    assert first_rate(entries, NOW) == pytest.approx(1.0, rel=0.1)


def test_a_feed_that_woke_up_today_counts_as_fast_as_today() -> None:
    old = [make_entry(1_000 + n, published=NOW - timedelta(days=30 * n)) for n in range(2, 12)]
    assert first_rate([*hourly(-11, 0), *old], NOW) == pytest.approx(0.5)


def test_without_dates_all_entries_count_as_of_one_day() -> None:
    assert first_rate(undated(1, 48), NOW) == 2.0


def test_what_most_entries_leave_open_says_nothing_about_the_window() -> None:
    assert reach_back([*undated(1, 5), *hourly(-3, 0)], NOW) == 0.0
    assert reach_back(hourly(-3, 0), NOW) == 3 * 3_600


def test_a_burst_shows_in_the_pace_at_once_and_in_the_rate_slowly() -> None:
    state = remembered(hourly(-50, 0), rate=1.0)
    entries = [make_entry(n, published=NOW + HOUR) for n in range(100, 120)] + hourly(-30, 0)
    flow = flow_after(state, compare(state, entries), entries, NOW + 2 * HOUR)
    assert flow.pace == pytest.approx(20.0)
    assert 1.0 < flow.rate < 3.0


def test_a_feed_that_says_nothing_has_changed_reaches_back_further() -> None:
    state = remembered(hourly(-9, 0), rate=1.0)
    flow = flow_unchanged(state, NOW + 3 * HOUR)
    assert flow.window == state.window + 2 * 3_600
    assert flow.rate < 1.0
    assert flow.held == 10


def test_a_feed_that_repeats_an_entry_holds_it_once() -> None:
    entry = make_entry(1)
    assert compare(FeedState("rt"), [entry, entry]) == Change(
        compare(FeedState("rt"), [entry]).keys, 1
    )


def test_a_long_feed_is_remembered_to_its_end() -> None:
    entries = undated(1, MAX_ENTRIES)
    assert compare(remembered(entries), entries).fresh == 0
