"""Writes judged articles in bulk: rows, texts, versions and stories."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from services.domain.article import Article, Origin
from services.index.sqlite.dirty import mark_articles_dirty
from services.index.sqlite.incoming import Incoming, Known
from services.index.sqlite.values import json_list, time_to_column
from services.index.sqlite.words import add_words, drop_words

_INSERT: Final = """
INSERT INTO articles (key, id, outlet, language, published, day, date_quality, collected,
    content_hash, story, url, author, section, title, lead, origin, version_origin)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
# `published`, its quality, the outlet and the address stay as first seen.
_UPDATE: Final = """
UPDATE articles SET language = ?, collected = ?, content_hash = ?, story = ?, author = ?,
    section = ?, title = ?, lead = ?,
    origin = CASE origin WHEN 'live' THEN origin ELSE ? END, version_origin = ?, linked = 0
WHERE key = ?
"""
# What was said before about the content as it is now: nothing, unless it was changed back.
_PICK_UP: Final = """
UPDATE articles SET (prediction, model, outcome, us, relations, frames) = (
    SELECT p.key, p.model, p.outcome, p.us, p.relations, p.frames FROM predictions p
    WHERE p.article = articles.key AND p.content_hash = articles.content_hash
    ORDER BY p.created DESC, p.key DESC LIMIT 1
) WHERE key IN (SELECT value FROM json_each(?))
"""
_KEEP_CURRENT: Final = """
INSERT INTO revisions (article, content_hash, collected, replaced, edit, title, lead, text)
SELECT a.key, a.content_hash, a.collected, ?, {edit}, a.title, a.lead, coalesce(t.text, '')
FROM articles a LEFT JOIN texts t ON t.article = a.key WHERE a.key = ?
"""
_KEEP_VERSION: Final = """
INSERT INTO revisions (article, content_hash, collected, replaced, edit, title, lead, text)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_STORY: Final = "INSERT OR IGNORE INTO stories (outlet, story, published) VALUES (?, ?, ?)"
_ADD_REPEAT: Final = "INSERT OR IGNORE INTO repeats (id, content_hash) VALUES (?, ?)"
# A text that stays keeps what is known of where it came from.
_PUT_TEXT: Final = """
INSERT INTO texts (article, text) VALUES (?, ?)
ON CONFLICT (article) DO UPDATE SET text = excluded.text, visited = 0 WHERE text <> excluded.text
"""


def insert_new(connection: sqlite3.Connection, incoming: Incoming) -> None:
    """Write the articles that the store did not know, and their words."""
    new = incoming.new
    connection.executemany(_INSERT, [_row(known) for known in new])
    connection.executemany(_PUT_TEXT, _texts(new))
    _add_versions_and_stories(connection, new)
    add_words(connection, _wordings(new))


def write_repeats(connection: sqlite3.Connection, repeats: set[tuple[str, str]]) -> None:
    """Remember contents (article id, content hash) that are no version, and yet known."""
    connection.executemany(_ADD_REPEAT, sorted(repeats))


def write_seen_live(connection: sqlite3.Connection, keys: set[int]) -> None:
    """Remember that articles which came otherwise were seen live, too."""
    if keys:
        connection.execute(
            "UPDATE articles SET origin = 'live', version_origin = 'live' "
            "WHERE key IN (SELECT value FROM json_each(?))",
            (json_list(keys),),
        )
        mark_articles_dirty(connection, counted_articles(connection, list(keys)))


def write_revisions(connection: sqlite3.Connection, incoming: Incoming) -> None:
    """Replace the content of stored articles; the old versions stay as revisions.

    Each revision holds its whole text, also where only the title changed.
    """
    revised = incoming.revised
    if not revised:
        return
    keys = [known.key for known in revised]
    drop_words(connection, keys)
    connection.executemany(
        _KEEP_CURRENT.format(edit="a.version_origin = 'live' AND ? = 'live'"),
        [_replaced_row(known) for known in revised],
    )
    counted = counted_articles(connection, keys)
    connection.executemany(_UPDATE, [_update_row(known) for known in revised])
    connection.executemany(_PUT_TEXT, _texts(revised))
    _add_versions_and_stories(connection, revised)
    add_words(connection, _wordings(revised))
    pick_up_predictions(connection, keys)
    mark_articles_dirty(connection, {*counted, *counted_articles(connection, keys)})


def keep_current(connection: sqlite3.Connection, key: int, replaced: int, *, edit: bool) -> None:
    """Keep the current version of an article as a revision; `replaced` is when it ended."""
    connection.execute(_KEEP_CURRENT.format(edit="?"), (replaced, edit, key))


def pick_up_predictions(connection: sqlite3.Connection, keys: Sequence[int]) -> None:
    """Give articles the newest prediction of the content that they have now, or none."""
    connection.execute(_PICK_UP, (json_list(keys),))


def counted_articles(connection: sqlite3.Connection, keys: Sequence[int]) -> list[int]:
    """Return those of the articles that have a prediction, so that a day may count them."""
    rows = connection.execute(
        "SELECT key FROM articles "
        "WHERE prediction IS NOT NULL AND key IN (SELECT value FROM json_each(?))",
        (json_list(keys),),
    )
    return [row[0] for row in rows]


def _row(known: Known) -> tuple[object, ...]:
    first, last = known.versions[0], known.versions[-1]
    return (
        known.key, first.id, known.outlet, last.language, known.published,
        first.day.isoformat(), first.date_quality, time_to_column(last.collected),
        last.content_hash, last.story, first.url, last.author, last.section,
        last.title, last.lead, known.origin, last.origin,
    )  # fmt: skip


def _update_row(known: Known) -> tuple[object, ...]:
    last = known.versions[-1]
    return (
        last.language, time_to_column(last.collected), last.content_hash, last.story,
        last.author, last.section, last.title, last.lead, known.origin, last.origin,
        known.key,
    )  # fmt: skip


def _replaced_row(known: Known) -> tuple[object, ...]:
    first = known.versions[0]
    return time_to_column(first.collected), first.origin, known.key


def _texts(knowns: Sequence[Known]) -> list[tuple[int, str]]:
    return [(known.key, last.text) for known in knowns if (last := known.versions[-1]).text]


def _wordings(knowns: Sequence[Known]) -> list[tuple[int, str, str, str]]:
    return [
        (known.key, last.title, last.lead, last.text)
        for known in knowns
        for last in known.versions[-1:]
    ]


def _add_versions_and_stories(connection: sqlite3.Connection, knowns: Sequence[Known]) -> None:
    connection.executemany(
        _KEEP_VERSION,
        [
            _version_row(known.key, old, new)
            for known in knowns
            for old, new in pairwise(known.versions)
        ],
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


def _version_row(key: int, old: Article, new: Article) -> tuple[object, ...]:
    return (
        key, old.content_hash, time_to_column(old.collected), time_to_column(new.collected),
        old.origin is new.origin is Origin.LIVE, old.title, old.lead, old.text,
    )  # fmt: skip
