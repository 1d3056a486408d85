"""Articles, their versions, and which of them still have to be classified."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from services.domain.article import Article, DateQuality, EntryOutcome, Revision
from services.index.sqlite.connection import Database
from services.index.sqlite.incoming import load_incoming
from services.index.sqlite.models import model_key
from services.index.sqlite.values import json_list, storable, time_from_column
from services.index.sqlite.writing_articles import insert_new, write_repeats, write_revisions

COLUMNS: Final = (
    "a.id, a.outlet, a.url, a.title, a.lead, coalesce(t.text, ''), a.language, a.published, "
    "a.date_quality, a.collected, a.content_hash, a.story, a.author, a.section"
)
"""What `article_from_row` reads, from `articles a` and `JOIN_TEXT`."""
JOIN_TEXT: Final = "LEFT JOIN texts t ON t.article = a.key"

# One walk over the articles that were last classified by a given model, newest first.
_TO_DO: Final = """
SELECT a.published, a.id FROM articles a
WHERE a.model IS ? AND NOT EXISTS (
    SELECT 1 FROM predictions p
    WHERE p.article = a.key AND p.model = ? AND p.content_hash = a.content_hash
) ORDER BY a.published DESC, a.id LIMIT ?
"""


class Articles:
    """See the Store protocol for the contract of each method."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_articles(self, articles: Sequence[Article]) -> list[EntryOutcome]:
        """Write articles; one outcome each, in order: NEW, DUPLICATE or REVISED."""
        if not articles:
            return []
        cleaned = [_cleaned(article) for article in articles]
        with self._database.writing() as connection:
            incoming = load_incoming(connection, cleaned)
            outcomes = [incoming.take(article) for article in cleaned]
            insert_new(connection, incoming)
            write_revisions(connection, incoming)
            write_repeats(connection, incoming)
        return outcomes

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Return the current versions by id, in the order asked for; unknown ids are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(
                f"SELECT {COLUMNS} FROM articles a {JOIN_TEXT} "
                "WHERE a.id IN (SELECT value FROM json_each(?))",
                (json_list(ids),),
            ).fetchall()
        found = {row[0]: article_from_row(row) for row in rows}
        return {name: found[name] for name in ids if name in found}

    def revisions(self, article_id: str) -> list[Revision]:
        """Return all versions, oldest first, the current one last."""
        with self._database.reading() as connection:
            rows = connection.execute(
                "SELECT r.content_hash, r.collected, r.title, r.lead, r.text FROM revisions r "
                "JOIN articles a ON a.key = r.article WHERE a.id = ? ORDER BY r.key",
                (article_id,),
            ).fetchall()
            rows += connection.execute(
                "SELECT a.content_hash, a.collected, a.title, a.lead, coalesce(t.text, '') "
                f"FROM articles a {JOIN_TEXT} WHERE a.id = ?",
                (article_id,),
            ).fetchall()
        return [
            Revision(article_id, row[0], time_from_column(row[1]), row[2], row[3], row[4])
            for row in rows
        ]

    def unclassified(self, model: str, limit: int) -> list[str]:
        """Return ids of articles whose current content `model` has not seen, newest first."""
        found: list[tuple[int, str]] = []
        with self._database.reading() as connection:
            key = model_key(connection, model)
            others = [row[0] for row in connection.execute("SELECT key FROM models")]
            # Each walk is one range of an index, and in daily use all but the first are
            # empty or end at `limit`.
            for other in (None, *others):
                if other is None or other != key:
                    found += connection.execute(_TO_DO, (other, key, limit)).fetchall()
        found.sort(key=lambda row: (-row[0], row[1]))
        return [article_id for _, article_id in found[:limit]]


def article_from_row(row: Sequence[Any]) -> Article:
    """Return the article of a row of `COLUMNS`."""
    return Article(
        id=row[0],
        outlet=row[1],
        url=row[2],
        title=row[3],
        lead=row[4],
        text=row[5],
        language=row[6],
        published=time_from_column(row[7]),
        date_quality=DateQuality(row[8]),
        collected=time_from_column(row[9]),
        content_hash=row[10],
        story=row[11],
        author=row[12],
        section=row[13],
    )


def _cleaned(article: Article) -> Article:
    texts = (article.title, article.lead, article.text, article.author, article.section)
    cleaned = tuple(map(storable, texts))
    if cleaned == texts:
        return article
    title, lead, text, author, section = cleaned
    return replace(article, title=title, lead=lead, text=text, author=author, section=section)
