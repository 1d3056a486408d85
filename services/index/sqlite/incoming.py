"""Articles that are about to be written: what is new, what is revised, what is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from services.domain.article import Article, EntryOutcome
from services.index.sqlite.values import json_list, time_to_column

SAME_STORY: Final = timedelta(days=3)
"""How far apart two articles of one outlet with one title still are the same story."""

_REACH: Final = SAME_STORY // timedelta(microseconds=1)


@dataclass(slots=True)
class Known:
    """One article id: the row that stands for it, and every version it ever had.

    `versions` are those that this call adds, oldest first.
    """

    key: int
    outlet: str
    published: int
    stored: bool
    hashes: set[str]
    versions: list[Article] = field(default_factory=list)


class Incoming:
    """Judges articles one after another, as if each were written before the next."""

    def __init__(
        self,
        known: dict[str, Known],
        stories: dict[tuple[str, str], set[int]],
        repeats: set[tuple[str, str]],
        next_key: int,
    ) -> None:
        self._known = known
        self._stories = stories
        self._repeats = repeats
        self._next_key = next_key
        self.new_repeats: set[tuple[str, str]] = set()

    @property
    def new(self) -> list[Known]:
        """The articles that have no row yet."""
        return [known for known in self._known.values() if not known.stored]

    @property
    def revised(self) -> list[Known]:
        """The stored articles that get at least one more version."""
        return [known for known in self._known.values() if known.stored and known.versions]

    def take(self, article: Article) -> EntryOutcome:
        """Say what becomes of `article`, and count it as written."""
        known = self._known.get(article.id)
        if known is None:
            published = time_to_column(article.published)
            if self._repeats_story(article, published):
                self._remember_repeat(article)
                return EntryOutcome.DUPLICATE
            known = Known(self._next_key, article.outlet, published, False, set())
            self._known[article.id] = known
            self._next_key += 1
        elif (
            article.content_hash in known.hashes
            or (article.id, article.content_hash) in self._repeats
        ):
            return EntryOutcome.DUPLICATE
        outcome = EntryOutcome.REVISED if known.hashes else EntryOutcome.NEW
        known.hashes.add(article.content_hash)
        known.versions.append(article)
        if article.story:
            self._stories.setdefault((known.outlet, article.story), set()).add(known.published)
        return outcome

    def _remember_repeat(self, article: Article) -> None:
        version = (article.id, article.content_hash)
        if version not in self._repeats:
            self._repeats.add(version)
            self.new_repeats.add(version)

    def _repeats_story(self, article: Article, published: int) -> bool:
        if not article.story:
            return False
        told = self._stories.get((article.outlet, article.story), ())
        return any(abs(published - other) <= _REACH for other in told)


def load_incoming(connection: sqlite3.Connection, articles: Sequence[Article]) -> Incoming:
    """Read what the store knows about the ids and the stories of `articles`."""
    ids = json_list({article.id for article in articles})
    known = {
        row[0]: Known(row[1], row[2], row[3], True, {row[4]})
        for row in connection.execute(
            "SELECT id, key, outlet, published, content_hash FROM articles "
            "WHERE id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
    }
    for article_id, content_hash in connection.execute(
        "SELECT a.id, r.content_hash FROM articles a JOIN revisions r ON r.article = a.key "
        "WHERE a.id IN (SELECT value FROM json_each(?))",
        (ids,),
    ):
        known[article_id].hashes.add(content_hash)
    repeats = set(
        connection.execute(
            "SELECT id, content_hash FROM repeats WHERE id IN (SELECT value FROM json_each(?))",
            (ids,),
        )
    )
    next_key = connection.execute("SELECT coalesce(max(key), 0) + 1 FROM articles").fetchone()[0]
    return Incoming(known, _load_stories(connection, articles), repeats, next_key)


def _load_stories(
    connection: sqlite3.Connection, articles: Sequence[Article]
) -> dict[tuple[str, str], set[int]]:
    told: dict[tuple[str, str], set[int]] = {}
    outlets = json_list({article.outlet for article in articles})
    stories = json_list({article.story for article in articles if article.story})
    for outlet, story, published in connection.execute(
        "SELECT outlet, story, published FROM stories "
        "WHERE outlet IN (SELECT value FROM json_each(?)) "
        "AND story IN (SELECT value FROM json_each(?))",
        (outlets, stories),
    ):
        told.setdefault((outlet, story), set()).add(published)
    return told
