"""`framewatch outlets show ID`: everything about the collection of one outlet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from services import queries
from services.cli.options import CatalogueFile, Data, Json, settings_for
from services.cli.output import clean, out, percent, print_json, table
from services.context import open_context
from services.domain.outlet import FeedState
from services.queries.health import gap_words
from services.queries.health_rows import tallied
from services.queries.names import outlet_ids
from services.queries.outlet import OutletDay, OutletDetail
from services.queries.words import ago, ahead

_BAR = 24
_DAYS = 14


def show(
    outlet: Annotated[str, typer.Argument(help="Its id or name.", metavar="OUTLET")],
    data: Data = None,
    catalogue: CatalogueFile = None,
    as_json: Json = False,
) -> int:
    """Show everything about the collection of one outlet."""
    with open_context(settings_for(data, catalogue)) as context:
        (detail,) = queries.outlet_details(context, outlet_ids(context, (outlet,)))
        if as_json:
            print_json(queries.outlet_row(detail))
        else:
            tell(detail, context.clock())
            _days(detail)
    return 0


def tell(detail: OutletDetail, now: datetime) -> None:
    """Print one outlet's facts, a line each."""
    health = detail.health
    outlet = health.outlet
    out.print(Text(f"{outlet.name} ({outlet.id})", style="bold"))
    lines = [
        ("status", f"{health.status}. {health.sentence}"),
        ("group", f"{outlet.group.value}: {outlet.reason}"),
        ("feed", f"{outlet.feed} (sure: {outlet.certainty})"),
        *_feed_lines(health.state, now),
        ("articles", f"{health.articles:,}; something new was last seen {_since(detail, now)}"),
        *_pace_lines(detail),
        ("window", detail.window),
        ("today", _counts_words(detail, "today")),
        ("7 days", _counts_words(detail, "week")),
        ("pages", _pages_words(detail)),
    ]
    grid = Table.grid(padding=(0, 2))
    for name, words in lines:
        if words:
            grid.add_row(Text(f"  {name}"), Text(clean(words)))
    out.print(grid)
    out.print()


def _since(detail: OutletDetail, now: datetime) -> str:
    last = detail.health.last_entry
    return f"{ago(last, now)} ago" if last else "never"


def _feed_lines(state: FeedState | None, now: datetime) -> list[tuple[str, str]]:
    if state is None:
        return []
    failing = f", failing for {ago(state.failing_since, now)}" if state.failing_since else ""
    outcome = state.outcome.value if state.outcome else "none"
    return [
        ("moved to", state.address),
        ("moving", "" if state.address else state.moved_to),
        ("last poll", f"{ago(state.last_attempt, now)} ago: {outcome}{failing}"),
        ("success", f"{ago(state.last_success, now)} ago" if state.last_success else "never"),
        ("next poll", ahead(state.next_poll, now)),
    ]


def _pace_lines(detail: OutletDetail) -> list[tuple[str, str]]:
    patience = detail.health.patience
    if patience is None:
        return [("pace", "too little is known yet to say what is usual")]
    pace = patience.pace
    usual = f"{pace.daily:.1f} articles a day over the last {pace.days:.0f} days"
    return [("pace", usual), ("gap", gap_words(detail.health))]


def _counts_words(detail: OutletDetail, span: str) -> str:
    counts = detail.today if span == "today" else detail.week
    polls = tallied(counts.polls) or "none"
    entries = tallied(counts.entries) or "none"
    gaps = f"; entries may have been missed {counts.gaps} times" if counts.gaps else ""
    return f"polls: {polls}; entries: {entries}{gaps}"


def _pages_words(detail: OutletDetail) -> str:
    pages = detail.pages
    if not pages.outcomes:
        return ""
    share = "" if pages.text_share is None else f"{percent(pages.text_share)} gave a text: "
    return f"{share}{tallied(pages.outcomes)}"


def _days(detail: OutletDetail) -> None:
    days = detail.days[-_DAYS:]
    most = max([1.0, *(max(day.articles, day.expected) for day in days)])
    rows = [_day_cells(day, most) for day in reversed(days)]
    columns = ("day", "articles", "usual", "", "observed", "polls ok", "failed")
    table(f"The last {_DAYS} days", columns, rows)


def _day_cells(day: OutletDay, most: float) -> tuple[str, ...]:
    unseen = day.observed == "no" and not day.articles
    return (
        str(day.day),
        "–" if unseen else f"{day.articles:,}",
        f"{day.expected:.0f}" if day.expected else "–",
        "█" * round(day.articles / most * _BAR),
        "not observed" if day.observed == "no" else day.observed,
        f"{day.polls_ok:,}",
        f"{day.polls_failed:,}",
    )
