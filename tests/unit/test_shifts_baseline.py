"""What the detector takes for unchanged: baselines, effects, weekdays, over-dispersion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.shifts.baseline import DetectorConfig, estimate_null
from services.shifts.intervals import overdispersion, wandering, wilson
from services.shifts.panel import History, build_panel
from tests.support.day_counts import DETENTE, drawn, history

CONFIG = DetectorConfig()


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 400), st.integers(1, 400))
def test_a_wilson_interval_holds_the_share_and_stays_in_range(k: int, n: int) -> None:
    k = min(k, n)
    low, high = wilson(k / n, n)
    assert 0.0 <= low <= k / n <= high <= 1.0


def test_wilson_agrees_with_a_published_value() -> None:
    """Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662."""
    low, high = wilson(81 / 263, 263)
    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


def test_independent_articles_show_no_extra_spread_and_moods_do() -> None:
    rng = np.random.default_rng(1)
    n = np.full(28, 50.0)
    calm = rng.binomial(50, 0.3, 28) / 50
    weeks = np.repeat([0.2, 0.4], 14)
    moody = rng.binomial(50, weeks) / 50
    expected = np.full(28, 0.3)
    assert overdispersion(calm, n, expected) < 3.0
    assert overdispersion(moody, n, expected) > 10.0
    assert wandering(calm, n, expected) < 0.002
    assert wandering(moody, n, expected) > 0.004


@settings(deadline=None, max_examples=60)
@given(st.floats(0.0, 1.0))
def test_the_smallest_effect_is_five_points_and_less_for_rare_labels(share: float) -> None:
    effect = float(CONFIG.smallest_effect(np.array(share)))
    assert 0.01 <= effect <= 0.05
    if 0.16 <= share <= 0.84:
        assert effect == pytest.approx(0.05)
    mirrored = float(CONFIG.smallest_effect(np.array(1.0 - share)))
    assert effect == pytest.approx(mirrored, abs=1e-12)


def _null(n: np.ndarray, k: np.ndarray, window: slice, config: DetectorConfig = CONFIG):  # type: ignore[no-untyped-def]
    rows = {"outlet:x": history(n, k)}
    panel = build_panel(History(rows), "outlet:x", (DETENTE,), (), None, "count")
    return estimate_null(panel, window, config)


def test_a_poor_baseline_widens_the_null_beyond_the_smallest_effect() -> None:
    rich = _null(*drawn([0.2] * 60, 100, 1), slice(0, 28))
    poor = _null(*drawn([0.2] * 60, 2, 1), slice(0, 28))
    assert rich.high[40, 0] - rich.low[40, 0] == pytest.approx(0.1, abs=0.01)
    assert poor.high[40, 0] - poor.low[40, 0] > 0.18


def test_the_null_of_a_label_never_seen_still_leaves_room() -> None:
    null = _null(np.full(60, 10), np.zeros(60, int), slice(0, 28))
    assert null.low[40, 0] == 0.0
    assert 0.01 <= null.high[40, 0] <= 0.02


def test_a_long_baseline_tells_weekdays_apart_and_a_short_one_does_not() -> None:
    weekend = np.isin(np.arange(140) % 7, [5, 6])
    n, k = drawn(np.where(weekend, 0.45, 0.15), 80, seed=8)
    long = _null(n, k, slice(0, 112))
    short = _null(n, k, slice(0, 28))
    middle = (long.low[112:, 0] + long.high[112:, 0]) / 2
    assert middle[weekend[112:]].min() > 0.35
    assert middle[~weekend[112:]].max() < 0.25
    assert np.ptp(short.high[28:, 0]) == 0.0


def test_weekdays_that_do_not_differ_are_left_alone() -> None:
    null = _null(*drawn([0.3] * 140, 80, seed=8), slice(0, 112))
    assert np.ptp(null.shift[112:, 0]) < 0.03


def test_the_null_of_a_day_uses_nothing_of_its_labels() -> None:
    n, k = drawn([0.3] * 100, 20, seed=3)
    changed = k.copy()
    changed[60:] = n[60:]
    for other in (_null(n, changed, slice(0, 28)),):
        same = _null(n, k, slice(0, 28))
        assert np.array_equal(same.high, other.high)
        assert np.array_equal(same.low, other.low)
