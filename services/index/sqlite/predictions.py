"""Predictions: what each model said about each version of each article."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from services.domain.codebook import FRAMES, LABELS, RELATIONS, US
from services.domain.prediction import FramingOutcome, Passage, Prediction
from services.errors import PermanentError
from services.index.sqlite.connection import Database
from services.index.sqlite.dirty import mark_articles_dirty
from services.index.sqlite.models import ensure_model
from services.index.sqlite.values import (
    json_list,
    label_order,
    pack_floats,
    reorder,
    split_names,
    storable,
    time_from_column,
    time_to_column,
    unpack_floats,
)

COLUMNS: Final = (
    "p.id, p.content_hash, m.name, p.outcome, p.created, p.language, p.us, p.relations, "
    "p.frames, p.probabilities, p.evidence, m.labels"
)
"""What `prediction_from_row` reads, from `predictions p JOIN models m`."""

_INSERT: Final = """
INSERT INTO predictions (id, article, model, content_hash, outcome, created, language, us,
    relations, frames, probabilities, evidence)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# The article carries a copy of the newest prediction of its current content.
_COPY: Final = """
UPDATE articles SET (prediction, model, outcome, us, relations, frames) = (
    SELECT p.key, p.model, p.outcome, p.us, p.relations, p.frames FROM predictions p WHERE p.id = ?
) WHERE key = ? AND content_hash = ? AND coalesce(
    (SELECT p.created FROM predictions p WHERE p.key = articles.prediction), ?
) <= ?
"""
_DIGITS: Final = 6  # what float32 keeps of a probability
_AFTER_US: Final = len(US)
_AFTER_RELATIONS: Final = len(US) + len(RELATIONS)


class _Labelled(NamedTuple):
    """An article that predictions belong to; `content_hash` is that of its current version."""

    key: int
    content_hash: str


class Predictions:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Write predictions and mark the days of their outlets dirty."""
        if not predictions:
            return
        with self._database.writing() as connection:
            fresh = _not_yet_stored(connection, predictions)
            articles = _articles_of(connection, fresh)
            models = {name: ensure_model(connection, name) for name in {p.model for p in fresh}}
            connection.executemany(
                _INSERT, [_row(p, articles[p.article_id].key, models[p.model]) for p in fresh]
            )
            connection.executemany(_COPY, [_copy_row(p, articles[p.article_id].key) for p in fresh])
            current = [
                articles[p.article_id].key
                for p in fresh
                if articles[p.article_id].content_hash == p.content_hash
            ]
            mark_articles_dirty(connection, current)

    def predictions(self, article_ids: Sequence[str]) -> dict[str, Prediction]:
        """Return the newest prediction of each article's current content, by article id."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT a.id, {COLUMNS} FROM articles a "
                "JOIN predictions p ON p.key = a.prediction JOIN models m ON m.key = p.model "
                "WHERE a.id IN (SELECT value FROM json_each(?))",
                (json_list(article_ids),),
            ).fetchall()
        return {row[0]: prediction_from_row(row[0], row[1:]) for row in rows}

    def version_predictions(self, article_id: str, model: str) -> dict[str, Prediction]:
        """Return what `model` says about each version of an article, by content hash."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM articles a JOIN predictions p ON p.article = a.key "
                "JOIN models m ON m.key = p.model WHERE a.id = ? AND m.name = ?",
                (article_id, model),
            ).fetchall()
        found = [prediction_from_row(article_id, row) for row in rows]
        return {prediction.content_hash: prediction for prediction in found}


def prediction_from_row(article_id: str, row: Sequence[Any]) -> Prediction:
    """Return the prediction of a row of `COLUMNS`."""
    us_p, relations_p, frames_p = _probabilities(row[9], row[11])
    return Prediction(
        id=row[0],
        article_id=article_id,
        content_hash=row[1],
        model=row[2],
        outcome=FramingOutcome(row[3]),
        created=time_from_column(row[4]),
        language=row[5],
        us=row[6],
        us_p=us_p,
        relations=row[7],
        relations_p=relations_p,
        frames=split_names(row[8]),
        frames_p=frames_p,
        evidence=tuple(Passage(**passage) for passage in json.loads(row[10])),
    )


def _not_yet_stored(
    connection: sqlite3.Connection, predictions: Sequence[Prediction]
) -> list[Prediction]:
    by_id = {prediction.id: prediction for prediction in reversed(predictions)}
    for (stored,) in connection.execute(
        "SELECT id FROM predictions WHERE id IN (SELECT value FROM json_each(?))",
        (json_list(by_id),),
    ):
        del by_id[stored]
    return list(reversed(by_id.values()))


def _articles_of(
    connection: sqlite3.Connection, predictions: Sequence[Prediction]
) -> dict[str, _Labelled]:
    """Return articles by their ids; PermanentError when one is not in the store."""
    ids = {prediction.article_id for prediction in predictions}
    found = {
        row[0]: _Labelled(*row[1:])
        for row in connection.execute(
            "SELECT id, key, content_hash FROM articles "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (json_list(ids),),
        )
    }
    missing = ids - found.keys()
    if missing:
        raise PermanentError(
            f"A prediction belongs to article {min(missing)}, which is not in the store."
        )
    return found


def _row(prediction: Prediction, article: int, model: int) -> tuple[object, ...]:
    evidence = [
        {"text": item.text, "start": item.start, "end": item.end, "labels": dict(item.labels)}
        for item in prediction.evidence
    ]
    return (
        prediction.id, article, model, prediction.content_hash, prediction.outcome,
        time_to_column(prediction.created), prediction.language, prediction.us,
        prediction.relations, " ".join(prediction.frames),
        pack_floats(prediction.probabilities()),
        storable(json.dumps(evidence, ensure_ascii=False)),
    )  # fmt: skip


def _copy_row(prediction: Prediction, article: int) -> tuple[object, ...]:
    created = time_to_column(prediction.created)
    return prediction.id, article, prediction.content_hash, created, created


def _probabilities(data: bytes, labels: str) -> tuple[Mapping[str, float] | None, ...]:
    if not data:
        return None, None, None
    values = [round(p, _DIGITS) for p in reorder(unpack_floats(data), label_order(labels))]
    return (
        dict(zip(US, values, strict=False)),
        dict(zip(RELATIONS, values[_AFTER_US:], strict=False)),
        dict(zip(FRAMES, values[_AFTER_RELATIONS : len(LABELS)], strict=True)),
    )
