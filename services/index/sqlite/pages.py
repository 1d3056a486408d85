"""Visits to the pages of articles: which are due, and what they brought."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.domain.article import EntryOutcome
from services.domain.identity import content_hash
from services.domain.page import PageOutcome, PageVisit
from services.errors import PermanentError
from services.index.sqlite.connection import Database
from services.index.sqlite.dirty import mark_articles_dirty
from services.index.sqlite.syndication import join
from services.index.sqlite.values import (
    json_list,
    optional_time,
    optional_time_back,
    storable,
    time_to_column,
)
from services.index.sqlite.words import add_words, drop_words
from services.index.sqlite.writing_articles import (
    counted_articles,
    keep_current,
    pick_up_predictions,
    write_repeats,
)

_COLUMNS: Final = (
    "a.id, p.outlet, a.url, p.due, p.visits, p.failures, p.body_hash, p.outcome, p.sentence, "
    "p.visited, p.plans"
)
_DUE: Final = f"""
SELECT {_COLUMNS} FROM pages p JOIN articles a ON a.key = p.article
WHERE p.due <= :now AND (:all OR p.outlet IN (SELECT value FROM json_each(:outlets)))
ORDER BY p.visited IS NOT NULL, p.published DESC, a.id LIMIT :limit
"""
# Of one outlet, newest first as its index has them: `+` keeps SQLite from the index on `due`.
_DUE_OF_ONE: Final = f"""
SELECT {_COLUMNS} FROM pages p JOIN articles a ON a.key = p.article
WHERE p.outlet = :outlet AND p.due IS NOT NULL AND +p.due <= :now
ORDER BY p.visited IS NOT NULL, p.published DESC, a.id LIMIT :limit
"""
_BY_ID: Final = (
    f"SELECT {_COLUMNS} FROM pages p JOIN articles a ON a.key = p.article "
    "WHERE a.id IN (SELECT value FROM json_each(?))"
)
_HOUR: Final = timedelta(hours=1) // timedelta(microseconds=1)
_NEVER: Final = 2**63 - 1
# A changed article deserves its visit also where earlier ones had been given up, but not more
# often than once an hour, however often its feed changes.
_PLAN: Final = f"""
INSERT INTO pages (article, outlet, published, due, visits, failures, body_hash, outcome, sentence)
SELECT a.key, a.outlet, a.published, ?, 0, 0, '', 'waiting', ''
FROM articles a WHERE a.key IN (SELECT value FROM json_each(?))
ON CONFLICT (article) DO UPDATE
SET due = min(
        coalesce(due, {_NEVER}), max(excluded.due, coalesce(visited + {_HOUR}, 0))
    ),
    failures = CASE WHEN visited + {_HOUR} > excluded.due THEN failures ELSE 0 END,
    plans = plans + 1
"""
# A visit that was planned while this one was under way is made, an hour after this one.
_SAVE: Final = f"""
INSERT INTO pages (article, outlet, published, due, visits, failures, body_hash, outcome,
    sentence, visited, plans)
SELECT a.key, a.outlet, a.published, ?, ?, ?, ?, ?, ?, ?, ? FROM articles a WHERE a.key = ?
ON CONFLICT (article) DO UPDATE
SET due = CASE WHEN plans = excluded.plans OR due IS NULL THEN excluded.due ELSE min(
        max(due, coalesce(excluded.visited + {_HOUR}, 0)), coalesce(excluded.due, {_NEVER})
    ) END,
    visits = excluded.visits, failures = excluded.failures, body_hash = excluded.body_hash,
    outcome = excluded.outcome, sentence = excluded.sentence, visited = excluded.visited
"""
_FILL_NAMES: Final = """
UPDATE articles SET author = coalesce(nullif(author, ''), ?),
    section = coalesce(nullif(section, ''), ?)
WHERE key = ?
"""
_SET_LANGUAGE: Final = "UPDATE articles SET language = ? WHERE key = ?"
_STORED: Final = (
    "SELECT a.key, a.title, a.lead, a.content_hash, coalesce(t.text, ''), coalesce(t.visited, 0) "
    "FROM articles a LEFT JOIN texts t ON t.article = a.key WHERE a.id = ?"
)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The current version of the article whose page was visited."""

    key: int
    title: str
    lead: str
    content_hash: str
    text: str
    visited: bool  # the text came from the page, too


