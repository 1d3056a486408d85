"""What a feed asks of those who poll it, and where else it says it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.collect.feeds.links import web_address

_DAY: Final = 86_400.0
_LONGEST: Final = 30 * _DAY
_PERIODS: Final = {
    "hourly": 3_600.0, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 30 * _DAY,
    "yearly": 365 * _DAY,
}  # fmt: skip
_RELATIONS: Final = ("self", "hub", "next", "prev-archive")
_SKIP: Final = re.compile(
    r"<(skiphours|skipdays)\s*>(.{0,2000}?)</(?:skiphours|skipdays)", re.IGNORECASE | re.DOTALL
)
_VALUE: Final = re.compile(r">\s*(\w+)\s*<")
_ITEM: Final = re.compile(r"<(?:item|entry)[\s>]", re.IGNORECASE)
_LAST_ITEM: Final = re.compile(r"</(?:item|entry)\s*>", re.IGNORECASE)
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SEARCHED: Final = 20_000


def pause_of(feed: Mapping[str, Any]) -> float:
    """Return the seconds that `ttl` or `sy:updatePeriod` ask for, the longer of the two.

    0 when neither says anything that makes sense; a month at most.
    """
    ttl = 60 * _positive(feed.get("ttl"))
    period = _PERIODS.get(str(feed.get("sy_updateperiod", "")).strip().lower(), 0.0)
    times = _positive(feed.get("sy_updatefrequency")) or 1.0
    return min(max(ttl, period / times), _LONGEST)


def _positive(value: object) -> float:
    try:
        number = float(str(value).strip())
    except ValueError:
        return 0.0
    return number if math.isfinite(number) and number > 0 else 0.0


def skipped(document: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the hours (UTC) and days (0 is Monday) in which an RSS document asks for silence.

    feedparser keeps only the last of each list. RSS counts the hours of GMT from 0 to 23, and
    24 is midnight as well. A feed that would never be polled has asked for nothing.
    """
    hours: set[int] = set()
    days: set[int] = set()
    for kind, values in _SKIP.findall(_outside_items(document)):
        for value in _VALUE.findall(values):
            if kind.lower() == "skiphours" and value.isdecimal() and int(value) <= 24:
                hours.add(int(value) % 24)
            elif kind.lower() == "skipdays" and value[:3].lower() in _DAYS:
                days.add(_DAYS.index(value[:3].lower()))
    return (
        frozenset(hours if len(hours) < 24 else ()),
        frozenset(days if len(days) < 7 else ()),
    )


def _outside_items(document: str) -> str:
    """The channel's own elements: what stands before the first item and after the last."""
    head = document[:_SEARCHED]
    if first := _ITEM.search(head):
        head = head[: first.start()]
    *_, tail = _LAST_ITEM.split(document[-_SEARCHED:])
    return f"{head}\n{tail}"


def relations(links: Iterable[Mapping[str, Any]], base_url: str) -> dict[str, str]:
    """Return the first address for each relation that matters here (RFC 5005, hubs)."""
    found: dict[str, str] = {}
    for link in links:
        relation = str(link.get("rel", "")).lower()
        address = web_address(link.get("href"), base_url)
        if relation in _RELATIONS and address:
            found.setdefault(relation, address)
    return found
