"""How often an outlet publishes at each hour of the week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.health.pace import WEEK, Hours, Pace, dispersion, fit_pace, hours_of
from services.index.records import Arrivals

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
moments = st.datetimes(datetime(2024, 12, 1), datetime(2025, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001


def hours(counts: object, first: datetime = MONDAY) -> Hours:
    values = np.asarray(counts, dtype=np.int64)
    return Hours(first, values, np.ones(len(values), dtype=np.bool_))


def weekly(on_weekdays: int, on_weekends: int, weeks: int = 6) -> Hours:
    """So many articles in every hour of these days."""
    return hours(np.tile(np.repeat([on_weekdays, on_weekends], [5 * 24, 2 * 24]), weeks))


@given(st.lists(moments, min_size=3, max_size=3))
def test_what_is_expected_adds_up_over_time(times: list[datetime]) -> None:
    pace = Pace(np.arange(WEEK, dtype=np.float64) / 100, 42, 500)
    first, middle, last = sorted(times)
    parts = pace.expected(first, middle) + pace.expected(middle, last)
    assert parts == pytest.approx(pace.expected(first, last))


@given(moments, st.integers(1, 60))
def test_any_whole_week_holds_the_same(start: datetime, days: int) -> None:
    pace = fit_pace(weekly(3, 1))
    expected = pace.expected(start, start + timedelta(days=7))
    assert expected == pytest.approx(pace.daily * 7)


def test_as_many_are_expected_as_came() -> None:
    past = weekly(4, 1)
    end = MONDAY + timedelta(hours=len(past.counts))
    assert fit_pace(past).expected(MONDAY, end) == pytest.approx(past.counts.sum())


def test_many_articles_show_the_weekend() -> None:
    week = fit_pace(weekly(10, 2)).week
    assert week[5 * 24 :].mean() == pytest.approx(2, rel=0.1)


def test_few_articles_leave_the_weekend_nearly_flat() -> None:
    counts = np.zeros(7 * 24, dtype=np.int64)
    counts[12 : 5 * 24 : 24] = 1  # one a day, from Monday to Friday, in one week
    week = fit_pace(hours(counts)).week
    assert week[5 * 24 :].mean() > 0.6 * week[: 5 * 24].mean()


def test_hours_that_were_not_seen_do_not_slow_the_pace() -> None:
    past = weekly(3, 3)
    past.counts[:500] = 0
    past.observed[:500] = False
    assert fit_pace(past).daily == pytest.approx(72, rel=0.01)


def test_bursts_count_as_few_independent_events() -> None:
    bursts = np.zeros(42 * 24, dtype=np.int64)
    bursts[::72] = 9
    assert dispersion(hours(bursts)) > 5


def test_an_outlet_without_articles_has_no_pace() -> None:
    assert fit_pace(hours(np.zeros(1000))).daily == 0


def test_arrivals_are_spread_over_their_hours() -> None:
    rows = [Arrivals("rt", MONDAY + timedelta(hours=step), step) for step in (1, 3, 50)]
    found = hours_of(rows, MONDAY, MONDAY + timedelta(hours=5, minutes=59))
    assert found.counts.tolist() == [0, 1, 0, 3, 0]
