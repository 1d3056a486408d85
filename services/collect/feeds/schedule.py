"""When a feed is asked next. Pure functions; seconds throughout, rates in entries an hour.

While a feed answers, the pause is the first of these, held within what stands below it:

| what                                                       | pause                              |
|------------------------------------------------------------|------------------------------------|
| wanted: a quarter of the time between two new entries      | 1 h at 6 a day, 6 h for a daily one |
| asked for: the longest of `ttl`, `sy:updatePeriod`,        | raises the pause, up to the longest |
| Cache-Control and Expires                                  |                                    |
| the window: what the feed can lose at `BURST` times its    | lowers it; this one wins over what |
| pace before its oldest entry falls off                     | is asked for                       |
| bounds: `poll_interval` to `poll_interval_max`             | win over everything (10 min, 24 h) |
| `skipHours`, `skipDays`                                    | postpone, up to window and bounds  |

A quarter, because readers want an alert soon: an entry then waits an eighth of the usual time
between two on average, and an outlet with daily news is asked four times a day. The pace is
the higher of the smoothed rate and the rate since the poll before, so that a burst counts at
once. A feed whose window is shorter than the shortest pause is asked at the shortest pause.

When a poll fails, for the n-th time in a row:

| failure                                                    | pause, at most the longest         |
|------------------------------------------------------------|------------------------------------|
| soft: timeout, unreachable, server error, broken or empty  | the shortest pause · 1.5ⁿ⁻¹: first |
| feed, a feed that went backwards                           | sooner than usual                  |
| hard: blocked, not a feed, not found, too large, …         | the usual pause · 2ⁿ               |
| 429, too many requests                                     | likewise                           |
| 410, gone                                                  | the longest, then seven times that |

`Retry-After` of a 429 or 503 is waited for, up to the longest pause. A feed is never given up.
Every pause is spread by up to a tenth, so that feeds do not march in step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from services.domain.outlet import FeedState, PollOutcome

HOUR: Final = 3600.0
ENTRIES_PER_POLL: Final = 0.25
BURST: Final = 4.0
"""How many times its pace a feed may speed up without an entry falling off unseen."""
SPREAD: Final = 0.1
_WEEK: Final = 7
_SOFT: Final = frozenset(
    {
        PollOutcome.TIMEOUT,
        PollOutcome.UNREACHABLE,
        PollOutcome.SERVER_ERROR,
        PollOutcome.BROKEN_FEED,
        PollOutcome.EMPTY_FEED,
        PollOutcome.WENT_BACKWARDS,
    }
)
_NAMES_A_WAIT: Final = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The shortest and the longest pause between two polls of one feed, in seconds."""

    shortest: float = 600.0
    longest: float = 86_400.0

    def hold(self, pause: float) -> float:
        """Return the pause that lies within the bounds and nearest to `pause`."""
        return max(self.shortest, min(pause, self.longest))


@dataclass(frozen=True, slots=True)
class Flow:
    """How a feed flows: `rate` smoothed, `pace` the faster of it and the last one seen (both
    entries an hour), `held` entries at once that reach back `window` seconds (0: unknown)."""

    rate: float
    pace: float
    held: int
    window: float


def is_hard(outcome: PollOutcome) -> bool:
    """True for a failure that lasts until somebody changes something."""
    return not outcome.ok and outcome not in _SOFT and outcome is not PollOutcome.RATE_LIMITED


def window_limit(flow: Flow) -> float:
    """Return the longest pause after which the polls before and after still overlap, even at
    `BURST` times the pace; infinite when nothing is known."""
    by_pace = flow.held * HOUR / (BURST * flow.pace) if flow.pace > 0 and flow.held else math.inf
    by_window = flow.window / BURST if flow.window > 0 else math.inf
    return min(by_pace, by_window)


def steady_pause(flow: Flow, asked: float, bounds: Bounds) -> float:
    """Return the pause after a poll that went well; `asked` is what the feed asks for."""
    wanted = HOUR * ENTRIES_PER_POLL / flow.rate if flow.rate > 0 else math.inf
    return bounds.hold(min(max(wanted, asked), window_limit(flow)))


def failure_pause(
    outcome: PollOutcome,
    failures: int,
    usual: float,
    bounds: Bounds,
    *,
    status: int = 0,
    retry_after: float | None = None,
) -> float:
    """Return the pause after a failed poll, the `failures`-th in a row (from 1).

    `usual` is the pause while all is well; `status` the answer's, 0 where there was none.
    """
    if status == HTTPStatus.GONE:
        return bounds.longest * (1 if failures < 2 else _WEEK)
    # The power is bounded before it is taken: after months of failures it would overflow.
    if outcome in _SOFT:
        pause = bounds.shortest * 1.5 ** min(failures - 1, 60)
    else:
        pause = bounds.hold(usual) * 2.0 ** min(failures, 40)
    return max(bounds.hold(pause), asked_wait(status, retry_after, bounds))


def asked_wait(status: int, retry_after: float | None, bounds: Bounds) -> float:
    """Return how long a `Retry-After` (seconds) has to be waited for, up to the longest pause."""
    return min(retry_after or 0.0, bounds.longest) if status in _NAMES_A_WAIT else 0.0


def spread(pause: float, name: str, now: datetime, bounds: Bounds) -> float:
    """Return `pause` with up to a tenth more or less, decided by `name` and `now` alone.

    What would leave the bounds is turned back into them.
    """
    digest = blake2b(f"{name} {now.isoformat()}".encode(), digest_size=8).digest()
    share = int.from_bytes(digest, "big") / 2**64
    moved = bounds.hold(pause) * (1 + SPREAD * (2 * share - 1))
    if moved < bounds.shortest:
        moved = 2 * bounds.shortest - moved
    elif moved > bounds.longest:
        moved = 2 * bounds.longest - moved
    return bounds.hold(moved)


def next_poll(now: datetime, state: FeedState, flow: Flow, bounds: Bounds) -> datetime:
    """Return when a feed that answered is asked next: after `state.interval`, spread, and not
    while it asks to be left alone, unless its window or the longest pause runs out before."""
    latest = Bounds(bounds.shortest, bounds.hold(window_limit(flow)))
    moment = now + timedelta(seconds=spread(state.interval, state.outlet, now, latest))
    return postponed(moment, state, now + timedelta(seconds=latest.longest))


def postponed(moment: datetime, state: FeedState, latest: datetime) -> datetime:
    """Return the first time from `moment` on that `skip_hours` and `skip_days` allow, or
    `latest` when there is none before it."""
    hours, days = frozenset(state.skip_hours), frozenset(state.skip_days)
    while moment < latest and (moment.hour in hours or moment.weekday() in days):
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return min(moment, latest)


def asks_conditionally(state: FeedState, now: datetime) -> bool:
    """False for the first poll of a UTC day and after a failure.

    Some servers answer 304 for ever; one full answer a day shows what they hide.
    """
    if state.last_attempt is None or state.outcome is None or not state.outcome.ok:
        return False
    return state.last_attempt.date() == now.date()
