"""Stories that several outlets carry: who published first, and who followed after how long.

The times are those that the outlets state in their feeds. Who is first by them need not be the
source: an outlet may state a wrong time, and an outlet that is not watched may have been
earlier. When an article was first seen here stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from services.context import Context
from services.domain.article import Article, DateQuality, Origin
from services.domain.syndication import Copy
from services.errors import UsageError
from services.queries.names import Names, check_days, day, outlet_ids

MAX_STORIES: Final = 1000
DAYS: Final = 7
"""The days that are asked for when none are named, up to today."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One article of a story. `after` is counted from the first one's publication.

    `seen` is when the article was first seen here, whatever was changed in it since; None when
    it was not seen as it came out.
    """

    article: Article
    first: bool
    after: timedelta
    seen: datetime | None

    @property
    def stated(self) -> bool:
        """True when the feed states the time; else it is the time of collection."""
        return self.article.date_quality is DateQuality.STATED


@dataclass(frozen=True, slots=True)
class Story:
    """A story as its outlets carry it, the first one first."""

    tellings: tuple[Telling, ...]

    @property
    def outlets(self) -> int:
        """How many outlets carry it."""
        return len({item.article.outlet for item in self.tellings})


def carried(context: Context, article_id: str) -> Story | None:
    """Return the story of this article where another outlet carries it too; else None."""
    copies = context.store.copies((article_id,)).get(article_id, ())
    story = next(iter(_stories(context, [copies])), None)
    return story if story and story.outlets > 1 else None


def stories(
    context: Context,
    *,
    outlet: Names = (),
    group: Names = (),
    since: date | str | None = None,
    until: date | str | None = None,
    limit: int = 20,
) -> list[Story]:
    """Return stories whose first copy falls on these days: most outlets first, then newest.

    With outlets or groups only those that one of them carries. Raises UsageError for names and
    days that cannot be.
    """
    if not 1 <= limit <= MAX_STORIES:
        raise UsageError(f"'limit' is {limit}, but must be between 1 and {MAX_STORIES}.")
    first, last = story_days(context, since, until)
    wanted = frozenset(outlet_ids(context, outlet, group))
    clusters = context.store.clusters(first, last, MAX_STORIES if wanted else limit)
    chosen = [
        copies
        for copies in clusters
        if not wanted or not wanted.isdisjoint(copy.outlet for copy in copies)
    ]
    return _stories(context, chosen[:limit])


def story_days(
    context: Context, since: date | str | None, until: date | str | None
) -> tuple[date, date]:
    """Return the days to look at; the last `DAYS` up to today where none are given."""
    first, last = day(since, "since"), day(until, "until")
    check_days(first, last)
    last = last or max(context.clock().date(), first or date.min)
    return first or last - timedelta(days=DAYS - 1), last


def story_row(context: Context, story: Story) -> dict[str, Any]:
    """Return a story in the form that the API and `--json` share."""
    first = story.tellings[0].article
    return {
        "id": first.id,
        "title": first.title,
        "language": first.language,
        "published": first.published.isoformat(),
        "first": first.outlet,
        "outlets": story.outlets,
        "articles": [
            {
                "id": item.article.id,
                "outlet": item.article.outlet,
                "name": outlet_name(context, item.article.outlet),
                "title": item.article.title,
                "url": item.article.url,
                "published": item.article.published.isoformat(),
                "stated": item.stated,
                "after_seconds": int(item.after.total_seconds()),
                "first": item.first,
                "first_seen": item.seen.isoformat() if item.seen else None,
                "origin": item.article.origin.value,
            }
            for item in story.tellings
        ],
    }


def outlet_name(context: Context, outlet: str) -> str:
    """Return what a reader calls an outlet; its id when the catalogue lacks it by now."""
    found = context.catalogue.get(outlet)
    return found.name if found else outlet


def _stories(context: Context, clusters: Iterable[tuple[Copy, ...]]) -> list[Story]:
    clusters = [copies for copies in clusters if copies]
    articles = context.store.articles([copy.article_id for copies in clusters for copy in copies])
    found = []
    for copies in clusters:
        known = [articles[copy.article_id] for copy in copies if copy.article_id in articles]
        if known:
            began = known[0].published
            tellings = (
                Telling(
                    article,
                    article is known[0],
                    article.published - began,
                    _first_seen(context, article),
                )
                for article in known
            )
            found.append(Story(tuple(tellings)))
    return found


def _first_seen(context: Context, article: Article) -> datetime | None:
    """When its first version was seen; an edit later on says nothing of that."""
    if article.origin is not Origin.LIVE:
        return None
    return min(version.collected for version in context.store.revisions(article.id))
