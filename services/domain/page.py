"""Visits to the page of an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PageOutcome(StrEnum):
    """How the last visit to a page ended."""

    WAITING = "waiting"  # not visited yet
    TEXT = "text"
    UNCHANGED = "unchanged"
    NO_TEXT = "no_text"  # a page without an article in it
    TEASER = "teaser"  # a paywall: the beginning only
    DISALLOWED = "disallowed"  # by the site's robots.txt
    UNREACHABLE = "unreachable"  # any failure to fetch; the sentence says which


@dataclass(frozen=True, slots=True)
class PageVisit:
    """What is remembered of an article's page. Times are aware UTC.

    `due` is when to visit it next, None when no more. `visits` counts successful ones,
    `failures` those in a row that failed. `body_hash` is of the page's bytes: while it stays,
    nothing is extracted anew. `plans` counts changes of the article that asked for a visit after
    the first, so that one that comes while a visit is under way is not lost.
    """

    article_id: str
    outlet: str
    url: str
    due: datetime | None
    visits: int = 0
    failures: int = 0
    body_hash: str = ""
    outcome: PageOutcome = PageOutcome.WAITING
    sentence: str = ""
    visited: datetime | None = None
    plans: int = 0
