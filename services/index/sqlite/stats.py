"""Sizes of the store."""

from __future__ import annotations

from typing import Final

from services.domain.prediction import FramingOutcome
from services.index.records import StoreStats
from services.index.sqlite.connection import Database
from services.index.sqlite.models import model_key
from services.index.sqlite.values import day_from_column

# Articles whose newest prediction is the model's are counted from an index alone; the others
# only after a change of model, by looking for an earlier prediction of the model.
_OUTCOMES: Final = """
SELECT outcome, count(*) FROM articles WHERE model = :model GROUP BY outcome
UNION ALL
SELECT p.outcome, count(*) FROM articles a JOIN predictions p
ON p.article = a.key AND p.model = :model AND p.content_hash = a.content_hash
WHERE a.model <> :model GROUP BY p.outcome
"""

# Two steps, because the index holds the outlets of each day together.
_OUTLETS: Final = """
SELECT outlet, sum(n), min(day), max(day) FROM (
    SELECT outlet, day, count(*) AS n FROM articles GROUP BY day, outlet
) GROUP BY outlet ORDER BY outlet
"""


class Stats:
    """See the Store protocol for the contract of the method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stats(self, model: str) -> StoreStats:
        """Return the sizes of the store; classified and so on are counted for `model`."""
        with self._database.reading() as connection:
            rows = connection.execute(_OUTLETS).fetchall()
            outcomes: dict[str, int] = {}
            for outcome, count in connection.execute(
                _OUTCOMES, {"model": model_key(connection, model)}
            ):
                outcomes[outcome] = outcomes.get(outcome, 0) + count
        articles = sum(row[1] for row in rows)
        return StoreStats(
            articles=articles,
            classified=outcomes.get(FramingOutcome.CLASSIFIED, 0),
            unclassified=articles - sum(outcomes.values()),
            unsupported=outcomes.get(FramingOutcome.UNSUPPORTED_LANGUAGE, 0),
            first_day=day_from_column(min(row[2] for row in rows)) if rows else None,
            last_day=day_from_column(max(row[3] for row in rows)) if rows else None,
            articles_by_outlet={row[0]: row[1] for row in rows},
        )
