"""Articles, their versions, and which of them still have to be classified."""

# ruff: noqa: S608 - only constants are put into SQL; values are always bound
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from services.domain.article import Article, EntryOutcome
from services.index.sqlite.article_rows import COLUMNS, JOIN_TEXT, article_from_row
from services.index.sqlite.connection import Database
from services.index.sqlite.incoming import Incoming, load_stored
from services.index.sqlite.models import model_key
from services.index.sqlite.pages import plan_visits
from services.index.sqlite.values import json_list, storable
from services.index.sqlite.writing_articles import (
    insert_new,
    write_repeats,
    write_revisions,
    write_seen_live,
)

_BY_ID: Final = (
    f"SELECT {COLUMNS} FROM articles a {JOIN_TEXT} WHERE a.id IN (SELECT value FROM json_each(?))"
)
_BY_ALIAS: Final = (
    f"SELECT l.id, {COLUMNS} FROM aliases l JOIN articles a ON a.key = l.article {JOIN_TEXT} "
    "WHERE l.id IN (SELECT value FROM json_each(?))"
)

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

    def add_articles(
        self,
        articles: Sequence[Article],
        *,
        live: bool = False,
        visit_at: datetime | None = None,
    ) -> list[EntryOutcome]:
        """Write articles; one outcome each, in order: NEW, DUPLICATE or REVISED."""
        if not articles:
            return []
        cleaned = [_cleaned(article) for article in articles]
        with self._database.writing() as connection:
            incoming = Incoming(load_stored(connection, cleaned, live=live), live=live)
            outcomes = [incoming.take(article) for article in cleaned]
            insert_new(connection, incoming)
            write_revisions(connection, incoming)
            write_repeats(connection, incoming.new_repeats)
            write_seen_live(connection, incoming.seen_live)
            if visit_at is not None:
                keys = [known.key for known in (*incoming.new, *incoming.revised)]
                plan_visits(connection, keys, visit_at)
        return outcomes

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Return the current versions by id, in the order asked for; unknown ids are left out."""
        with self._database.reading() as connection:
            rows = connection.execute(_BY_ID, (json_list(ids),)).fetchall()
            found = {row[0]: article_from_row(row) for row in rows}
            missing = [name for name in ids if name not in found]
            if missing:
                rows = connection.execute(_BY_ALIAS, (json_list(missing),)).fetchall()
                found.update((row[0], article_from_row(row[1:])) for row in rows)
        return {name: found[name] for name in ids if name in found}

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


def _cleaned(article: Article) -> Article:
    texts = (article.title, article.lead, article.text, article.author, article.section)
    cleaned = tuple(map(storable, texts))
    if cleaned == texts:
        return article
    title, lead, text, author, section = cleaned
    return replace(article, title=title, lead=lead, text=text, author=author, section=section)
