"""Which days were observed: of each outlet, and of the outlets behind a group's figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from services.collect.health.observation import Coverage, coverage, joined, members_on, silenced
from services.context import Context
from services.domain.outlet import FeedState
from services.domain.series import (
    SCOPE_ALL,
    Observed,
    SeriesKey,
    SeriesPoint,
    group_scope,
    outlet_scope,
)
from services.index.records import DayCollection
from services.queries.buckets import Every, start_of
from services.queries.cache import derived

OVERDUE: Final = 2.0  # times its pause after which a feed has not been asked when it should have
_DAY: Final = timedelta(days=1)


def coverages(context: Context) -> Mapping[str, Coverage]:
    """Return what was seen of each outlet that was ever polled, day by day up to today.

    Days of a known silence count as not seen: a feed that answers but stands still shows nothing.
    Kept until a feed is asked again, articles are counted or an alert is raised.
    """
    states = context.store.feed_states()
    today = context.clock().date()
    last = max((s.last_attempt for s in states.values() if s.last_attempt), default=None)
    newest = [alert.id for alert in context.store.alerts(limit=1)]  # it may tell of a silence
    mark = f"{today} {last} {len(states)} {newest} {context.store.get_meta('counts_token')}"
    return derived(context).get("coverage", mark, lambda: _coverages(context, states))


def _coverages(context: Context, states: Mapping[str, FeedState]) -> dict[str, Coverage]:
    polls: dict[str, list[DayCollection]] = defaultdict(list)
    for row in context.store.poll_days():
        polls[row.outlet].append(row)
    now = context.clock()
    found = {name: _coverage(rows, states.get(name), now) for name, rows in polls.items()}
    silences = known_silences(context)
    filled = _days_with_articles(context, found, silences)
    for name, rows in polls.items():
        if name in filled:
            item = _coverage(rows, states.get(name), now, filled[name])
            found[name] = silenced(item, silences.get(name, ()), filled[name], now.date())
    return found


def _coverage(
    rows: Sequence[DayCollection],
    state: FeedState | None,
    now: datetime,
    with_articles: Iterable[date] = (),
) -> Coverage:
    return coverage(
        rows,
        now.date(),
        last_success=state.last_success if state else None,
        on_time=state is not None and _on_time(state, now),
        with_articles=frozenset(with_articles),
    )


def _on_time(state: FeedState, now: datetime) -> bool:
    if state.outcome is None or not state.outcome.ok or state.last_success is None:
        return False
    return (now - state.last_success).total_seconds() <= OVERDUE * max(state.interval, 3600.0)


def known_silences(context: Context) -> dict[str, list[datetime]]:
    """Return by outlet the times after which its feed was silent, from the record of alerts."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for alert in context.store.alerts(limit=1_000_000):
        if alert.gap is not None and alert.gap.trouble == "silent":
            found[alert.gap.outlet].append(alert.gap.since)
    return dict(found)


def _days_with_articles(
    context: Context, found: Mapping[str, Coverage], silences: Mapping[str, Sequence[datetime]]
) -> dict[str, set[date]]:
    """Days with articles of the outlets that have days in doubt; only there does it matter."""
    doubtful: dict[str, date] = {}
    for name, item in found.items():
        days = [day for day, seen in item.days.items() if seen == "no" and item.began]
        days += [start.date() for start in silences.get(name, ())]
        if days:
            doubtful[name] = min(days)
    if not doubtful:
        return {}
    filled: dict[str, set[date]] = {name: set() for name in doubtful}
    scopes = [outlet_scope(name) for name in doubtful]
    rows = context.store.day_counts(context.model, scopes, "all", min(doubtful.values()))
    for row in rows:
        if row.n > 0:
            filled[row.scope.removeprefix("outlet:")].add(row.day)
    return filled


def members(context: Context, scope: str) -> tuple[str, ...]:
    """Return the enabled outlets whose articles a scope counts."""
    return tuple(
        item.id
        for item in context.catalogue.outlets
        if item.enabled and scope in (SCOPE_ALL, group_scope(item.group), outlet_scope(item.id))
    )


def observed_on(
    context: Context, scope: str, days: Iterable[date]
) -> dict[date, tuple[Observed, tuple[str, ...], int]]:
    """Return for each day what was seen of a scope, the outlets not seen, and how many count."""
    seen = coverages(context)
    items = {name: seen[name] for name in members(context, scope) if name in seen}
    if scope.startswith("outlet:"):
        item = next(iter(items.values()), Coverage())
        return {day: _alone(scope, item, day) for day in days}
    return {day: members_on(day, items) for day in days}


def _alone(scope: str, item: Coverage, day: date) -> tuple[Observed, tuple[str, ...], int]:
    seen = item.on(day)
    missing = (scope.removeprefix("outlet:"),) if seen == "no" else ()
    return seen, missing, int(seen != "unknown")


def with_observed(
    context: Context,
    points: Sequence[SeriesPoint],
    key: SeriesKey,
    since: date | None,
    until: date | None,
    every: Every,
) -> list[SeriesPoint]:
    """Return `points` with what was observed, and points without articles for observed periods.

    A period of which nothing was seen has n = 0 and `observed` "no"; one that was seen and
    brought no article has n = 0 and "yes". Periods before the first poll are left as they are.
    """
    seen = coverages(context)
    began = [
        item.began
        for name in members(context, key.scope)
        if (item := seen.get(name)) and item.began
    ]
    if not began:
        return list(points)
    today = context.clock().date()
    first = min([*(point.day for point in points), min(began)])
    days = _days(max(first, since or first), min(today, until or today))
    known = observed_on(context, key.scope, days)
    periods: dict[date, list[date]] = defaultdict(list)
    for day in days:
        periods[start_of(day, every)].append(day)
    found = {point.day: point for point in points}
    for start, held in periods.items():
        status = joined(known[day][0] for day in held)
        if start not in found and status == "unknown":
            continue
        point = found.get(start) or SeriesPoint(key, start, 0, 0, None, None, None, None)
        missing = sorted({name for day in held for name in known[day][1]})
        count = max(known[day][2] for day in held)
        # What was imported or filled in later was seen after all, if not by us at the time.
        status = "partly" if status == "no" and point.n else status
        found[start] = replace(point, observed=status, missing=tuple(missing), members=count)
    return [found[start] for start in sorted(found)]


def _days(first: date, last: date) -> list[date]:
    return [first + step * _DAY for step in range((last - first).days + 1)]
