"""Stories that several outlets carry: bands to find copies by, and clusters of copies.

A cluster is named by the smallest key among its articles, so that its name does not depend on
the order in which its copies were found.
"""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from services.domain.article import Article
from services.domain.syndication import Copy, Signature
from services.index.sqlite.article_rows import COLUMNS, JOIN_TEXT, article_from_row
from services.index.sqlite.connection import Database
from services.index.sqlite.dirty import mark_articles_dirty
from services.index.sqlite.values import json_list, time_from_column, time_to_column

_UNLINKED: Final = (
    f"SELECT {COLUMNS} FROM articles a {JOIN_TEXT} WHERE a.linked = 0 "
    "ORDER BY a.published, a.id LIMIT ?"
)
_MATES: Final = """
SELECT a.id, b.band FROM bands b JOIN articles a ON a.key = b.article
WHERE b.band IN (SELECT value FROM json_each(?)) AND b.published BETWEEN ? AND ?
ORDER BY a.id, b.band
"""
_CURRENT: Final = """
SELECT id, key, published, content_hash FROM articles
WHERE id IN (SELECT value FROM json_each(?))
"""
_COPY: Final = "a.id, a.outlet, a.published, a.title, a.url"
_COPIES: Final = f"""
SELECT w.id, {_COPY} FROM articles w JOIN copies c ON c.article = w.key
JOIN copies o ON o.cluster = c.cluster JOIN articles a ON a.key = o.article
WHERE w.id IN (SELECT value FROM json_each(?)) ORDER BY a.published, a.id
"""
# The first day of a cluster is only known from all its copies, wherever they fall.
_CLUSTERS: Final = """
SELECT c.cluster FROM copies c JOIN articles a ON a.key = c.article
WHERE c.cluster IN (
    SELECT m.cluster FROM copies m JOIN articles n ON n.key = m.article
    WHERE n.day BETWEEN :since AND :until
) GROUP BY c.cluster HAVING count(DISTINCT a.outlet) > 1 AND min(a.day) >= :since
ORDER BY count(DISTINCT a.outlet) DESC, min(a.published) DESC, c.cluster LIMIT :limit
"""
_MEMBERS: Final = f"""
SELECT c.cluster, {_COPY} FROM copies c JOIN articles a ON a.key = c.article
WHERE c.cluster IN (SELECT value FROM json_each(?)) ORDER BY a.published, a.id
"""


class Syndication:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unlinked(self, limit: int) -> list[Article]:
        """Return articles whose current content was not compared with others, oldest first."""
        with self._database.reading() as connection:
            return [article_from_row(row) for row in connection.execute(_UNLINKED, (limit,))]

    def band_mates(
        self, bands: Sequence[int], since: datetime, until: datetime
    ) -> dict[str, tuple[int, ...]]:
        """Return ids of articles published since..until that share a band, with those bands."""
        span = (time_to_column(since), time_to_column(until))
        found: dict[str, list[int]] = {}
        with self._database.reading() as connection:
            for article_id, band in connection.execute(_MATES, (json_list(bands), *span)):
                found.setdefault(article_id, []).append(band)
        return {article_id: tuple(shared) for article_id, shared in found.items()}

    def save_signatures(
        self, signatures: Sequence[Signature], pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Remember bands, replacing those of the same article, and which articles are copies."""
        wanted = {s.article_id for s in signatures} | {name for pair in pairs for name in pair}
        with self._database.writing() as connection:
            known = {row[0]: row[1:] for row in connection.execute(_CURRENT, (json_list(wanted),))}
            fresh = [s for s in signatures if _is_current(s, known)]
            _put_bands(connection, [(known[s.article_id], s) for s in fresh])
            current = known.keys() - {s.article_id for s in signatures if not _is_current(s, known)}
            join(
                connection,
                [(known[a][0], known[b][0]) for a, b in pairs if {a, b} <= current],
            )

    def copies(self, article_ids: Sequence[str]) -> dict[str, tuple[Copy, ...]]:
        """Return the cluster of each article that is in one, first published first."""
        found: dict[str, list[Copy]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(_COPIES, (json_list(article_ids),)):
                found.setdefault(row[0], []).append(_copy(row[1:]))
        return {name: tuple(found[name]) for name in article_ids if name in found}

    def clusters(self, since: date, until: date, limit: int) -> list[tuple[Copy, ...]]:
        """Return clusters of two outlets or more whose first copy falls on these days."""
        span = {"since": since.isoformat(), "until": until.isoformat(), "limit": limit}
        with self._database.reading() as connection:
            names = [row[0] for row in connection.execute(_CLUSTERS, span)]
            members: dict[int, list[Copy]] = {name: [] for name in names}
            for row in connection.execute(_MEMBERS, (json_list(names),)):
                members[row[0]].append(_copy(row[1:]))
        return [tuple(members[name]) for name in names]


def join(connection: sqlite3.Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Join the clusters of pairs of articles (by key) and mark the days of what changed."""
    changed: set[int] = set()
    for one, other in pairs:
        if one == other:
            continue
        names = {_cluster(connection, one), _cluster(connection, other)}
        if len(names) == 1:
            continue
        name = min(names)
        connection.execute(
            "UPDATE copies SET cluster = ? WHERE cluster IN (SELECT value FROM json_each(?))",
            (name, json_list(names)),
        )
        connection.executemany(
            "INSERT OR IGNORE INTO copies (article, cluster) VALUES (?, ?)",
            [(one, name), (other, name)],
        )
        changed.add(one)
    mark_articles_dirty(connection, changed)


def _cluster(connection: sqlite3.Connection, key: int) -> int:
    """Return the cluster of an article; one that stands alone is a cluster of itself."""
    row = connection.execute("SELECT cluster FROM copies WHERE article = ?", (key,)).fetchone()
    return row[0] if row else key


def _is_current(signature: Signature, known: dict[str, tuple[Any, ...]]) -> bool:
    row = known.get(signature.article_id)
    return row is not None and row[2] == signature.content_hash


def _put_bands(
    connection: sqlite3.Connection, signed: Sequence[tuple[tuple[Any, ...], Signature]]
) -> None:
    keys = [(row[0],) for row, _ in signed]
    connection.executemany("DELETE FROM bands WHERE article = ?", keys)
    connection.executemany(
        "INSERT OR IGNORE INTO bands (band, published, article) VALUES (?, ?, ?)",
        [(band, row[1], row[0]) for row, signature in signed for band in signature.bands],
    )
    connection.executemany("UPDATE articles SET linked = 1 WHERE key = ?", keys)


def _copy(row: Sequence[Any]) -> Copy:
    return Copy(row[0], row[1], time_from_column(row[2]), row[3], row[4])
