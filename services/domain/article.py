"""An article, the feed entry it came from, and what became of each entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DateQuality(StrEnum):
    """Where `published` comes from."""

    STATED = "stated"
    CLAMPED = "clamped"  # the stated date lies in the future: the time of collection stands in
    ASSUMED = "assumed"  # none was stated: the time of collection stands in


class Origin(StrEnum):
    """How an article came to us. Only LIVE ones were seen when they were published."""

    LIVE = "live"
    IMPORTED = "imported"  # from a file
    BACKFILLED = "backfilled"  # from an archive or sitemap: what is left, not what was published


class EntryOutcome(StrEnum):
    """How one feed entry or import row ended; every one ends in exactly one."""

    NEW = "new"
    DUPLICATE = "duplicate"
    REVISED = "revised"
    COMPLETED = "completed"  # a page brought the text that the feed had left out
    NO_LINK = "no_link"
    NO_TITLE = "no_title"
    BAD_ROW = "bad_row"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry as the feed states it: plain text, no markup, nothing guessed.

    `guid_is_link` is true when the feed says that its guid is a permanent link, and the guid is
    an http(s) address on the feed's own site. `modified` is when the entry says it was changed
    after it was published; `language` what it says of itself, as ISO 639-1.
    """

    url: str
    title: str
    summary: str = ""
    published: datetime | None = None
    author: str = ""
    section: str = ""
    guid: str = ""
    language: str = ""
    date_quality: DateQuality = DateQuality.ASSUMED
    guid_is_link: bool = False
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One version of an article.

    `url` is canonical; `published` and `collected` are aware UTC; `language` is an ISO 639-1
    code or "und"; `lead` is the summary or first sentences; `text` may be empty when the page
    is out of reach; `story` is `identity.story_key(title)`.
    """

    id: str
    outlet: str
    url: str
    title: str
    lead: str
    text: str
    language: str
    published: datetime
    date_quality: DateQuality
    collected: datetime
    content_hash: str
    story: str
    author: str = ""
    section: str = ""
    origin: Origin = Origin.LIVE

    @property
    def day(self) -> date:
        """The UTC day on which the article counts."""
        return self.published.date()


@dataclass(frozen=True, slots=True)
class Revision:
    """An earlier or current version of an article, as it stood when it was `collected`."""

    article_id: str
    content_hash: str
    collected: datetime
    title: str
    lead: str
    text: str
