"""The state of each feed, and what collection did day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from services.domain.article import EntryOutcome
from services.domain.outlet import FeedState
from services.index.records import DayCollection
from services.index.sqlite.connection import Database
from services.index.sqlite.documents import Document
from services.index.sqlite.values import day_from_column

_STATE: Final = Document(FeedState)


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
        self, outlet: str, day: date, ok: bool, outcomes: Mapping[EntryOutcome, int]
    ) -> None:
        """Add one poll and its entries' outcomes to the day's counters."""
        where = (outlet, day.isoformat())
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO polls (outlet, day, ok, failed) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (day, outlet) DO UPDATE "
                "SET ok = ok + excluded.ok, failed = failed + excluded.failed",
                (*where, int(ok), int(not ok)),
            )
            connection.executemany(
                "INSERT INTO poll_outcomes (outlet, day, outcome, entries) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (day, outlet, outcome) DO UPDATE "
                "SET entries = entries + excluded.entries",
                [(*where, name, entries) for name, entries in outcomes.items() if entries],
            )

    def collection(self, since: date, until: date) -> list[DayCollection]:
        """Return what was collected on the days since..until (both included), by day, outlet."""
        span = (since.isoformat(), until.isoformat())
        with self._database.reading() as connection:
            polls = connection.execute(
                "SELECT outlet, day, ok, failed FROM polls WHERE day BETWEEN ? AND ? "
                "ORDER BY day, outlet",
                span,
            ).fetchall()
            rows = connection.execute(
                "SELECT outlet, day, outcome, entries FROM poll_outcomes WHERE day BETWEEN ? AND ?",
                span,
            ).fetchall()
        outcomes: dict[tuple[str, str], dict[str, int]] = {}
        for outlet, day, outcome, entries in rows:
            outcomes.setdefault((outlet, day), {})[outcome] = entries
        return [
            DayCollection(outlet, day_from_column(day), ok, failed, outcomes.get((outlet, day), {}))
            for outlet, day, ok, failed in polls
        ]
