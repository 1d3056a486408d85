"""Totals of the collection: for metrics, and for what every outlet's health is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from services.index.records import DayCollection, Tallies
from services.index.sqlite.connection import Database
from services.index.sqlite.values import day_from_column, time_to_column

_POLLS: Final = "SELECT outlet, result, sum(polls) FROM poll_results GROUP BY outlet, result"
_ENTRIES: Final = "SELECT outlet, outcome, sum(entries) FROM poll_outcomes GROUP BY outlet, outcome"
_GAPS: Final = "SELECT outlet, sum(gaps) FROM polls GROUP BY outlet"
_DELIVERIES: Final = "SELECT channel, status, count(*) FROM deliveries GROUP BY channel, status"
_DUE: Final = "SELECT count(*) FROM pages WHERE due <= ?"
_UNLINKED: Final = "SELECT count(*) FROM articles WHERE linked = 0"
_PAGES: Final = """
SELECT outlet, outcome, count(*) FROM pages WHERE published >= ? GROUP BY outlet, outcome
"""
_DAYS: Final = "SELECT outlet, day, ok, failed, gaps FROM polls ORDER BY day, outlet"


class TallyTables:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tallies(self, now: datetime) -> Tallies:
        """Return totals over all time, and what waits at `now`."""
        with self._database.reading() as connection:
            return Tallies(
                polls={(row[0], row[1]): row[2] for row in connection.execute(_POLLS)},
                entries={(row[0], row[1]): row[2] for row in connection.execute(_ENTRIES)},
                gaps=dict(connection.execute(_GAPS)),
                deliveries={(row[0], row[1]): row[2] for row in connection.execute(_DELIVERIES)},
                pages_due=connection.execute(_DUE, (time_to_column(now),)).fetchone()[0],
                unlinked=connection.execute(_UNLINKED).fetchone()[0],
            )

    def page_counts(self, since: datetime) -> dict[str, dict[str, int]]:
        """Return by outlet how the visits to pages of articles since then ended."""
        found: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection:
            for outlet, outcome, number in connection.execute(_PAGES, (time_to_column(since),)):
                found.setdefault(outlet, {})[outcome] = number
        return found

    def poll_days(self) -> list[DayCollection]:
        """Return every day with polls, without their results and outcomes."""
        with self._database.reading() as connection:
            return [
                DayCollection(outlet, day_from_column(day), ok, failed, {}, {}, gaps)
                for outlet, day, ok, failed, gaps in connection.execute(_DAYS)
            ]
