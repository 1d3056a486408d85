"""Day counts: one compact row for each model, scope, population and day."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.domain.series import About, DayCounts
from services.index.records import DirtyDay
from services.index.sqlite.connection import Database
from services.index.sqlite.dirty import clear_dirty
from services.index.sqlite.models import ensure_model
from services.index.sqlite.values import (
    day_from_column,
    json_list,
    label_order,
    pack_counts,
    pack_floats,
    reorder,
    tuple_from_json,
    unpack_counts,
    unpack_floats,
)


class Series:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put_day_counts(self, counts: Sequence[DayCounts], cleared: Sequence[DirtyDay]) -> None:
        """Write counts, replacing those of the same scope, about, day, model; clear dirty days."""
        with self._database.writing() as connection:
            models = {name: ensure_model(connection, name) for name in {c.model for c in counts}}
            connection.executemany(
                "INSERT OR REPLACE INTO day_counts "
                "(model, scope, about, day, n, counts, sums, outlets, source) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        models[item.model], item.scope, item.about, item.day.isoformat(), item.n,
                        pack_counts(item.counts), pack_floats(item.sums),
                        json_list(item.outlets), item.source,
                    )
                    for item in counts
                ],
            )  # fmt: skip
            clear_dirty(connection, cleared)

    def day_counts(
        self,
        model: str,
        scopes: Sequence[str] = (),
        about: About | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> list[DayCounts]:
        """Return counts ordered by scope, about, day; `scopes` empty means every scope."""
        wanted: list[object] = [model]
        where = ["d.model = (SELECT key FROM models WHERE name = ?)"]
        if scopes:
            where.append("d.scope IN (SELECT value FROM json_each(?))")
            wanted.append(json_list(scopes))
        for condition, value in (
            ("d.about = ?", about),
            ("d.day >= ?", since and since.isoformat()),
            ("d.day <= ?", until and until.isoformat()),
        ):
            if value is not None:
                where.append(condition)
                wanted.append(value)
        with self._database.reading() as connection:
            stored = connection.execute(
                "SELECT labels FROM models WHERE name = ?", (model,)
            ).fetchone()
            rows = connection.execute(
                "SELECT d.scope, d.about, d.day, d.n, d.counts, d.sums, d.outlets, d.source "
                f"FROM day_counts d WHERE {' AND '.join(where)} ORDER BY d.scope, d.about, d.day",
                wanted,
            ).fetchall()
        order = label_order(stored[0]) if stored else None
        return [_day_counts(row, model, order) for row in rows]


def _day_counts(row: tuple[Any, ...], model: str, order: tuple[int, ...] | None) -> DayCounts:
    scope, name, day, n, counts, sums, outlets, source = row
    return DayCounts(
        scope,
        name,
        day_from_column(day),
        model,
        n,
        reorder(unpack_counts(counts), order),
        reorder(unpack_floats(sums), order),
        tuple_from_json(outlets),
        source,
    )
