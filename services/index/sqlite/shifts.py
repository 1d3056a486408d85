"""Detected shifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.domain.shift import Shift
from services.index.sqlite.connection import Database
from services.index.sqlite.documents import Document

_SHIFT: Final = Document(Shift)


class Shifts:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_shifts(self, shifts: Sequence[Shift]) -> None:
        """Write shifts; one with the same id is replaced."""
        with self._database.writing() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO shifts (id, model, alarm_date, document) "
                "VALUES (?, ?, ?, ?)",
                [(s.id, s.model, s.alarm_date.isoformat(), _SHIFT.dump(s)) for s in shifts],
            )

    def delete_shifts(self, ids: Sequence[str]) -> None:
        """Delete shifts; unknown ids are passed over."""
        with self._database.writing() as connection:
            connection.executemany("DELETE FROM shifts WHERE id = ?", [(name,) for name in ids])

    def shifts(self, model: str = "", since: date | None = None) -> list[Shift]:
        """Return shifts by alarm date, newest first; of every model when none is named."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT document FROM shifts WHERE (? = '' OR model = ?) AND alarm_date >= ? "
                "ORDER BY alarm_date DESC, id",
                (model, model, since.isoformat() if since else ""),
            ).fetchall()
        return [_SHIFT.load(row[0]) for row in rows]
