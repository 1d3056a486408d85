"""Dates as feeds state them, and what we make of absurd ones."""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from services.domain.article import DateQuality

OLDEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Before the web there were no articles on it; 1970 is what a missing date often looks like."""


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

    A date in the future becomes `now` (CLAMPED); one before `OLDEST` counts as not stated; with
    none left the date is None (ASSUMED), and the caller puts the time of collection there.
    """
    for moment in stated:
        if moment is None or moment < OLDEST:
            continue
        if moment > now:
            return now, DateQuality.CLAMPED
        return moment, DateQuality.STATED
    return None, DateQuality.ASSUMED
