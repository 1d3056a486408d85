"""The chart: days pooled with honest intervals, and a scale that shows the shift."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.chart import chart_of, draw, top_of
from services.alerts.smoothing import smooth
from services.domain.series import SeriesKey, SeriesPoint
from tests.support.records import TODAY, make_shift

KEY = SeriesKey("relations=detente", "group:state", "us")
COUNTS = st.lists(
    st.integers(0, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40
)


def series(counts: list[tuple[int, int]], step: int = 1) -> list[SeriesPoint]:
    """Points from (k, n), ending today."""
    points = []
    for back, (k, n) in enumerate(reversed(counts)):
        share = k / n if n else None
        day = TODAY - timedelta(days=back * step)
        points.append(SeriesPoint(KEY, day, n, k, float(k) if n else None, share, share, share))
    return points[::-1]


@settings(deadline=None)
@given(COUNTS)
def test_every_interval_holds_its_share_and_stays_within_0_and_1(
    counts: list[tuple[int, int]],
) -> None:
    for point in smooth(series(counts)):
        if point.share is not None:
            assert point.low is not None
            assert point.high is not None
            assert 0 <= point.low <= point.share + 1e-9
            assert point.share - 1e-9 <= point.high <= 1


def test_a_day_counts_by_its_articles() -> None:
    middle = smooth(series([(1, 1), (0, 99)]))[0]
    assert middle.share == pytest.approx(0.01)


def test_a_week_without_articles_is_a_gap() -> None:
    points = smooth(series([(1, 10)] * 5 + [(0, 0)] * 9 + [(1, 10)] * 5))
    assert [index for index, point in enumerate(points) if point.share is None] == [8, 9, 10]


def test_days_that_differ_by_more_than_chance_widen_the_interval() -> None:
    calm = smooth(series([(10, 50)] * 30))[15]
    waves = smooth(series([(0, 50), (20, 50)] * 15))[15]
    assert calm.high is not None
    assert calm.low is not None
    assert waves.high is not None
    assert waves.low is not None
    assert waves.high - waves.low > 1.5 * (calm.high - calm.low)


def test_weeks_are_drawn_as_they_are() -> None:
    points = series([(1, 10), (5, 10), (9, 10)], step=7)
    assert [point.share for point in smooth(points)] == [0.1, 0.5, 0.9]
    assert chart_of(points, make_shift(), "").dots == ()


def test_one_wild_day_does_not_press_the_rest_to_the_floor() -> None:
    points = series([(2, 40)] * 20 + [(1, 1)] + [(6, 40)] * 20)
    assert top_of(chart_of(points, make_shift(), "")) < 0.6


@pytest.mark.parametrize("caption", ["$x^2$ and $\\alpha", "Разрядка " * 20, "", "Ґанок €"])
def test_any_caption_can_be_drawn(caption: str) -> None:
    png = draw(chart_of(series([(2, 40)] * 20), make_shift(), caption))
    assert png.startswith(b"\x89PNG")
