"""What the series count: classified articles, and whose copy of a story came before."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

from services.domain.article import Origin
from services.domain.series import Observation
from services.index.sqlite.connection import Database
from services.index.sqlite.models import model_key
from services.index.sqlite.values import (
    day_from_column,
    json_list,
    label_order,
    reorder,
    split_names,
    time_from_column,
    unpack_floats,
)

# The newest prediction is nearly always the model's and is found by its number at once.
_PREDICTION: Final = """
JOIN predictions p ON p.key = CASE WHEN a.model = :model THEN a.prediction ELSE (
    SELECT o.key FROM predictions o
    WHERE o.article = a.key AND o.model = :model AND o.content_hash = a.content_hash
) END
"""
_OBSERVATIONS: Final = f"""
SELECT a.id, a.day, a.outlet, a.story, p.us, p.relations, p.frames, p.probabilities, a.origin,
    a.published, c.cluster
FROM articles a {_PREDICTION} LEFT JOIN copies c ON c.article = a.key
WHERE a.day IN (SELECT value FROM json_each(:days)) AND p.outcome = 'classified'
ORDER BY a.day, a.outlet, a.id
"""
_COPIES: Final = f"""
SELECT c.cluster, a.id, a.outlet FROM copies c JOIN articles a ON a.key = c.article {_PREDICTION}
WHERE c.cluster IN (SELECT value FROM json_each(:clusters)) AND p.outcome = 'classified'
ORDER BY a.published, a.id
"""
_DAYS_AT_ONCE: Final = 64
_ORIGINS: Final = {origin.value: origin for origin in Origin}


class Observations:
    """See the Store protocol for the contract of the method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def observations(self, days: Sequence[date], model: str) -> Iterator[Observation]:
        """Yield classified articles published on `days`, some weeks of them read at a time."""
        with self._database.reading() as connection:
            key = model_key(connection, model)
            row = connection.execute("SELECT labels FROM models WHERE key = ?", (key,)).fetchone()
        if row is None:
            return
        order = label_order(row[0])
        names = [day.isoformat() for day in dict.fromkeys(days)]
        for start in range(0, len(names), _DAYS_AT_ONCE):
            some = json_list(names[start : start + _DAYS_AT_ONCE])
            with self._database.reading() as connection:
                rows = connection.execute(_OBSERVATIONS, {"model": key, "days": some}).fetchall()
                told = _told_before(connection, rows, key)
            for row in rows:
                yield _observation(row, order, told)


def _observation(
    row: Sequence[Any], order: tuple[int, ...] | None, told: dict[str, tuple[str, ...]]
) -> Observation:
    article_id, day, outlet, story, us, relations, frames, values, origin, published, _ = row
    return Observation(
        article_id,
        day_from_column(day),
        outlet,
        story,
        _labels(us, relations, frames),
        unpack_floats(values) if order is None else reorder(unpack_floats(values), order),
        told.get(article_id, ()),
        _ORIGINS[origin],
        time_from_column(published),
    )


def _told_before(
    connection: sqlite3.Connection, rows: Iterable[tuple[Any, ...]], model: int | None
) -> dict[str, tuple[str, ...]]:
    """Return the outlets whose classified copy came before that of each article, by its id."""
    clusters = {row[-1] for row in rows if row[-1] is not None}
    if not clusters:
        return {}
    outlets: dict[int, tuple[str, ...]] = {}
    told: dict[str, tuple[str, ...]] = {}
    for cluster, article_id, outlet in connection.execute(
        _COPIES, {"model": model, "clusters": json_list(clusters)}
    ):
        before = outlets.setdefault(cluster, ())
        told[article_id] = before
        if outlet not in before:
            outlets[cluster] = (*before, outlet)
    return told


@lru_cache(maxsize=20_000)
def _labels(us: str, relations: str, frames: str) -> tuple[str, ...]:
    names = (f"frame={name}" for name in split_names(frames))
    return f"us={us}", f"relations={relations}", *names
