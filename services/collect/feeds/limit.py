"""Feeds that hold more entries than are read of one: which of them are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

from services.collect.feeds.parsed import ParsedFeed

MAX_ENTRIES: Final = 2_000

Item = TypeVar("Item")


def newest_items(items: Sequence[Item], date_of: Callable[[Item], datetime | None]) -> list[Item]:
    """Return at most `MAX_ENTRIES` of the items, the newest ones, in the order of the feed.

    Feeds begin with their newest entry or end with it. One without a date counts as old as the
    dated one before it (the first ones as the dated one after them); where none has a date, the
    first and the last ones are returned.
    """
    if len(items) <= MAX_ENTRIES:
        return list(items)
    half = MAX_ENTRIES // 2
    dates = [date_of(item) for item in items]
    last = next((date for date in dates if date is not None), None)
    if last is None:
        return [*items[:half], *items[-half:]]
    ages: list[tuple[datetime, int]] = []
    for place, date in enumerate(dates):
        last = date or last
        ages.append((last, place))
    newest = sorted(ages, key=lambda age: age[0], reverse=True)[:MAX_ENTRIES]
    return [items[place] for place in sorted(place for _, place in newest)]


def entries_sentence(feed: ParsedFeed) -> str:
    """Say how many entries a feed holds, and which of them were read where not all were."""
    read = len(feed.entries)
    if feed.held <= read:
        return f"The feed holds {read} {'entry' if read == 1 else 'entries'}."
    which = (
        f"the {read:,} newest"
        if any(entry.published for entry in feed.entries)
        else f"the first and the last {read // 2:,}"
    )
    return f"The feed holds {feed.held:,} entries; {which} were read."
