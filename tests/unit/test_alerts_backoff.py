"""The gaps between tries: growing, bounded, and never shorter than the other side asks."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.backoff import GAPS, MAX_ATTEMPTS, next_try
from services.domain.identity import digest
from tests.support.records import NOW

IDS = st.text().map(digest)


def gap(name: str, attempts: int, retry_after: float | None = None) -> timedelta:
    when = next_try(name, attempts, NOW, retry_after)
    assert when is not None
    return when - NOW


@settings(deadline=None)
@given(IDS)
def test_gaps_grow_with_every_failure(name: str) -> None:
    gaps = [gap(name, attempts) for attempts in range(1, MAX_ATTEMPTS)]
    assert all(later > earlier for earlier, later in pairwise(gaps))


@settings(deadline=None)
@given(IDS)
def test_all_tries_together_span_about_three_days(name: str) -> None:
    total = sum((gap(name, attempts) for attempts in range(1, MAX_ATTEMPTS)), timedelta())
    assert timedelta(days=3) <= total <= timedelta(days=3, hours=12)


@settings(deadline=None)
@given(IDS, st.integers(min_value=MAX_ATTEMPTS, max_value=1000))
def test_no_try_follows_the_last_one(name: str, attempts: int) -> None:
    assert next_try(name, attempts, NOW) is None


@settings(deadline=None)
@given(IDS, st.integers(1, MAX_ATTEMPTS - 1), st.floats(allow_nan=False, allow_infinity=False))
def test_retry_after_only_lengthens_and_only_up_to_the_longest_gap(
    name: str, attempts: int, seconds: float
) -> None:
    plain, asked = gap(name, attempts), gap(name, attempts, seconds)
    assert asked >= plain
    assert asked >= min(timedelta(seconds=max(0, min(seconds, 1e6))), GAPS[-1])
    assert asked <= max(plain, GAPS[-1])


def test_the_gap_is_the_same_on_every_machine() -> None:
    assert gap("80000000" + "0" * 24, 1) == timedelta(seconds=63)
