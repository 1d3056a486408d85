"""What we make of the dates that feeds state: the first sensible one, and how good it is."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from services.collect.feeds.date_text import read_date
from services.domain.article import DateQuality

OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web there were no articles on it; 1970 is what a missing date often looks like."""
SKEW: Final = timedelta(minutes=5)
"""So far ahead of ours an outlet's clock may run without its dates being called wrong."""


def moment_of(text: str, zone: str, parsed: time.struct_time | None = None) -> datetime | None:
    """Return the moment that `text` states; see `read_date`.

    `parsed` is what feedparser made of the same text. It counts where we cannot read the text
    and it is no plain ASCII: feedparser knows Greek, Hungarian and Korean forms, but takes a
    date without a zone for UTC and a bare number for a century.
    """
    moment = read_date(text, zone)
    return from_struct(parsed) if moment is None and text and not text.isascii() else moment


def from_struct(value: time.struct_time | None) -> datetime | None:
    """Return feedparser's UTC `struct_time` as an aware datetime; None when it is no date."""
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def judge(stated: Iterable[datetime | None], now: datetime) -> tuple[datetime | None, DateQuality]:
    """Return the first sensible date and how good it is.

    A date in the future becomes `now`, and is marked (CLAMPED) unless it is ahead by no more
    than `SKEW`; one before `OLDEST` counts as not stated; with none left the date is None
    (ASSUMED), and the caller puts the time of collection there.
    """
    for moment in stated:
        if moment is None or moment < OLDEST:
            continue
        if moment > now:
            return now, DateQuality.STATED if moment <= now + SKEW else DateQuality.CLAMPED
        return moment, DateQuality.STATED
    return None, DateQuality.ASSUMED
