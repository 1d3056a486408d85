"""Writes judged articles in bulk: rows, texts, versions, stories and words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from services.domain.article import Article
from services.index.sqlite.dirty import mark_dirty
from services.index.sqlite.incoming import Incoming, Known
from services.index.sqlite.values import day_from_column, json_list, time_to_column
from services.index.words import stems

_INSERT: Final = """
INSERT INTO articles (key, id, outlet, language, published, day, date_quality, collected,
    content_hash, story, url, author, section, title, lead)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# `published`, its quality, the outlet and the address stay as first seen.
_UPDATE: Final = """
UPDATE articles SET language = ?, collected = ?, content_hash = ?, story = ?, author = ?,
    section = ?, title = ?, lead = ?, prediction = NULL, model = NULL, outcome = NULL,
    us = NULL, relations = NULL, frames = NULL
WHERE key = ?
"""
_KEEP_CURRENT: Final = """
INSERT INTO revisions (article, content_hash, collected, title, lead, text)
SELECT a.key, a.content_hash, a.collected, a.title, a.lead, coalesce(t.text, '')
FROM articles a LEFT JOIN texts t ON t.article = a.key WHERE a.key = ?
"""
_KEEP_VERSION: Final = """
INSERT INTO revisions (article, content_hash, collected, title, lead, text)
VALUES (?, ?, ?, ?, ?, ?)
"""
_ADD_STORY: Final = "INSERT OR IGNORE INTO stories (outlet, story, published) VALUES (?, ?, ?)"
_ADD_REPEAT: Final = "INSERT OR IGNORE INTO repeats (id, content_hash) VALUES (?, ?)"
_ADD_TEXT: Final = "INSERT INTO texts (article, text) VALUES (?, ?)"
_ADD_WORDS: Final = "INSERT INTO words (rowid, title, lead, text) VALUES (?, ?, ?, ?)"
_DROP_WORDS: Final = (
    "INSERT INTO words (words, rowid, title, lead, text) VALUES ('delete', ?, ?, ?, ?)"
)


def insert_new(connection: sqlite3.Connection, incoming: Incoming) -> None:
    """Write the articles that the store did not know, and their words."""
    new = incoming.new
    connection.executemany(_INSERT, [_row(known) for known in new])
    connection.executemany(
        _ADD_TEXT,
        [(known.key, known.versions[-1].text) for known in new if known.versions[-1].text],
    )
    _add_versions_and_stories(connection, new)
    _add_words(connection, new)


def write_repeats(connection: sqlite3.Connection, incoming: Incoming) -> None:
    """Remember versions that only repeat a story of their outlet."""
    connection.executemany(_ADD_REPEAT, sorted(incoming.new_repeats))


def write_revisions(connection: sqlite3.Connection, incoming: Incoming) -> None:
    """Replace the content of stored articles; the old versions stay as revisions."""
    revised = incoming.revised
    if not revised:
        return
    keys = [(known.key,) for known in revised]
    _drop_words(connection, [known.key for known in revised])
    connection.executemany(_KEEP_CURRENT, keys)
    _mark_counted_days(connection, [known.key for known in revised])
    connection.executemany("DELETE FROM texts WHERE article = ?", keys)
    connection.executemany(_UPDATE, [_update_row(known) for known in revised])
    connection.executemany(
        _ADD_TEXT,
        [(known.key, known.versions[-1].text) for known in revised if known.versions[-1].text],
    )
    _add_versions_and_stories(connection, revised)
    _add_words(connection, revised)


def rebuild_words(connection: sqlite3.Connection) -> None:
    """Compute the words of every article again, after a change of the rules for them."""
    connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
    rows = connection.execute(
        "SELECT a.key, a.title, a.lead, coalesce(t.text, '') "
        "FROM articles a LEFT JOIN texts t ON t.article = a.key"
    )
    connection.executemany(_ADD_WORDS, (_words_row(*row) for row in rows))


def _row(known: Known) -> tuple[object, ...]:
    first, last = known.versions[0], known.versions[-1]
    return (
        known.key, first.id, known.outlet, last.language, known.published,
        first.day.isoformat(), first.date_quality, time_to_column(last.collected),
        last.content_hash, last.story, first.url, last.author, last.section,
        last.title, last.lead,
    )  # fmt: skip


def _update_row(known: Known) -> tuple[object, ...]:
    last = known.versions[-1]
    return (
        last.language, time_to_column(last.collected), last.content_hash, last.story,
        last.author, last.section, last.title, last.lead, known.key,
    )  # fmt: skip


def _add_versions_and_stories(connection: sqlite3.Connection, knowns: Sequence[Known]) -> None:
    connection.executemany(
        _KEEP_VERSION,
        [_version_row(known.key, old) for known in knowns for old in known.versions[:-1]],
    )
    connection.executemany(
        _ADD_STORY,
        [
            (known.outlet, version.story, known.published)
            for known in knowns
            for version in known.versions
            if version.story
        ],
    )


def _version_row(key: int, article: Article) -> tuple[object, ...]:
    collected = time_to_column(article.collected)
    return key, article.content_hash, collected, article.title, article.lead, article.text


def _add_words(connection: sqlite3.Connection, knowns: Iterable[Known]) -> None:
    connection.executemany(
        _ADD_WORDS,
        (
            _words_row(known.key, last.title, last.lead, last.text)
            for known in knowns
            for last in known.versions[-1:]
        ),
    )


def _drop_words(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Remove the words of stored articles; the index needs to be told which they were."""
    rows = connection.execute(
        "SELECT a.key, a.title, a.lead, coalesce(t.text, '') FROM articles a "
        "LEFT JOIN texts t ON t.article = a.key WHERE a.key IN (SELECT value FROM json_each(?))",
        (json_list(keys),),
    ).fetchall()
    connection.executemany(_DROP_WORDS, [_words_row(*row) for row in rows])


def _words_row(key: int, title: str, lead: str, text: str) -> tuple[int, str, str, str]:
    return key, " ".join(stems(title)), " ".join(stems(lead)), " ".join(stems(text))


def _mark_counted_days(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """A classified article that gets new words leaves its day's counts until classified."""
    rows = connection.execute(
        "SELECT DISTINCT outlet, day FROM articles "
        "WHERE prediction IS NOT NULL AND key IN (SELECT value FROM json_each(?))",
        (json_list(keys),),
    ).fetchall()
    mark_dirty(connection, [(outlet, day_from_column(day)) for outlet, day in rows])
