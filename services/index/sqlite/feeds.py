"""The state of each feed, and what collection did day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from services.domain.article import EntryOutcome
from services.domain.outlet import FeedState, PollOutcome
from services.index.records import Arrivals, DayCollection
from services.index.sqlite.connection import Database
from services.index.sqlite.documents import Document
from services.index.sqlite.values import day_from_column, time_from_column, time_to_column

_STATE: Final = Document(FeedState)
_HOUR: Final = timedelta(hours=1) // timedelta(microseconds=1)

_ADD_POLL: Final = """
INSERT INTO polls (outlet, day, ok, failed, gaps) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (day, outlet) DO UPDATE
SET ok = ok + excluded.ok, failed = failed + excluded.failed, gaps = gaps + excluded.gaps
"""
_ADD_RESULT: Final = """
INSERT INTO poll_results (outlet, day, result, polls) VALUES (?, ?, ?, 1)
ON CONFLICT (day, outlet, result) DO UPDATE SET polls = polls + 1
"""
_ADD_ENTRIES: Final = """
INSERT INTO poll_outcomes (outlet, day, outcome, entries) VALUES (?, ?, ?, ?)
ON CONFLICT (day, outlet, outcome) DO UPDATE SET entries = entries + excluded.entries
"""
_POLLS: Final = (
    "SELECT outlet, day, ok, failed, gaps FROM polls WHERE day BETWEEN ? AND ? ORDER BY day, outlet"
)
_ENTRIES: Final = (
    "SELECT outlet, day, outcome, entries FROM poll_outcomes WHERE day BETWEEN ? AND ?"
)
_RESULTS: Final = "SELECT outlet, day, result, polls FROM poll_results WHERE day BETWEEN ? AND ?"
_ARRIVALS: Final = """
SELECT outlet, published / ? AS hour, count(*) FROM articles
WHERE published >= ? AND origin = 'live' GROUP BY outlet, hour ORDER BY outlet, hour
"""


class Feeds:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def feed_states(self) -> dict[str, FeedState]:
        """Return the states by outlet id."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT outlet, document FROM feed_states").fetchall()
        return {outlet: _STATE.load(document) for outlet, document in rows}

    def save_feed_state(self, state: FeedState) -> None:
        """Replace the state of one outlet's feed."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO feed_states (outlet, document) VALUES (?, ?)",
                (state.outlet, _STATE.dump(state)),
            )

    def count_poll(
        self,
        outlet: str,
        day: date,
        result: PollOutcome,
        outcomes: Mapping[EntryOutcome, int],
        *,
        gap: bool = False,
    ) -> None:
        """Add one poll and its entries' outcomes to the day's counters."""
        where = (outlet, day.isoformat())
        with self._database.writing() as connection:
            connection.execute(_ADD_POLL, (*where, int(result.ok), int(not result.ok), int(gap)))
            connection.execute(_ADD_RESULT, (*where, str(result)))
            connection.executemany(
                _ADD_ENTRIES,
                [(*where, str(name), entries) for name, entries in outcomes.items() if entries],
            )

    def collection(self, since: date, until: date) -> list[DayCollection]:
        """Return what was collected on the days since..until (both included), by day, outlet."""
        span = (since.isoformat(), until.isoformat())
        with self._database.reading() as connection:
            polls = connection.execute(_POLLS, span).fetchall()
            outcomes = _by_outlet_and_day(connection.execute(_ENTRIES, span))
            results = _by_outlet_and_day(connection.execute(_RESULTS, span))
        return [
            DayCollection(
                outlet,
                day_from_column(day),
                ok,
                failed,
                outcomes.get((outlet, day), {}),
                results.get((outlet, day), {}),
                gaps,
            )
            for outlet, day, ok, failed, gaps in polls
        ]

    def arrivals(self, since: datetime) -> list[Arrivals]:
        """Return live articles by outlet and hour of publication, from `since` on."""
        with self._database.reading() as connection:
            rows = connection.execute(_ARRIVALS, (_HOUR, time_to_column(since))).fetchall()
        return [Arrivals(outlet, time_from_column(hour * _HOUR), n) for outlet, hour, n in rows]


def _by_outlet_and_day(
    rows: Iterable[tuple[str, str, str, int]],
) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for outlet, day, name, number in rows:
        found.setdefault((outlet, day), {})[name] = number
    return found
