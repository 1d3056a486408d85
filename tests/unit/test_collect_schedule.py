"""When a feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.schedule import LONGEST, asks_conditionally, wait_seconds
from services.domain.outlet import FeedState, PollOutcome

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
FAILURES = [outcome for outcome in PollOutcome if not outcome.ok]
polled = FeedState("rt", outcome=PollOutcome.OK, last_attempt=NOW)


@pytest.mark.parametrize("outcome", [PollOutcome.OK, PollOutcome.NOT_MODIFIED])
def test_a_healthy_feed_is_asked_at_its_interval(outcome: PollOutcome) -> None:
    assert wait_seconds(outcome, 0, 900) == 900


@settings(deadline=None)
@given(st.sampled_from(FAILURES), st.integers(1, 100_000), st.floats(1, 86_400))
def test_a_failing_feed_waits_longer_but_never_over_a_day(
    outcome: PollOutcome, failures: int, interval: float
) -> None:
    wait = wait_seconds(outcome, failures, interval)
    assert interval <= wait <= LONGEST
    assert wait_seconds(outcome, failures + 1, interval) >= wait


def test_a_hard_failure_backs_off_faster_than_a_soft_one() -> None:
    hard = wait_seconds(PollOutcome.GONE, 3, 900)
    assert hard == 900 * 8
    assert wait_seconds(PollOutcome.TIMEOUT, 3, 900) == pytest.approx(900 * 1.5**3)


def test_a_server_that_names_a_wait_is_given_it() -> None:
    assert wait_seconds(PollOutcome.RATE_LIMITED, 1, 900, 7_200) == 7_200


def test_a_wait_of_years_becomes_a_day() -> None:
    assert wait_seconds(PollOutcome.RATE_LIMITED, 1, 900, 1e12) == LONGEST


def test_a_wait_of_no_time_does_not_shorten_the_back_off() -> None:
    assert wait_seconds(PollOutcome.SERVER_ERROR, 1, 900, 0) == 900 * 1.5


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
