"""Which days of an outlet the collection saw: without that, no articles and not looking are one.

    yes       polled well, and nothing fell off the feed between two polls
    partly    something of the day was missed, or the day is not over
    no        nothing of the day was seen
    unknown   from before the feed first answered: nothing says what was published

A day without a good poll is seen after all when the next good poll finds entries that the one
before had too: whatever was published in between was still in the feed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from services.domain.series import Observed
from services.index.records import DayCollection

_DAY: Final = timedelta(days=1)
LATE: Final = timedelta(hours=3)
"""A last good poll this close to midnight has seen the day."""


@dataclass(frozen=True)
class Coverage:
    """What was seen of one outlet from its first poll on; days without an entry are unknown.

    `began` is the first day on which its feed answered; None when it never did.
    """

    days: Mapping[date, Observed] = field(default_factory=dict)
    began: date | None = None

    def on(self, day: date) -> Observed:
        """Return what was seen of `day`."""
        return self.days.get(day, "unknown")


def coverage(
    polls: Sequence[DayCollection],
    today: date,
    *,
    last_success: datetime | None = None,
    on_time: bool = False,
    with_articles: Collection[date] = (),
) -> Coverage:
    """Return what was seen of one outlet, from its first day with polls up to `today`.

    `polls` are all its days with polls, in order. `on_time`: the last poll was good and the next
    is not overdue, so that what came since is still to be read. `with_articles` are days of
    which articles are in the store: of those, at least a part was seen.
    """
    if not polls:
        return Coverage()
    found: dict[date, Observed] = {}
    good = [item for item in polls if item.polls_ok and item.day <= today]
    first = good[0].day if good else today + _DAY
    day = polls[0].day
    while day < min(first, today + _DAY):
        found[day] = "no"
        day += _DAY
    for before, item in zip([None, *good], good, strict=False):
        found[item.day] = "partly" if item.gaps else "yes"
        if before is not None:
            found.update(_between(before.day, item))
    if good:
        found.update(_since(good[-1].day, today, last_success, on_time))
    for day in with_articles:
        if found.get(day) == "no":
            found[day] = "partly"
    if found.get(today) == "yes":
        found[today] = "partly"  # it is not over
    return Coverage(found, good[0].day if good else None)


def _between(before: date, item: DayCollection) -> dict[date, Observed]:
    """The days between two with good polls, and the first of these where it was cut short."""
    span = (item.day - before).days
    if span < 2:
        return {}
    missed: Observed = "no" if item.gaps else "yes"
    found = {before + step * _DAY: missed for step in range(1, span)}
    return found | ({before: "partly"} if item.gaps else {})


def _since(
    last: date, today: date, last_success: datetime | None, on_time: bool
) -> dict[date, Observed]:
    """The days since the last with a good poll, and that day where its end was not seen."""
    unread: Observed = "partly" if on_time else "no"
    found: dict[date, Observed] = {
        last + step * _DAY: unread for step in range(1, (today - last).days + 1)
    }
    if last < today and (last_success is None or not _late(last, last_success)):
        found[last] = "partly"
    return found


def _late(day: date, last_success: datetime) -> bool:
    return last_success >= datetime.combine(day + _DAY, time(), UTC) - LATE


def silenced(
    item: Coverage, starts: Iterable[datetime], with_articles: Collection[date], today: date
) -> Coverage:
    """Return `item` with the days of known silences as not seen.

    Each silence begins at one of `starts` and ends before the next day with articles; of the
    day on which it begins, a part was seen.
    """
    days = dict(item.days)
    for start in starts:
        day = start.date()
        if days.get(day) == "yes" and not _late(day, start):
            days[day] = "partly"
        day += _DAY
        while day <= today and day not in with_articles:
            if day in days:
                days[day] = "no"
            day += _DAY
    return Coverage(days, item.began)


def joined(statuses: Iterable[Observed]) -> Observed:
    """Return what was seen of several days, or of one day in several outlets."""
    kinds = set(statuses)
    if len(kinds) == 1:
        return kinds.pop()
    return "partly" if kinds else "unknown"


def members_on(
    day: date, coverages: Mapping[str, Coverage]
) -> tuple[Observed, tuple[str, ...], int]:
    """Return what was seen of several outlets on `day`, those not seen, and how many count.

    An outlet counts from the first day on which something of it was seen: one whose feed never
    answered is no part of any figure, and cannot be missing from it.
    """
    counted = {
        name: item.on(day) for name, item in coverages.items() if item.began and item.began <= day
    }
    missing = tuple(sorted(name for name, seen in counted.items() if seen == "no"))
    return joined(counted.values()), missing, len(counted)
