"""Days whose counts no longer match their predictions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date
from typing import Final

from services.index.records import DirtyDay
from services.index.sqlite.connection import Database
from services.index.sqlite.values import day_from_column, json_list

_DAYS: Final = """
SELECT outlet, day FROM articles WHERE key IN (SELECT value FROM json_each(:keys))
UNION
SELECT a.outlet, a.day FROM copies c JOIN copies o ON o.cluster = c.cluster
JOIN articles a ON a.key = o.article WHERE c.article IN (SELECT value FROM json_each(:keys))
"""


class DirtyDays:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dirty_days(self, limit: int) -> list[DirtyDay]:
        """Return up to `limit` dirty days, oldest day first."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT outlet, day, mark FROM dirty_days ORDER BY day, outlet LIMIT ?", (limit,)
            ).fetchall()
        return [DirtyDay(outlet, day_from_column(day), mark) for outlet, day, mark in rows]

    def mark_all_dirty(self) -> None:
        """Mark every day of every outlet."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO dirty_days (outlet, day, mark) "
                "SELECT DISTINCT outlet, day, ? FROM articles",
                (_next_mark(connection),),
            )


def mark_dirty(connection: sqlite3.Connection, days: Iterable[tuple[str, date]]) -> None:
    """Mark outlets' days within the caller's transaction."""
    rows = [(outlet, day.isoformat()) for outlet, day in days]
    if rows:
        mark = _next_mark(connection)
        connection.executemany(
            "INSERT OR REPLACE INTO dirty_days (outlet, day, mark) VALUES (?, ?, ?)",
            [(*row, mark) for row in rows],
        )


def mark_articles_dirty(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Mark the days of articles and of their copies, whose count depends on who came first."""
    rows = connection.execute(_DAYS, {"keys": json_list(keys)}).fetchall()
    mark_dirty(connection, [(outlet, day_from_column(day)) for outlet, day in rows])


def clear_dirty(connection: sqlite3.Connection, cleared: Iterable[DirtyDay]) -> None:
    """Clear days, except those that were marked again after they were read."""
    connection.executemany(
        "DELETE FROM dirty_days WHERE outlet = ? AND day = ? AND mark <= ?",
        [(dirty.outlet, dirty.day.isoformat(), dirty.mark) for dirty in cleared],
    )


def _next_mark(connection: sqlite3.Connection) -> int:
    """Return a number higher than every earlier one, cleared marks included."""
    row = connection.execute(
        "INSERT INTO meta (name, value) VALUES ('store.last_mark', '1') "
        "ON CONFLICT (name) DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING value"
    ).fetchone()
    return int(row[0])
