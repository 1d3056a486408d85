"""Search: filters on labels and days, full text by stems, pages by position."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from services.errors import UsageError
from services.index.query_text import Phrase, TextQuery, parse_query_text
from services.index.records import SearchHit, SearchPage, SearchQuery
from services.index.snippet import make_snippet
from services.index.sqlite import article_rows, predictions
from services.index.sqlite.article_rows import article_from_row
from services.index.sqlite.connection import Database
from services.index.sqlite.cursors import make_cursor, read_cursor
from services.index.sqlite.predictions import prediction_from_row
from services.index.sqlite.values import json_list, storable, time_to_column

MOST_HITS: Final = 1000
"""The most hits of one page; a larger limit is cut to this."""

_PAGE: Final = f"""
SELECT {article_rows.COLUMNS}, {predictions.COLUMNS} FROM (
    SELECT a.key FROM articles a WHERE {{where}} ORDER BY a.published DESC, a.id LIMIT ?
) found JOIN articles a ON a.key = found.key {article_rows.JOIN_TEXT}
LEFT JOIN predictions p ON p.key = a.prediction LEFT JOIN models m ON m.key = p.model
ORDER BY a.published DESC, a.id
"""


class Condition(NamedTuple):
    """One part of a WHERE clause on `articles a`, with its values."""

    sql: str
    values: tuple[object, ...] = ()


class Search:
    """See the Store protocol for the contract of the method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, query: SearchQuery) -> SearchPage:
        """Return one page of hits, newest first, and how many there are in all."""
        if query.limit < 1:
            raise UsageError(f"A page of {query.limit} articles was asked for; ask for at least 1.")
        text = parse_query_text(query.text)
        limit = min(query.limit, MOST_HITS)
        conditions = [*text_conditions(text), *filter_conditions(query)]
        position = [_after(query.cursor)] if query.cursor else []
        with self._database.reading() as connection:
            where, values = _joined(conditions)
            total = connection.execute(
                f"SELECT count(*) FROM articles a WHERE {where}", values
            ).fetchone()[0]
            where, values = _joined([*conditions, *position])
            rows = connection.execute(_PAGE.format(where=where), (*values, limit + 1)).fetchall()
        hits = tuple(_hit(row, text.required) for row in rows[:limit])
        return SearchPage(total, hits, _cursor(hits[-1]) if len(rows) > limit else "")


def filter_conditions(query: SearchQuery) -> list[Condition]:
    """Return the conditions for every filter of `query` that is set."""
    conditions = [
        Condition(f"a.{column} IN (SELECT value FROM json_each(?))", (json_list(wanted),))
        for column, wanted in (
            ("outlet", query.outlets),
            ("language", query.languages),
            ("us", query.us),
            ("relations", query.relations),
        )
        if wanted
    ]
    conditions += [
        Condition("instr(' ' || a.frames || ' ', ?) > 0", (storable(f" {name} "),))
        for name in query.frames
    ]
    if query.outcome:
        conditions.append(Condition("a.outcome = ?", (storable(query.outcome),)))
    if query.origin:
        conditions.append(Condition("a.origin = ?", (storable(query.origin),)))
    if query.since:
        conditions.append(Condition("a.day >= ?", (query.since.isoformat(),)))
    if query.until:
        conditions.append(Condition("a.day <= ?", (query.until.isoformat(),)))
    return conditions


def text_conditions(text: TextQuery) -> list[Condition]:
    """Return the full-text condition, in the syntax of FTS5, if any text is asked for."""
    if not text.required:
        return []
    match = f"({_any_of(text.required, ' AND ')})"
    if text.excluded:
        match += f" NOT ({_any_of(text.excluded, ' OR ')})"
    return [Condition("a.key IN (SELECT rowid FROM words WHERE words MATCH ?)", (match,))]


def _any_of(phrases: Iterable[Phrase], operator: str) -> str:
    # Stems are letters and digits, so nothing in them can end the quotation.
    return operator.join(f'"{" ".join(phrase)}"' for phrase in phrases)


def _joined(conditions: Iterable[Condition]) -> tuple[str, list[object]]:
    conditions = list(conditions)
    where = " AND ".join(condition.sql for condition in conditions) or "1"
    return where, [value for condition in conditions for value in condition.values]


def _hit(row: tuple[Any, ...], phrases: tuple[Phrase, ...]) -> SearchHit:
    article = article_from_row(row[: article_rows.WIDTH])
    rest = row[article_rows.WIDTH :]
    prediction = None if rest[0] is None else prediction_from_row(article.id, rest)
    snippet = make_snippet(article.title, article.lead, article.text, phrases)
    return SearchHit(article, prediction, snippet)


def _cursor(last: SearchHit) -> str:
    """Return the position after `last`; articles that arrive later do not move it."""
    return make_cursor(time_to_column(last.article.published), last.article.id)


def _after(cursor: str) -> Condition:
    published, article_id = read_cursor(cursor)
    return Condition(
        "(a.published < ? OR (a.published = ? AND a.id > ?))", (published, published, article_id)
    )
