"""What the page shows: which days, which lines, and when it is derived anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from services.context import Context
from services.domain.series import DayCounts
from services.queries.buckets import steady
from services.queries.overview import overview
from services.queries.shifts import reference_shifts
from tests.support.reading import installation, make_reference, store_days
from tests.support.records import TODAY, make_day_counts

SHARES = {"relations=detente": 0.1}


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    reference = make_reference(date(2024, 1, 1), 60, SHARES)
    with installation(tmp_path, reference=reference) as opened:
        yield opened


def test_a_new_installation_shows_all_years_of_reference(context: Context) -> None:
    view = overview(context)
    assert view.empty
    assert (view.window.name, view.window.since) == ("all", date(2024, 1, 1))
    assert [(track.title, track.reference) for track in view.tracks] == [("RT, reference", True)]
    assert view.groups[0].reference == "RT"


def test_some_months_of_collection_bring_the_last_year_to_the_front(context: Context) -> None:
    store_days(context, TODAY - timedelta(days=120), 121, a_day=1)
    view = overview(context)
    assert not view.empty
    assert view.window.name == "year"
    assert overview(context, "all").window.since == date(2024, 1, 1)


def test_what_was_collected_stands_before_the_reference(context: Context) -> None:
    store_days(context, TODAY - timedelta(days=10), 11, a_day=2)
    state = overview(context).groups[0]
    assert (state.reference, state.n) == ("", 22)


def test_a_reference_of_an_outlet_outside_the_catalogue_is_left_out(tmp_path: Path) -> None:
    reference = make_reference(date(2014, 1, 1), 60, SHARES, outlet="elsewhere")
    with installation(tmp_path, reference=reference) as context:
        store_days(context, TODAY - timedelta(days=10), 11, a_day=2)
        view = overview(context, "all")
        assert view.window.since == TODAY - timedelta(days=10)
        assert not [track for track in view.tracks if track.reference]
        assert reference_shifts(context) == ()


def test_the_overview_is_kept_until_the_counts_change(context: Context) -> None:
    store_days(context, TODAY - timedelta(days=10), 5, a_day=2)
    first = overview(context)
    assert overview(context) is first
    store_days(context, TODAY, 1, a_day=2, start=900)
    assert overview(context) is not first


def test_periods_grow_until_a_point_holds_enough_articles() -> None:
    def rows(n: int) -> list[DayCounts]:
        return [make_day_counts(date(2025, 1, 1) + timedelta(days=step), n=n) for step in range(60)]

    assert steady(rows(100), ("day", "week", "month"), 80) == "day"
    assert steady(rows(20), ("day", "week", "month"), 80) == "week"
    assert steady(rows(1), ("day", "week", "month"), 80) == "month"
