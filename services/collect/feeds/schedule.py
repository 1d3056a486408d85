"""When a feed is asked next: a steady interval, and a growing one while it fails.

| outcome                                                   | wait after the n-th failure in a row |
|-----------------------------------------------------------|--------------------------------------|
| ok, not modified                                          | the interval                         |
| hard: gone, blocked, not a feed, forbidden address, …     | interval · 2ⁿ, at most 24 hours      |
| soft: timeout, unreachable, server error, rate limit, …   | interval · 1.5ⁿ, at most 24 hours    |

A server that names a time to wait (`Retry-After`) is given it, up to 24 hours. A feed is never
given up: a day's wait is the longest there is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from services.domain.outlet import FeedState, PollOutcome

DEFAULT_INTERVAL: Final = 900.0
"""Seconds between polls of a healthy feed when nothing else is said."""
LONGEST: Final = 24 * 3600.0
_SOFT: Final = frozenset(
    {
        PollOutcome.TIMEOUT,
        PollOutcome.UNREACHABLE,
        PollOutcome.SERVER_ERROR,
        PollOutcome.RATE_LIMITED,
        PollOutcome.BROKEN_FEED,
    }
)


def wait_seconds(
    outcome: PollOutcome, failures: int, interval: float, retry_after: float | None = None
) -> float:
    """Return the seconds to the next poll; `failures` counts this one too if it failed."""
    if outcome.ok:
        return interval
    growth = 1.5 if outcome in _SOFT else 2.0
    # The power is bounded before it is taken: after months of failures it would overflow.
    wait = max(interval, min(LONGEST, interval * growth ** min(failures, 40)))
    return max(wait, min(retry_after or 0.0, LONGEST))


def next_poll(now: datetime, seconds: float) -> datetime:
    """Return the time of the next poll."""
    return now + timedelta(seconds=seconds)


def asks_conditionally(state: FeedState, now: datetime) -> bool:
    """False for the first poll of a UTC day and after a failure.

    Some servers answer 304 for ever; one full answer a day shows what they hide.
    """
    if state.last_attempt is None or state.outcome is None or not state.outcome.ok:
        return False
    return state.last_attempt.date() == now.date()
