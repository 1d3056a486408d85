"""What a source names, in which portions, and how each found address may end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

Cursor = Mapping[str, object]
"""Where a source goes on: small, and JSON."""

SLACK: Final = timedelta(days=1)
"""A day in an address or a listing may be that of another zone."""


class FoundOutcome(StrEnum):
    """How one found address ended; every one ends in exactly one."""

    NEW = "new"
    KNOWN = "known"  # in the store already
    REPEATED = "repeated"  # found before by this command, or the story is in the store
    OUT_OF_RANGE = "out_of_range"
    NO_DATE = "no_date"  # none that can be trusted
    NO_TITLE = "no_title"
    NOT_AN_ARTICLE = "not_an_article"  # by its address
    ELSEWHERE = "elsewhere"  # on another site than the outlet's
    DISALLOWED = "disallowed"  # by the site's robots.txt
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are asked for, both included."""

    since: date
    until: date

    def holds(self, day: date) -> bool:
        """True for a day within the span."""
        return self.since <= day <= self.until

    def months(self) -> Iterator[Span]:
        """Yield the parts of the span that lie in one month each."""
        since = self.since
        while since <= self.until:
            following = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield Span(since, min(self.until, following - timedelta(days=1)))
            since = following

    def may_hold(self, first: date, last: date) -> bool:
        """True when one of the days from `first` to `last`, in whatever zone, is within it."""
        return first - SLACK <= self.until and last + SLACK >= self.since


@dataclass(frozen=True, slots=True)
class Found:
    """One address that a source names. Times are aware UTC.

    `published` is as the source states it, `changed` when the page was last changed (a sitemap's
    lastmod), `captured` when an archive saved it; `copy` is the address of the archive's copy.
    """

    url: str
    title: str = ""
    summary: str = ""
    published: datetime | None = None
    changed: datetime | None = None
    captured: datetime | None = None
    copy: str = ""
    author: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one document of a source names.

    `place` says for a reader which document. Once all of it is dealt with, the source may go on
    from `cursor`. `left` counts the documents known to be left to read, None when unknown.
    """

    place: str
    found: tuple[Found, ...]
    cursor: Cursor = field(default_factory=dict)
    left: int | None = None
