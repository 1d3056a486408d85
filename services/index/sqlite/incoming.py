"""Articles that are about to be written: what is new, what is revised, what is known."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from services.domain.article import Article, DateQuality, EntryOutcome, Origin
from services.domain.identity import content_hash
from services.domain.wording import same_wording
from services.index.sqlite.values import json_list, time_to_column

SAME_STORY: Final = timedelta(days=3)
"""How far apart two articles of one outlet with one title still are the same story."""

_REACH: Final = SAME_STORY // timedelta(microseconds=1)

_KNOWN: Final = (
    "SELECT id, key, outlet, published, content_hash{wording} FROM articles "
    "WHERE id IN (SELECT value FROM json_each(?))"
)
_ALIASES: Final = (
    "SELECT l.id, a.id, a.outlet FROM aliases l JOIN articles a ON a.key = l.article "
    "WHERE l.id IN (SELECT value FROM json_each(?))"
)
_EARLIER: Final = (
    "SELECT a.id, r.content_hash FROM articles a JOIN revisions r ON r.article = a.key "
    "WHERE a.id IN (SELECT value FROM json_each(?))"
)
_REPEATS: Final = (
    "SELECT id, content_hash FROM repeats WHERE id IN (SELECT value FROM json_each(?))"
)
_STORIES: Final = (
    "SELECT outlet, story, published FROM stories "
    "WHERE outlet IN (SELECT value FROM json_each(?)) "
    "AND story IN (SELECT value FROM json_each(?))"
)


@dataclass(slots=True)
class Known:
    """One article id: the row that stands for it, and every version it ever had.

    `content_hash`, `title`, `lead` and `origin` are those of the current version; the last three
    of stored articles are read for a live call only. `versions` are those that this call adds,
    oldest first.
    """

    id: str
    key: int
    outlet: str
    published: int
    stored: bool
    content_hash: str
    hashes: set[str]
    title: str = ""
    lead: str = ""
    origin: str = ""
    versions: list[Article] = field(default_factory=list)

    def add(self, article: Article) -> None:
        """Make `article` the current version."""
        self.versions.append(article)
        self.hashes.add(article.content_hash)
        self.content_hash = article.content_hash
        self.title, self.lead = article.title, article.lead
        if self.origin != Origin.LIVE:
            self.origin = article.origin


@dataclass(frozen=True, slots=True)
class Stored:
    """What the store knows about the ids and the stories of a call's articles.

    `known` is by id and by alias; `repeats` holds pairs of id and content hash; `text` reads
    the current text of an article by its key.
    """

    known: dict[str, Known]
    stories: dict[tuple[str, str], set[int]]
    repeats: set[tuple[str, str]]
    next_key: int
    text: Callable[[int], str]


class Incoming:
    """Judges articles one after another, as if each were written before the next."""

    def __init__(self, stored: Stored, *, live: bool = False) -> None:
        self._known = stored.known
        self._stories = stored.stories
        self._repeats = stored.repeats
        self._next_key = stored.next_key
        self._text = stored.text
        self._live = live
        self.new_repeats: set[tuple[str, str]] = set()
        self.seen_live: set[int] = set()

    @property
    def new(self) -> list[Known]:
        """The articles that have no row yet."""
        return [known for known in self._distinct() if not known.stored]

    @property
    def revised(self) -> list[Known]:
        """The stored articles that get at least one more version."""
        return [known for known in self._distinct() if known.stored and known.versions]

    def take(self, article: Article) -> EntryOutcome:
        """Say what becomes of `article`, and count it as written."""
        known = self._known.get(article.id)
        if known is None:
            return self._take_unknown(article)
        version = self._as_seen_live(article, known) if self._live else article
        if not self._says_nothing_new(version, known):
            version = self._with_text(version, known)
        if self._says_nothing_new(version, known):
            self._notice_live(article, known)
            return EntryOutcome.DUPLICATE
        if version.content_hash != article.content_hash:
            self._remember_repeat(article)  # a file that brings it again adds no version
        self._write(version, known)
        return EntryOutcome.REVISED

    def _take_unknown(self, article: Article) -> EntryOutcome:
        published = time_to_column(article.published)
        if self._repeats_story(article, published) or self._repeats_undated(article):
            self._remember_repeat(article)
            return EntryOutcome.DUPLICATE
        known = Known(article.id, self._next_key, article.outlet, published, False, "", set())
        self._next_key += 1
        self._known[article.id] = known
        self._write(article, known)
        return EntryOutcome.NEW

    def _write(self, version: Article, known: Known) -> None:
        known.add(version)
        if version.story:
            self._stories.setdefault((known.outlet, version.story), set()).add(known.published)

    def _as_seen_live(self, article: Article, known: Known) -> Article:
        """Return the version that a poll shows: one in the same words is the current one.

        A change that is taken back is a version, too. So an outlet that shows two wordings in
        turn, as caches out of step do, adds a version at each poll; nothing tells the two apart.
        """
        if article.text or not same_wording(article.title, article.lead, known.title, known.lead):
            return article
        return replace(article, content_hash=known.content_hash)  # its text need not be read

    def _with_text(self, article: Article, known: Known) -> Article:
        """Return the version with the text that is known: a source without takes none away."""
        if article.text.strip():
            return article
        text = known.versions[-1].text if known.versions else self._text(known.key)
        if not text:
            return article
        changed = content_hash(article.title, article.lead, text)
        return replace(article, text=text, content_hash=changed)

    def _says_nothing_new(self, version: Article, known: Known) -> bool:
        if self._live:  # what is shown now is current, also when it was shown before
            return version.content_hash == known.content_hash or version.outlet != known.outlet
        return (
            version.content_hash in known.hashes
            or (known.id, version.content_hash) in self._repeats
        )

    def _notice_live(self, article: Article, known: Known) -> None:
        ours = article.outlet == known.outlet and article.origin is Origin.LIVE
        if self._live and ours and known.origin != Origin.LIVE:
            known.origin = Origin.LIVE
            if known.stored:
                self.seen_live.add(known.key)

    def _distinct(self) -> list[Known]:
        return list({known.key: known for known in self._known.values()}.values())

    def _remember_repeat(self, article: Article) -> None:
        version = (article.id, article.content_hash)
        if version not in self._repeats:
            self._repeats.add(version)
            self.new_repeats.add(version)

    def _repeats_undated(self, article: Article) -> bool:
        """True for what repeated a story while that was new; its own date is always today."""
        undated = article.date_quality is DateQuality.ASSUMED
        return undated and (article.id, article.content_hash) in self._repeats

    def _repeats_story(self, article: Article, published: int) -> bool:
        if not article.story:
            return False
        told = self._stories.get((article.outlet, article.story), ())
        return any(abs(published - other) <= _REACH for other in told)


def load_stored(
    connection: sqlite3.Connection, articles: Sequence[Article], *, live: bool
) -> Stored:
    """Read what the store knows about the ids and the stories of `articles`."""
    outlets = {article.id: article.outlet for article in articles}
    aliases = {
        alias: article_id
        for alias, article_id, outlet in connection.execute(_ALIASES, (json_list(outlets),))
        if outlets[alias] == outlet  # an outlet that reprints another one's article may say so
    }
    ids = json_list({*outlets, *aliases.values()})
    known = {
        row[0]: Known(row[0], row[1], row[2], row[3], True, row[4], {row[4]}, *row[5:])
        for row in connection.execute(
            _KNOWN.format(wording=", title, lead, version_origin" if live else ""), (ids,)
        )
    }
    for article_id, earlier in connection.execute(_EARLIER, (ids,)):
        known[article_id].hashes.add(earlier)
    repeats = set(connection.execute(_REPEATS, (ids,)))
    for alias, article_id in aliases.items():
        known.setdefault(alias, known[article_id])
    next_key = connection.execute("SELECT coalesce(max(key), 0) + 1 FROM articles").fetchone()[0]

    def text(key: int) -> str:
        row = connection.execute("SELECT text FROM texts WHERE article = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    return Stored(known, _load_stories(connection, articles), repeats, next_key, text)


def _load_stories(
    connection: sqlite3.Connection, articles: Sequence[Article]
) -> dict[tuple[str, str], set[int]]:
    told: dict[tuple[str, str], set[int]] = {}
    outlets = json_list({article.outlet for article in articles})
    stories = json_list({article.story for article in articles if article.story})
    for outlet, story, published in connection.execute(_STORIES, (outlets, stories)):
        told.setdefault((outlet, story), set()).add(published)
    return told
