"""Gaps in the collection that are open now: silent outlets, and feeds that fail for too long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Final

from services.collect.health.pace import HOUR, Hours, hour_number, hours_of
from services.collect.health.silence import (
    LEARNED_DAYS,
    Gap,
    Patience,
    learn,
    measure,
    usual_lag,
)
from services.context import Context
from services.domain.article import Origin
from services.domain.outlet import FeedState
from services.index.records import Arrivals, SearchQuery
from services.queries.cache import derived
from services.queries.observed import coverages

FAILING_HOURS: Final = 6
"""A feed that fails is tried again first: shorter failures lose nothing and are no news."""

FAILING_TIMES: Final = 3
_LAG_SAMPLE: Final = 200
_REACH: Final = timedelta(days=7)  # how far back the first poll of a feed is taken as complete


class Pasts:
    """What the last weeks say of each outlet: `arrivals`, and the `patience` learned from them."""

    def __init__(self, arrivals: Mapping[str, list[Arrivals]], now: datetime) -> None:
        self.now = now
        self.arrivals = arrivals
        self.patience: dict[str, Patience | None] = {}

    def newest(self, outlet: str) -> datetime | None:
        """The hour of the outlet's newest article."""
        rows = self.arrivals.get(outlet)
        return rows[-1].hour if rows else None

    def usual_pause(self, outlet: str) -> timedelta | None:
        """The mean time between two articles, for outlets too slow to learn more of; None
        without two articles."""
        count = sum(row.articles for row in self.arrivals.get(outlet, ()))
        return timedelta(days=LEARNED_DAYS) / count if count > 1 else None


def pasts(context: Context) -> Pasts:
    """Return the past of every outlet; learned anew every hour."""
    mark = context.clock().strftime("%Y-%m-%d %H")
    return derived(context).get("pasts", mark, lambda: _learn(context))


def _learn(context: Context) -> Pasts:
    now = context.clock()
    since = now - timedelta(days=LEARNED_DAYS)
    arrivals: dict[str, list[Arrivals]] = defaultdict(list)
    for item in context.store.arrivals(since):
        arrivals[item.outlet].append(item)
    found = Pasts(dict(arrivals), now)
    states = context.store.feed_states()
    for outlet, rows in arrivals.items():
        hours = observed_hours(context, outlet, rows, states.get(outlet))
        found.patience[outlet] = learn(hours) if hours else None
    return found


def observed_hours(
    context: Context, outlet: str, rows: list[Arrivals], state: FeedState | None
) -> Hours | None:
    """Return an outlet's articles by hour, and which hours were seen; None without any poll."""
    seen = coverages(context).get(outlet)
    if seen is None or seen.began is None or state is None or state.last_success is None:
        return None
    reach = min(_REACH, timedelta(seconds=state.window))
    first = max(rows[0].hour, datetime.combine(seen.began, time(), UTC) - reach)
    # What follows the last article is the gap that is to be judged.
    hours = hours_of(rows, first, max(first, min(state.last_success, rows[-1].hour + HOUR)))
    start = hour_number(hours.first)
    for day, status in seen.days.items():
        if status == "no":
            place = hour_number(datetime.combine(day, time(), UTC)) - start
            hours.observed[max(0, place) : max(0, place + 24)] = False
    return hours


def open_gap(context: Context, state: FeedState | None, past: Pasts) -> Gap | None:
    """Return how long an outlet has brought nothing, and whether that makes it silent or, for a
    feed that fails, missed for longer than is usual. None where the past says too little."""
    patience = past.patience.get(state.outlet) if state else None
    if state is None or patience is None:
        return None
    if state.failing_since is not None and state.last_attempt is not None:
        return measure(patience, state.failing_since, state.last_attempt)
    since = last_entry(state, past)
    if since is None or state.last_success is None:
        return None
    gap = measure(patience, since, max(since, state.last_success))
    if gap.silent and (lag := _lag(context, state.outlet, past)):
        return measure(patience, since, max(since, state.last_success), lag)
    return gap


def last_entry(state: FeedState | None, past: Pasts) -> datetime | None:
    """Return when something new was last seen of an outlet, by its date or by ours."""
    if state is None:
        return None
    times = (state.last_entry, state.last_new, past.newest(state.outlet))
    latest = max((item for item in times if item), default=None)
    # A date in the future is the outlet's mistake, and no reason to wait.
    return min(latest, state.last_attempt) if latest and state.last_attempt else latest


def _lag(context: Context, outlet: str, past: Pasts) -> float:
    """Hours by which the outlet's articles usually reach us after their date."""
    key, mark = ("lag", outlet), str(past.newest(outlet))
    return derived(context).get(key, mark, lambda: _measured_lag(context, outlet))


def _measured_lag(context: Context, outlet: str) -> float:
    began = coverages(context)[outlet].began
    found = context.store.search(SearchQuery(outlets=(outlet,), limit=_LAG_SAMPLE)).hits
    lags = [
        (hit.article.collected - hit.article.published) / HOUR
        for hit in found
        # What the first poll brought had been waiting there.
        if hit.article.origin is Origin.LIVE and began and hit.article.day > began
    ]
    return usual_lag(lags)


def expected_by_day(
    context: Context, outlet: str, days: int
) -> tuple[list[tuple[datetime, int]], list[float]]:
    """Return for the last `days` days an outlet's articles, and those that were to be expected."""
    past = pasts(context)
    now = context.clock()
    first = datetime.combine(now.date() - timedelta(days=days - 1), time(), UTC)
    hours = hours_of(past.arrivals.get(outlet, ()), first, first + timedelta(days=days))
    seen = hours.counts.reshape(days, 24).sum(axis=1).tolist()
    patience = past.patience.get(outlet)
    expected = [0.0] * days
    if patience:
        today = first + timedelta(days=days - 1)
        before = patience.pace.expected_days(first, days - 1)
        expected = [*before, patience.pace.expected(today, now)]
    starts = [first + timedelta(days=step) for step in range(days)]
    return list(zip(starts, seen, strict=True)), expected
