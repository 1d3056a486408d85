"""Stories that several outlets carry: bands to find copies by, and clusters of copies.

A cluster is what the stored pairs of copies connect. It is named by the smallest key among its
articles, so that its name does not depend on the order in which its copies were found.
"""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from services.domain.article import Article
from services.domain.syndication import Copy, Mate, Signature
from services.index.sqlite.article_rows import COLUMNS, JOIN_TEXT, article_from_row
from services.index.sqlite.connection import Database
from services.index.sqlite.dirty import mark_articles_dirty
from services.index.sqlite.values import json_list, time_from_column, time_to_column

_UNLINKED: Final = (
    f"SELECT {COLUMNS} FROM articles a {JOIN_TEXT} WHERE a.linked = 0 "
    "ORDER BY a.published, a.id LIMIT ?"
)
# A band that many articles hold is not read to its end.
_HOLDERS: Final = """
SELECT article FROM bands WHERE band = ? AND published BETWEEN ? AND ?
ORDER BY published, article LIMIT ?
"""
_MATES: Final = """
SELECT key, id, outlet, content_hash FROM articles
WHERE key IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_CURRENT: Final = """
SELECT id, key, published, content_hash FROM articles
WHERE id IN (SELECT value FROM json_each(?))
"""
_FOUND_PAIRS: Final = """
SELECT one, other FROM copy_pairs
WHERE stated = 0 AND one IN (SELECT value FROM json_each(:keys))
UNION SELECT one, other FROM copy_pairs
WHERE stated = 0 AND other IN (SELECT value FROM json_each(:keys))
"""
_PUT_PAIR: Final = """
INSERT INTO copy_pairs (one, other, stated) VALUES (?, ?, ?)
ON CONFLICT (one, other) DO UPDATE SET stated = 1 WHERE excluded.stated AND NOT stated
"""
_TOGETHER: Final = """
SELECT article FROM copies WHERE cluster IN (
    SELECT cluster FROM copies WHERE article IN (SELECT value FROM json_each(?))
)
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
        self, bands: Sequence[int], since: datetime, until: datetime, limit: int
    ) -> dict[str, Mate]:
        """Return articles published since..until that share a band, `limit` of each band."""
        span = (time_to_column(since), time_to_column(until), limit)
        shared: dict[int, list[int]] = {}
        with self._database.reading() as connection:
            for band in sorted(bands):
                for (key,) in connection.execute(_HOLDERS, (band, *span)):
                    shared.setdefault(key, []).append(band)
            return {
                article_id: Mate(outlet, content_hash, tuple(shared[key]))
                for key, article_id, outlet, content_hash in connection.execute(
                    _MATES, (json_list(shared),)
                )
            }

    def save_signatures(
        self, signatures: Sequence[Signature], pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Remember bands and pairs of copies, replacing those of the same articles."""
        wanted = {s.article_id for s in signatures} | {name for pair in pairs for name in pair}
        with self._database.writing() as connection:
            known = {row[0]: row[1:] for row in connection.execute(_CURRENT, (json_list(wanted),))}
            fresh = [s for s in signatures if _is_current(s, known)]
            _put_bands(connection, [(known[s.article_id], s) for s in fresh])
            current = known.keys() - {s.article_id for s in signatures if not _is_current(s, known)}
            found = _ordered((known[a][0], known[b][0]) for a, b in pairs if {a, b} <= current)
            _part(connection, [known[s.article_id][0] for s in fresh], found)
            _connect(connection, found, stated=False)

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
    """Make copies of pairs of articles (by key), whatever comparing them says later."""
    _connect(connection, _ordered(pairs), stated=True)


def _ordered(pairs: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]}


def _connect(
    connection: sqlite3.Connection, pairs: Iterable[tuple[int, int]], *, stated: bool
) -> None:
    rows = sorted(pairs)
    connection.executemany(_PUT_PAIR, [(*pair, stated) for pair in rows])
    _merge(connection, rows)


def _part(
    connection: sqlite3.Connection, keys: Iterable[int], found: Collection[tuple[int, int]]
) -> None:
    """Drop the pairs of articles that were not found again, and part what they alone connected."""
    rows = connection.execute(_FOUND_PAIRS, {"keys": json_list(keys)}).fetchall()
    lost = sorted(set(rows).difference(found))
    if not lost:
        return
    connection.executemany("DELETE FROM copy_pairs WHERE one = ? AND other = ?", lost)
    ends = json_list(key for pair in lost for key in pair)
    members = [row[0] for row in connection.execute(_TOGETHER, (ends,))]
    mark_articles_dirty(connection, members)
    connection.executemany("DELETE FROM copies WHERE article = ?", [(key,) for key in members])
    left = connection.execute(
        "SELECT one, other FROM copy_pairs WHERE one IN (SELECT value FROM json_each(?))",
        (json_list(members),),
    ).fetchall()
    _merge(connection, left)


def _merge(connection: sqlite3.Connection, pairs: Sequence[tuple[int, int]]) -> None:
    """Join the clusters of pairs of articles and mark the days of what changed."""
    clusters = {key: key for pair in pairs for key in pair}
    clusters.update(
        connection.execute(
            "SELECT article, cluster FROM copies WHERE article IN (SELECT value FROM json_each(?))",
            (json_list(clusters),),
        ).fetchall()
    )
    names = {name: name for name in clusters.values()}
    for one, other in pairs:
        first, second = _root(names, clusters[one]), _root(names, clusters[other])
        names[max(first, second)] = min(first, second)
    moved = [(_root(names, name), name) for name in names if names[name] != name]
    connection.executemany("UPDATE copies SET cluster = ? WHERE cluster = ?", moved)
    connection.executemany(
        "INSERT OR IGNORE INTO copies (article, cluster) VALUES (?, ?)",
        [(key, _root(names, name)) for key, name in clusters.items()],
    )
    mark_articles_dirty(connection, {name for name, _ in moved})


def _root(names: dict[int, int], name: int) -> int:
    """Return the smallest of the names that were joined; the way to it is made shorter."""
    while names[name] != name:
        names[name] = names[names[name]]
        name = names[name]
    return name


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
