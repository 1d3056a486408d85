"""When a feed is asked again."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.schedule import (
    BURST,
    Bounds,
    Flow,
    asked_wait,
    asks_conditionally,
    failure_pause,
    is_hard,
    next_poll,
    postponed,
    spread,
    steady_pause,
    window_limit,
)
from services.domain.outlet import FeedState, PollOutcome

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)  # a Saturday
FAILURES = [outcome for outcome in PollOutcome if not outcome.ok]
HOUR, DAY = 3600.0, 86_400.0
BOUNDS = Bounds()
polled = FeedState("rt", outcome=PollOutcome.OK, last_attempt=NOW)

rates = st.floats(0, 1_000)
flows = st.builds(
    lambda rate, more, held, window: Flow(rate, rate + more, held, window),
    rates,
    rates,
    st.integers(0, 2_000),
    st.floats(0, 400 * DAY),
)
pauses = st.builds(
    lambda one, other: Bounds(min(one, other), max(one, other)),
    st.floats(1, DAY),
    st.floats(1, DAY),
)


def flow(per_day: float, held: int = 50) -> Flow:
    """A feed of `held` entries that come evenly."""
    rate = per_day / 24
    return Flow(rate, rate, held, held / rate * HOUR)


@pytest.mark.parametrize(
    ("per_day", "pause"),
    [(600, BOUNDS.shortest), (24, HOUR / 4), (6, HOUR), (1, 6 * HOUR), (0.1, DAY)],
)
def test_a_feed_is_asked_four_times_as_often_as_it_brings_something(
    per_day: float, pause: float
) -> None:
    assert steady_pause(flow(per_day), 0, BOUNDS) == pytest.approx(pause)


def test_a_feed_that_brings_nothing_is_asked_once_a_day() -> None:
    assert steady_pause(Flow(0, 0, 50, 0), 0, BOUNDS) == DAY


@given(flows, st.floats(0, 1e9), pauses)
def test_the_pause_stays_within_the_bounds(item: Flow, asked: float, bounds: Bounds) -> None:
    assert bounds.shortest <= steady_pause(item, asked, bounds) <= bounds.longest


@given(flows, st.floats(0, 1e9), pauses)
def test_the_window_cannot_roll_over_within_the_pause_even_in_a_burst(
    item: Flow, asked: float, bounds: Bounds
) -> None:
    pause = steady_pause(item, asked, bounds)
    if pause > bounds.shortest and item.held:
        assert BURST * item.pace * pause / HOUR <= item.held * 1.000001


@given(flows, st.floats(0, 1e9), st.floats(0, 1e9), pauses)
def test_what_a_feed_asks_for_never_makes_the_pause_shorter(
    item: Flow, one: float, other: float, bounds: Bounds
) -> None:
    low, high = sorted((one, other))
    assert steady_pause(item, low, bounds) <= steady_pause(item, high, bounds)


def test_a_feed_that_asks_for_an_hour_is_given_it() -> None:
    assert steady_pause(flow(100, held=500), HOUR, BOUNDS) == HOUR


def test_a_feed_that_asks_for_more_than_its_window_is_not_given_it() -> None:
    item = flow(100, held=20)
    assert steady_pause(item, DAY, BOUNDS) == pytest.approx(window_limit(item))


def test_a_sudden_pace_shortens_the_pause_at_once() -> None:
    calm = flow(6, held=20)
    burst = replace(calm, pace=20.0)
    assert steady_pause(calm, 0, BOUNDS) == HOUR
    assert steady_pause(burst, 0, BOUNDS) == 20 * HOUR / (BURST * 20)


def test_nothing_known_of_a_feed_sets_no_limit() -> None:
    assert window_limit(Flow(0, 0, 0, 0)) == math.inf


@settings(deadline=None)
@given(
    st.sampled_from(FAILURES),
    st.integers(1, 100_000),
    st.floats(0, DAY),
    pauses,
    st.sampled_from([0, 404, 410, 429, 500, 503]),
    st.none() | st.floats(0, 1e12),
)
def test_a_failing_feed_waits_longer_and_is_never_given_up(
    outcome: PollOutcome,
    failures: int,
    usual: float,
    bounds: Bounds,
    status: int,
    retry_after: float | None,
) -> None:
    def wait(times: int) -> float:
        return failure_pause(outcome, times, usual, bounds, status=status, retry_after=retry_after)

    most = bounds.longest * (7 if status == 410 else 1)
    assert bounds.shortest <= wait(failures) <= wait(failures + 1) <= most


@pytest.mark.parametrize("outcome", [item for item in FAILURES if is_hard(item)])
def test_a_hard_failure_waits_longer_than_usual(outcome: PollOutcome) -> None:
    assert [failure_pause(outcome, n, HOUR, BOUNDS) for n in (1, 2, 3)] == [
        2 * HOUR,
        4 * HOUR,
        8 * HOUR,
    ]


def test_a_soft_failure_is_tried_again_sooner_than_usual() -> None:
    waits = [failure_pause(PollOutcome.TIMEOUT, n, 6 * HOUR, BOUNDS) for n in (1, 2, 3)]
    assert waits == [600, 900, 1_350]


def test_too_many_requests_make_a_feed_wait_longer_than_usual() -> None:
    assert failure_pause(PollOutcome.RATE_LIMITED, 1, HOUR, BOUNDS, status=429) == 2 * HOUR


def test_a_feed_that_is_gone_is_looked_at_the_next_day_and_then_weekly() -> None:
    waits = [failure_pause(PollOutcome.GONE, n, 600, BOUNDS, status=410) for n in (1, 2, 99)]
    assert waits == [DAY, 7 * DAY, 7 * DAY]


@pytest.mark.parametrize(
    ("status", "retry_after", "wait"),
    [
        (429, 7_200.0, 7_200),
        (503, 7_200.0, 7_200),
        (500, 7_200.0, 0),
        (429, 1e12, DAY),
        (503, None, 0),
    ],
)
def test_a_server_that_names_a_wait_is_given_it_up_to_a_day(
    status: int, retry_after: float | None, wait: float
) -> None:
    assert asked_wait(status, retry_after, BOUNDS) == wait


@given(st.floats(0, 2 * DAY), st.text(max_size=10), st.datetimes(), pauses)
def test_spreading_stays_within_the_bounds_and_a_tenth(
    pause: float, name: str, now: datetime, bounds: Bounds
) -> None:
    moved = spread(pause, name, now, bounds)
    assert bounds.shortest <= moved <= bounds.longest
    held = bounds.hold(pause)
    assert abs(moved - held) <= held * 0.1 * 1.000001
    assert moved == spread(pause, name, now, bounds)


def test_feeds_with_one_pause_are_not_asked_at_one_time() -> None:
    moments = {spread(HOUR, f"outlet-{n}", NOW, BOUNDS) for n in range(100)}
    assert len(moments) == 100


@given(
    flows,
    st.floats(0, DAY),
    st.frozensets(st.integers(0, 23)),
    st.frozensets(st.integers(0, 6)),
    pauses,
)
def test_the_next_poll_is_never_later_than_the_window_allows(
    item: Flow, asked: float, hours: frozenset[int], days: frozenset[int], bounds: Bounds
) -> None:
    state = FeedState(
        "rt",
        interval=steady_pause(item, asked, bounds),
        skip_hours=tuple(hours),
        skip_days=tuple(days),
    )
    wait = (next_poll(NOW, state, item, bounds) - NOW).total_seconds()
    most = bounds.hold(window_limit(item))
    assert bounds.shortest - 1e-3 <= wait <= most + 1e-3


def test_hours_that_a_feed_wants_to_itself_are_passed_over() -> None:
    state = FeedState("rt", skip_hours=(12, 13))
    later = postponed(NOW + timedelta(minutes=20), state, NOW + timedelta(days=1))
    assert later == NOW.replace(hour=14)


def test_days_that_a_feed_wants_to_itself_are_passed_over_up_to_the_longest_pause() -> None:
    state = FeedState("rt", skip_days=(5, 6))
    assert postponed(NOW, state, NOW + timedelta(days=3)) == datetime(2025, 3, 3, tzinfo=UTC)
    assert postponed(NOW, state, NOW + timedelta(days=1)) == NOW + timedelta(days=1)


def test_a_feed_that_wants_every_hour_to_itself_is_asked_at_the_latest_time() -> None:
    state = FeedState("rt", skip_hours=tuple(range(24)))
    assert postponed(NOW, state, NOW + timedelta(hours=5)) == NOW + timedelta(hours=5)


def test_a_feed_polled_today_is_asked_for_changes_only() -> None:
    assert asks_conditionally(polled, NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("state", "now"),
    [
        (FeedState("rt"), NOW),
        (polled, NOW + timedelta(hours=12)),
        (replace(polled, outcome=PollOutcome.NOT_A_FEED), NOW + timedelta(hours=1)),
    ],
    ids=["never polled", "another day", "after a failure"],
)
def test_a_feed_is_asked_for_everything(state: FeedState, now: datetime) -> None:
    assert not asks_conditionally(state, now)