class Pages:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pages_due(self, now: datetime, limit: int, outlets: Sequence[str] = ()) -> list[PageVisit]:
        """Return visits that are due: never visited articles first, newest article first."""
        values: dict[str, object] = {"now": time_to_column(now), "limit": limit}
        if len(outlets) == 1:
            query, values = _DUE_OF_ONE, values | {"outlet": outlets[0]}
        else:
            query, values = _DUE, values | {"all": not outlets, "outlets": json_list(outlets)}
        with self._database.reading() as connection:
            return [_visit(row) for row in connection.execute(query, values)]

    def page_visits(self, article_ids: Sequence[str]) -> dict[str, PageVisit]:
        """Return the last visit, or the planned first one, by article id."""
        with self._database.reading() as connection:
            rows = connection.execute(_BY_ID, (json_list(article_ids),)).fetchall()
        return {row[0]: _visit(row) for row in rows}

    def save_page(
        self,
        visit: PageVisit,
        text: str = "",
        *,
        now: datetime,
        same_as: str = "",
        language: str = "",
        author: str = "",
        section: str = "",
    ) -> EntryOutcome:
        """Remember a visit and what the page says: COMPLETED, REVISED or DUPLICATE."""
        with self._database.writing() as connection:
            row = connection.execute(_STORED, (visit.article_id,)).fetchone()
            if row is None:
                raise PermanentError(
                    f"A visited page belongs to article {visit.article_id}, which is not in the "
                    "store."
                )
            stored = _Stored(*row)
            connection.execute(_SAVE, (*_row(visit), stored.key))
            if same_as and same_as != visit.article_id:
                _note_address(connection, stored.key, same_as)
            if author or section:
                names = (storable(author), storable(section), stored.key)
                connection.execute(_FILL_NAMES, names)
            outcome = _fill_in(connection, visit.article_id, stored, storable(text), now)
            if language and outcome is not EntryOutcome.DUPLICATE:
                connection.execute(_SET_LANGUAGE, (language, stored.key))
            return outcome


def plan_visits(connection: sqlite3.Connection, keys: Sequence[int], due: datetime) -> None:
    """Have the pages of articles visited at `due`, or earlier where that was planned.

    A page that was visited less than an hour before `due` waits until the hour is over, and
    the failures in a row of its visits still count.
    """
    if keys:
        connection.execute(_PLAN, (time_to_column(due), json_list(keys)))


def _fill_in(
    connection: sqlite3.Connection, article_id: str, stored: _Stored, text: str, now: datetime
) -> EntryOutcome:
    if not text.strip():
        return EntryOutcome.DUPLICATE
    changed = content_hash(stored.title, stored.lead, text)
    if changed == stored.content_hash:
        connection.execute("UPDATE texts SET visited = 1 WHERE article = ?", (stored.key,))
        return EntryOutcome.DUPLICATE
    completes = not stored.text
    if completes:
        write_repeats(connection, {(article_id, stored.content_hash)})
    else:
        keep_current(connection, stored.key, time_to_column(now), edit=stored.visited)
        connection.execute(
            "UPDATE articles SET collected = ? WHERE key = ?", (time_to_column(now), stored.key)
        )
    _replace_text(connection, stored, text, changed)
    return EntryOutcome.COMPLETED if completes else EntryOutcome.REVISED


def _replace_text(connection: sqlite3.Connection, stored: _Stored, text: str, changed: str) -> None:
    keys = [stored.key]
    counted = counted_articles(connection, keys)
    drop_words(connection, keys)
    connection.execute(
        "INSERT OR REPLACE INTO texts (article, text, visited) VALUES (?, ?, 1)",
        (stored.key, text),
    )
    connection.execute(
        "UPDATE articles SET content_hash = ?, linked = 0 WHERE key = ?", (changed, stored.key)
    )
    add_words(connection, [(stored.key, stored.title, stored.lead, text)])
    pick_up_predictions(connection, keys)
    mark_articles_dirty(connection, {*counted, *counted_articles(connection, keys)})


def _note_address(connection: sqlite3.Connection, key: int, other: str) -> None:
    """Remember another address of an article; one that is stored itself is a copy of it."""
    row = connection.execute("SELECT key FROM articles WHERE id = ?", (other,)).fetchone()
    if row is None:
        connection.execute(
            "INSERT OR IGNORE INTO aliases (id, article) VALUES (?, ?)", (other, key)
        )
    else:
        join(connection, [(key, row[0])])


def _row(visit: PageVisit) -> tuple[object, ...]:
    return (
        optional_time(visit.due), visit.visits, visit.failures, storable(visit.body_hash),
        str(visit.outcome), storable(visit.sentence), optional_time(visit.visited), visit.plans,
    )  # fmt: skip


def _visit(row: tuple[Any, ...]) -> PageVisit:
    return PageVisit(
        article_id=row[0],
        outlet=row[1],
        url=row[2],
        due=optional_time_back(row[3]),
        visits=row[4],
        failures=row[5],
        body_hash=row[6],
        outcome=PageOutcome(row[7]),
        sentence=row[8],
        visited=optional_time_back(row[9]),
        plans=row[10],
    )
