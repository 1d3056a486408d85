"""Everything about the collection of one outlet: what its feed did, does and is expected to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.context import Context
from services.domain.outlet import FeedState
from services.domain.page import PageOutcome
from services.domain.series import Observed
from services.index.records import DayCollection
from services.queries.health import OutletHealth, outlet_health
from services.queries.observed import coverages
from services.queries.silence import expected_by_day
from services.queries.words import duration

WEEK_DAYS: Final = 7
CHART_DAYS: Final = 42
TIGHT: Final = 2.0
"""A window less than so many times the pause is tight: a busy hour may push entries off."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Polls by PollOutcome and entries by EntryOutcome over some days; `gaps` between polls."""

    polls: Mapping[str, int]
    entries: Mapping[str, int]
    gaps: int


@dataclass(frozen=True, slots=True)
class Pages:
    """Visits to the pages of the last week's articles by PageOutcome.

    `text_share` is how many of the pages visited gave a text; None where none was visited.
    """

    outcomes: Mapping[str, int]

    @property
    def text_share(self) -> float | None:
        good = sum(self.outcomes.get(name, 0) for name in (PageOutcome.TEXT, PageOutcome.UNCHANGED))
        visited = sum(self.outcomes.values()) - self.outcomes.get(PageOutcome.WAITING, 0)
        return good / visited if visited else None


@dataclass(frozen=True, slots=True)
class OutletDay:
    """One UTC day: articles published then, those that were to be expected, and the polls.

    `expected` is 0 while too little is known; today's counts up to now.
    """

    day: date
    articles: int
    expected: float
    observed: Observed
    polls_ok: int
    polls_failed: int
    results: Mapping[str, int]
    entries: Mapping[str, int]
    gaps: int


@dataclass(frozen=True, slots=True)
class OutletDetail:
    """All of it. `today` and `week` count polls since midnight UTC and over seven days."""

    health: OutletHealth
    today: Counts
    week: Counts
    pages: Pages
    days: tuple[OutletDay, ...]
    window: str


def outlet_details(context: Context, outlets: Sequence[str] = ()) -> list[OutletDetail]:
    """Return the details of these outlets (none named: of all), in the order of the catalogue."""
    today = context.clock().date()
    first = today - timedelta(days=CHART_DAYS - 1)
    rows: dict[str, list[DayCollection]] = {}
    for row in context.store.collection(first, today):
        rows.setdefault(row.outlet, []).append(row)
    pages = context.store.page_counts(context.clock() - timedelta(days=WEEK_DAYS))
    return [
        _detail(context, item, rows.get(item.outlet.id, []), pages.get(item.outlet.id, {}))
        for item in outlet_health(context)
        if not outlets or item.outlet.id in outlets
    ]


def _detail(
    context: Context,
    health: OutletHealth,
    rows: Sequence[DayCollection],
    pages: Mapping[str, int],
) -> OutletDetail:
    today = context.clock().date()
    week = today - timedelta(days=WEEK_DAYS - 1)
    return OutletDetail(
        health=health,
        today=_counts([row for row in rows if row.day == today]),
        week=_counts([row for row in rows if row.day >= week]),
        pages=Pages(pages),
        days=_days(context, health.outlet.id, rows),
        window=window_words(health.state),
    )


def _counts(rows: Sequence[DayCollection]) -> Counts:
    polls: Counter[str] = Counter()
    entries: Counter[str] = Counter()
    for row in rows:
        polls.update(row.results)
        entries.update(row.outcomes)
    return Counts(dict(polls), dict(entries), sum(row.gaps for row in rows))


def _days(context: Context, outlet: str, rows: Sequence[DayCollection]) -> tuple[OutletDay, ...]:
    arrived, expected = expected_by_day(context, outlet, CHART_DAYS)
    known = {row.day: row for row in rows}
    seen = coverages(context).get(outlet)
    found = []
    for (start, articles), usual in zip(arrived, expected, strict=True):
        day = start.date()
        row = known.get(day) or DayCollection(outlet, day, 0, 0, {})
        found.append(
            OutletDay(
                day=day,
                articles=articles,
                expected=usual,
                observed=seen.on(day) if seen else "unknown",
                polls_ok=row.polls_ok,
                polls_failed=row.polls_failed,
                results=row.results,
                entries=row.outcomes,
                gaps=row.gaps,
            )
        )
    return tuple(found)


def window_words(state: FeedState | None) -> str:
    """Say how far back the feed reaches, against how often it is asked; empty when not known."""
    if state is None or not state.window:
        return ""
    reach = duration(timedelta(seconds=state.window))
    every = duration(timedelta(seconds=state.interval)) if state.interval else ""
    words = f"The feed reaches back {reach}"
    if every:
        words += f" and is asked every {every}"
    if state.interval and state.window < TIGHT * state.interval:
        words += ": entries may fall off it in a busy hour"
    if state.gap:
        words += f". Entries may last have fallen off before the poll of {state.gap:%Y-%m-%d %H:%M}"
    return f"{words}."
