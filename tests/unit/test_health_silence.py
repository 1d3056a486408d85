"""When a gap is too long to be chance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.health.pace import HOUR, Hours
from services.collect.health.silence import (
    LEAST_HOURS,
    LONGEST_LAG,
    PROMISE,
    Patience,
    gaps,
    learn,
    measure,
    usual_lag,
)

MONDAY = datetime(2025, 1, 6, tzinfo=UTC)
DAYS = 42
NOON = MONDAY + timedelta(days=DAYS, hours=12)


def past(daily: float, *, night: float = 1.0, seed: int = 1, days: int = DAYS) -> Hours:
    """Articles by chance, fewer from midnight to 6 h."""
    pace = np.full(days * 24, daily / 24)
    pace[np.arange(days * 24) % 24 < 6] *= night
    counts = np.random.default_rng(seed).poisson(pace).astype(np.int64)
    return Hours(MONDAY, counts, np.ones(days * 24, dtype=np.bool_))


def known(daily: float, **kind: float) -> Patience:
    found = learn(past(daily, **kind))  # type: ignore[arg-type]
    assert found is not None
    return found


def silent_after(patience: Patience, start: datetime) -> int:
    """Hours from the last article until it is called a silence."""
    return next(
        hours for hours in range(2000) if measure(patience, start, start + hours * HOUR).silent
    )


def test_a_long_gap_is_a_silence() -> None:
    assert measure(known(24), NOON, NOON + timedelta(days=2)).silent


def test_a_usual_gap_is_none() -> None:
    assert not measure(known(24), NOON, NOON + timedelta(hours=4)).silent


def test_a_quiet_night_is_borne_longer_than_a_quiet_day() -> None:
    patience = known(48, night=0.05)
    midnight = MONDAY + timedelta(days=DAYS)
    assert silent_after(patience, midnight) > silent_after(patience, NOON) + 2


def test_a_busy_outlet_is_missed_sooner() -> None:
    assert silent_after(known(100), NOON) < silent_after(known(5), NOON)


def test_a_bursty_outlet_is_borne_longer() -> None:
    even = past(12)
    burst = np.zeros_like(even.counts)
    burst[:: 2 * 12] = 12
    bursty = learn(replace(even, counts=burst))
    assert bursty is not None
    assert silent_after(bursty, NOON) > silent_after(known(12), NOON)


def test_the_limit_is_what_chance_reaches_as_often_as_is_aimed_at() -> None:
    patience = known(24)
    assert patience.days_between(patience.limit) == pytest.approx(365.25 / PROMISE)


@settings(max_examples=30)
@given(st.floats(2, 200), st.integers(1, 5))
def test_a_longer_gap_is_rarer(daily: float, seed: int) -> None:
    patience = learn(past(daily, seed=seed))
    assert patience is not None
    rarity = [patience.days_between(length) for length in (0, 1, 5, 20, 100)]
    assert rarity == sorted(rarity)


@pytest.mark.parametrize("little", [past(24, days=5), past(0.2)], ids=["days", "articles"])
def test_nothing_is_said_while_too_little_is_known(little: Hours) -> None:
    assert learn(little) is None


def test_a_silence_in_the_past_does_not_blunt_the_next() -> None:
    before = past(24)
    before.counts[15 * 24 : 20 * 24] = 0
    after = learn(before)
    assert after is not None
    assert after.limit == pytest.approx(known(24).limit, rel=0.25)


def test_a_few_quiet_hours_are_no_silence_however_busy_the_outlet() -> None:
    patience = known(5000)
    assert not measure(patience, NOON, NOON + timedelta(hours=LEAST_HOURS)).silent


def test_the_hours_by_which_a_feed_lags_do_not_count() -> None:
    patience = known(24)
    end = NOON + silent_after(patience, NOON) * HOUR
    assert not measure(patience, NOON, end, allowance=3).silent


def test_runs_that_touch_what_was_not_seen_are_left_out() -> None:
    hours = Hours(MONDAY, np.array([1, 0, 0, 1, 0, 0, 1]), np.ones(7, dtype=np.bool_))
    hours.observed[5] = False
    starts, stops, _ = gaps(hours, known(24).pace)
    assert (starts.tolist(), stops.tolist()) == ([1], [3])


def test_the_lag_is_that_of_all_but_a_few() -> None:
    assert usual_lag([0.2] * 95 + [500.0] * 5) == pytest.approx(0.2)


def test_the_lag_is_bounded() -> None:
    assert usual_lag([100.0] * 20) == LONGEST_LAG


def test_a_few_articles_tell_no_lag() -> None:
    assert usual_lag([5.0] * 3) == 0
