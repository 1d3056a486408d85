"""What a feed's entries say about its flow, and whether they follow on from the poll before.

A feed shows its newest entries only. As long as two polls share an entry of the newer half of
the first, nothing can have come and gone between them. (The newer half, because an old entry
may be pinned there for years.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from services.collect.feeds.limit import MAX_ENTRIES
from services.collect.feeds.schedule import HOUR, Flow
from services.domain.article import DateQuality, FeedEntry
from services.domain.outlet import FeedState

SMOOTHING: Final = 24 * HOUR
"""After so many seconds an old rate counts for a third (1/e) of what it did."""
_DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Change:
    """What is different from the poll before.

    `fresh` entries were not there before (all of them at the first poll), `keys` are to be
    remembered. `gap`: the two polls share nothing, so entries may have been missed between
    them. `backwards`: the feed shows an older state of itself.
    """

    keys: tuple[str, ...]
    fresh: int
    gap: bool = False
    backwards: bool = False


def compare(state: FeedState, entries: Sequence[FeedEntry], *, complete: bool = True) -> Change:
    """Say how `entries` follow on from the poll that `state` remembers.

    Of a feed that is not `complete` the end is missing, which says nothing about its window.
    """
    ordered = _newest_first(entries)
    keys = tuple(dict.fromkeys(map(_key, ordered)))[:MAX_ENTRIES]
    if not state.keys or not keys:
        return Change(keys, len(keys))
    known, shown = frozenset(state.keys), frozenset(keys)
    fresh = [entry for entry in ordered if _key(entry) not in known]
    if _is_older(state, entries, fresh, shown):
        return Change(keys, 0, backwards=True)
    newer_half = state.keys[: (len(state.keys) + 1) // 2] if _all_dated(entries) else state.keys
    gap = complete and bool(fresh) and shown.isdisjoint(newer_half)
    if not complete:
        keys = tuple(dict.fromkeys([*keys, *state.keys]))[: max(len(keys), len(state.keys))]
    return Change(keys, len(shown - known), gap)


def _is_older(
    state: FeedState,
    entries: Sequence[FeedEntry],
    fresh: Sequence[FeedEntry],
    shown: frozenset[str],
) -> bool:
    """True when the newest known entry has vanished and nothing came after it.

    An older copy of the feed also brings back what had fallen off its end, so an entry that is
    dated before all that was known counts as old, not as fresh.
    """
    newest = newest_date(entries)
    if newest is None or state.last_new is None or newest >= state.last_new:
        return False
    if state.keys[0] in shown or state.last_success is None:
        return False
    reach = state.last_success.timestamp() - state.window
    return all(
        entry.published is not None and is_stated(entry) and entry.published.timestamp() < reach
        for entry in fresh
    )


def flow_after(
    state: FeedState, change: Change, entries: Sequence[FeedEntry], now: datetime
) -> Flow:
    """Return the flow of a feed that has just brought `entries`."""
    window = reach_back(entries, now)
    held = len(change.keys)
    if state.last_success is None or not state.keys:
        rate = first_rate(entries, now)
        return Flow(rate, rate, held, window)
    hours = max((now - state.last_success).total_seconds(), 1.0) / HOUR
    rate = smoothed(state.rate, change.fresh, hours)
    return Flow(rate, max(rate, change.fresh / hours), held, window)


def flow_unchanged(state: FeedState, now: datetime) -> Flow:
    """Return the flow of a feed that said that nothing has changed: its entries grow older."""
    past = max((now - (state.last_success or now)).total_seconds(), 0.0)
    rate = smoothed(state.rate, 0, past / HOUR)
    window = state.window + past if state.window else 0.0
    return Flow(rate, rate, len(state.keys), window)


def smoothed(rate: float, fresh: int, hours: float) -> float:
    """Return the rate (entries an hour) after `fresh` entries in `hours`."""
    if hours <= 0:
        return rate
    kept = math.exp(-hours * HOUR / SMOOTHING)
    return kept * rate + (1 - kept) * fresh / hours


def first_rate(entries: Sequence[FeedEntry], now: datetime) -> float:
    """Guess the rate (entries an hour) of a feed seen for the first time.

    The higher of the last day's and that of all entries; without dates, all in one day.
    """
    ages = sorted(_ages(entries, now))
    if not ages:
        return len(entries) * HOUR / _DAY
    today = sum(age <= _DAY for age in ages) * HOUR / min(_DAY, max(ages[-1], HOUR))
    return max(today, len(ages) * HOUR / max(ages[-1], HOUR))


def reach_back(entries: Sequence[FeedEntry], now: datetime) -> float:
    """Return how many seconds the entries reach back; 0.0 when half of them state no date."""
    ages = list(_ages(entries, now))
    return max(ages) if ages and 2 * len(ages) > len(entries) else 0.0


def newest_date(entries: Sequence[FeedEntry]) -> datetime | None:
    """Return when the newest entry was published, as far as the feed says so itself."""
    return max((e.published for e in entries if e.published and is_stated(e)), default=None)


def is_stated(entry: FeedEntry) -> bool:
    """True when the feed itself says when the entry was published."""
    return entry.date_quality is DateQuality.STATED


def _ages(entries: Sequence[FeedEntry], now: datetime) -> list[float]:
    return [
        max((now - entry.published).total_seconds(), 0.0)
        for entry in entries
        if entry.published and is_stated(entry)
    ]


def _all_dated(entries: Sequence[FeedEntry]) -> bool:
    return all(entry.published is not None for entry in entries)


def _newest_first(entries: Sequence[FeedEntry]) -> list[FeedEntry]:
    """By date where every entry has one, otherwise in the feed's order."""
    if not _all_dated(entries):
        return list(entries)
    return sorted(entries, key=lambda entry: -entry.published.timestamp() if entry.published else 0)


def _key(entry: FeedEntry) -> str:
    name = entry.url or entry.guid or entry.title
    return blake2b(name.encode("utf-8", "replace"), digest_size=6).hexdigest()
