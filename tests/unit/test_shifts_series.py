"""Counting articles into days, and days into shares."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.codebook import LABEL_INDEX
from services.domain.series import DayCounts, SeriesKey
from services.shifts.series import by_scope, count_days, merged, series_points, share_interval
from tests.support.day_counts import DETENTE, day, drawn, history
from tests.support.records import make_observation

GROUPS = {"state": ("rt", "tass"), "alternative": ("duran",)}
TUESDAY = date(2025, 3, 4)
HOSTILE = ("us=hostile", "relations=confrontation")
ABSENT = ("us=absent", "relations=absent", "frame=russia_strength")


def _cell(counts: list[DayCounts], scope: str, about: str = "all") -> DayCounts:
    (found,) = [row for row in counts if row.scope == scope and row.about == about]
    return found


def test_each_scope_and_about_is_counted() -> None:
    counts = count_days(
        [
            make_observation(1, outlet="rt", day=TUESDAY, labels=HOSTILE),
            make_observation(2, outlet="tass", day=TUESDAY, labels=ABSENT),
            make_observation(3, outlet="duran", day=TUESDAY, labels=HOSTILE),
        ],
        GROUPS,
        "m",
    )
    assert {row.scope for row in counts} == {
        *("outlet:rt", "outlet:tass", "outlet:duran"),
        *("group:state", "group:alternative", "all"),
    }
    state = _cell(counts, "group:state")
    assert (state.n, state.count("us=hostile"), state.outlets) == (2, 1, ("rt", "tass"))
    about_us = _cell(counts, "group:state", "us")
    assert (about_us.n, about_us.count("us=hostile"), about_us.outlets) == (1, 1, ("rt",))
    assert _cell(counts, "all").n == 3
    assert state.probability_sum("us=hostile") == pytest.approx(0.95)
    assert state.model == "m"


def test_an_outlet_without_an_article_about_the_us_has_a_row_of_none() -> None:
    counts = count_days(
        [make_observation(1, outlet="tass", day=TUESDAY, labels=ABSENT)], GROUPS, "m"
    )
    empty = _cell(counts, "outlet:tass", "us")
    assert (empty.n, empty.outlets, sum(empty.counts), sum(empty.sums)) == (0, (), 0, 0.0)


def test_a_story_counts_once_in_a_group_and_each_time_in_its_outlets() -> None:
    copies = [
        make_observation(1, outlet="rt", day=TUESDAY, labels=HOSTILE, article_id="b", story="s"),
        make_observation(1, outlet="tass", day=TUESDAY, labels=ABSENT, article_id="a", story="s"),
        make_observation(2, outlet="tass", day=TUESDAY, labels=HOSTILE, article_id="c", story="s"),
    ]
    counts = count_days(copies, GROUPS, "m")
    assert _cell(counts, "outlet:tass").n == 2
    group = _cell(counts, "group:state")
    assert (group.n, group.count("us=absent")) == (1, 1)  # as the copy "a" saw it
    assert group.outlets == ("rt", "tass")
    assert _cell(counts, "group:state", "us").n == 0


def test_the_same_story_on_two_days_counts_on_both_and_no_wording_never_merges() -> None:
    counts = count_days(
        [
            make_observation(1, day=TUESDAY, story="s"),
            make_observation(2, day=TUESDAY + timedelta(days=1), story="s"),
            make_observation(3, day=TUESDAY, story=""),
            make_observation(4, day=TUESDAY, story=""),
        ],
        GROUPS,
        "m",
    )
    assert [row.n for row in counts if (row.scope, row.about) == ("all", "all")] == [3, 1]


def test_a_copy_does_not_count_where_an_outlet_of_the_scope_told_the_story_before() -> None:
    counts = count_days(
        [make_observation(1, outlet="rt", day=TUESDAY, told_before=("tass",))], GROUPS, "m"
    )
    assert [_cell(counts, scope).n for scope in ("group:state", "all")] == [0, 0]
    assert _cell(counts, "outlet:rt").n == 1
    assert _cell(counts, "group:state").outlets == ("rt",)


def test_a_copy_counts_in_the_group_whose_first_publisher_it_is() -> None:
    counts = count_days(
        [make_observation(1, outlet="duran", day=TUESDAY, told_before=("rt", "tass"))], GROUPS, "m"
    )
    assert (_cell(counts, "group:alternative").n, _cell(counts, "all").n) == (1, 0)


def test_of_one_wording_the_article_published_first_counts() -> None:
    noon = datetime(2025, 3, 4, 12, tzinfo=UTC)
    counts = count_days(
        [
            make_observation(1, outlet="rt", day=TUESDAY, labels=HOSTILE, article_id="a", story="s",
                             published=noon),
            make_observation(2, outlet="tass", day=TUESDAY, labels=ABSENT, article_id="b",
                             story="s", published=noon - timedelta(hours=1)),
        ],
        GROUPS,
        "m",
    )  # fmt: skip
    assert _cell(counts, "group:state").count("us=absent") == 1
    assert _cell(counts, "group:state").count("us=hostile") == 0


@settings(deadline=None, max_examples=60)
@given(st.permutations(list(range(8))))
def test_the_order_of_articles_changes_nothing(order: list[int]) -> None:
    articles = [
        make_observation(
            number,
            outlet=("rt", "tass", "duran")[number % 3],
            story=f"s{number // 2}",
            told_before=("rt",) if number % 5 == 1 else (),
            probabilities=tuple(0.1 * ((number + place) % 7) for place in range(27)),
        )
        for number in range(8)
    ]
    assert count_days([articles[at] for at in order], GROUPS, "m") == count_days(
        articles, GROUPS, "m"
    )


def test_points_cover_every_day_and_a_day_without_articles_has_no_share() -> None:
    rows = history([10, 0, 20], [5, 0, 2])
    key = SeriesKey(DETENTE, "outlet:x", "us")
    first, gap, last = series_points(rows, key)
    assert (first.day, first.n, first.k, first.share) == (day(0), 10, 5, 0.5)
    assert first.expected == 0.5
    assert (gap.day, gap.n, gap.share, gap.expected, gap.low, gap.high) == (
        *(day(1), 0),
        *(None, None, None, None),
    )
    assert last.share == 0.1
    assert first.low is not None
    assert first.high is not None
    assert first.low < 0.5 < first.high
    assert (round(first.low, 4), round(first.high, 4)) == (0.2366, 0.7634)


def test_weeks_start_on_monday_and_add_their_days_up() -> None:
    rows = history([10] * 14, list(range(14)), first=date(2025, 1, 1))  # a Wednesday
    points = series_points(rows, SeriesKey(DETENTE, "outlet:x", "us"), "week")
    assert [point.day for point in points] == [
        *(date(2024, 12, 30), date(2025, 1, 6), date(2025, 1, 13)),
    ]
    assert [(point.n, point.k) for point in points] == [(50, 10), (70, 56), (20, 25)]


def test_other_scopes_and_abouts_do_not_leak_into_a_series() -> None:
    rows = history([10], [5]) + history([10], [9], scope="outlet:y")
    rows += history([10], [1], about="all")
    (point,) = series_points(rows, SeriesKey(DETENTE, "outlet:x", "us"))
    assert (point.n, point.k) == (10, 5)
    assert series_points(rows, SeriesKey(DETENTE, "outlet:z", "us")) == []


def test_a_signal_is_the_mean_of_its_labels() -> None:
    rows = history([10], [4], labels=[DETENTE])
    key = SeriesKey("signal=thaw", "outlet:x", "us")
    (point,) = series_points(rows, key, labels=(DETENTE, "frame=dialogue"))
    assert (point.share, point.k) == (0.2, 2)


def test_collected_days_stand_before_reference_days() -> None:
    old = history([10, 10], [1, 1], source="RT 2014-2024")
    new = history([20], [8], first=day(1))
    joined = merged({"outlet:x": old}, {"outlet:x": new})["outlet:x"]
    assert [(row.n, row.source) for row in joined] == [(10, "RT 2014-2024"), (20, "collected")]
    week = series_points(joined, SeriesKey(DETENTE, "outlet:x", "us"), "week")
    assert week[0].source == "RT 2014-2024 + collected"


def test_a_share_over_days_comes_with_an_interval_that_allows_for_moods() -> None:
    steady = share_interval(history([50] * 28, [15] * 28), DETENTE)
    moody = share_interval(history([50] * 28, ([5] * 7 + [25] * 7) * 2), DETENTE)
    assert steady is not None
    assert moody is not None
    assert steady.share == moody.share == pytest.approx(0.3)
    assert (steady.n, steady.since, steady.until) == (1400, day(0), day(27))
    assert moody.high - moody.low > 3 * (steady.high - steady.low)
    assert share_interval(history([5], [1]), DETENTE, since=day(3)) is None


def test_rows_are_sorted_into_histories_by_scope() -> None:
    rows = history([1, 1], [0, 1]) + history([2], [1], about="all")
    assert list(by_scope(reversed(rows), "us")) == ["outlet:x"]
    assert [row.day for row in by_scope(reversed(rows), "us")["outlet:x"]] == [day(0), day(1)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1)), min_size=1, max_size=60))
def test_every_share_lies_inside_its_interval(days: list[tuple[int, float]]) -> None:
    rows = history([n for n, _ in days], [int(n * share) for n, share in days])
    for every in ("day", "week"):
        for point in series_points(rows, SeriesKey(DETENTE, "outlet:x", "us"), every):  # type: ignore[arg-type]
            if point.share is None or point.low is None or point.high is None:
                assert point.n == 0
            else:
                assert 0.0 <= point.low <= point.share <= point.high <= 1.0


def test_label_positions_follow_the_codebook() -> None:
    (row,) = history([10], [3])
    assert row.counts[LABEL_INDEX[DETENTE]] == row.count(DETENTE) == 3
    assert replace(row, n=10).count("us=hostile") == 0


def test_articles_that_were_not_classified_do_not_count() -> None:
    assert count_days([make_observation(1, labels=())], GROUPS, "m") == []


def test_drawn_histories_repeat() -> None:
    assert drawn([0.3] * 5, 10, 1)[1].tolist() == drawn([0.3] * 5, 10, 1)[1].tolist()
