"""Older pages of a feed: archive documents and further pages (RFC 5005), or numbered pages.

WordPress and its kin give page N of a feed at `?paged=N`; others at `?page=N`. Which of them
holds is tried once: a second page that says what the first says is none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from services.collect.backfill.found import SLACK, Batch, Cursor, Found, Span
from services.collect.backfill.site import Site
from services.collect.backfill.visitor import TRIES, DisallowedError, Visitor
from services.collect.feeds.feed import FeedError, parse_feed
from services.collect.http.errors import FetchError, PermanentFetchError
from services.domain.article import FeedEntry

MAX_PAGES: Final = 5_000
_ACCEPT: Final = "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.1"
_OLDER: Final = ("prev-archive", "next")
_NUMBERED: Final = ("paged", "page")

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Page:
    """One page of a feed; `older` is the address of the page before it, where it states one."""

    url: str
    entries: tuple[FeedEntry, ...]
    older: str

    @property
    def links(self) -> frozenset[str]:
        return frozenset(entry.url for entry in self.entries)


def walk_feed(
    visitor: Visitor, site: Site, span: Span, cursor: Cursor, now: datetime
) -> Iterator[Batch]:
    """Yield page after page of the outlet's feed, from the newest to the first of the span.

    It ends with a page that repeats the one before, holds nothing, cannot be had, or is older
    than the span. Raises FetchError and FeedError when the feed itself cannot be had or read,
    FetchError when the way may go on after a failure, LaterError and StoppedError.
    """
    url, number = cursor.get("url"), cursor.get("number")
    page = _read(visitor, url if isinstance(url, str) else visitor.outlet.feed, now)
    count = number if isinstance(number, int) else 1
    seen: set[str] = set()
    while page is not None and page.url not in seen and count <= MAX_PAGES:
        seen.add(page.url)
        if _is_older(page.entries, span):
            return
        yield Batch(
            place=f"feed page {count:,}",
            found=tuple(map(_found, page.entries)),
            # Read again when the walk goes on here: only the page itself leads to the next.
            cursor={"url": page.url, "number": count},
            left=_left(page.entries, span),
        )
        older = _older(visitor, site, page, now)
        if older is not None and older.links <= page.links:
            return
        page, count = older, count + 1


def _older(visitor: Visitor, site: Site, page: _Page, now: datetime) -> _Page | None:
    """The page before, by the feed's own link, else by the next number."""
    if page.older:
        return _read(visitor, page.older, now)
    for url in _numbered(page.url, visitor.outlet.feed, site):
        older = (
            _tried(visitor, url, now)
            if page.url == visitor.outlet.feed
            else _read(visitor, url, now)
        )
        if older is not None and not older.links <= page.links:
            return older
    return None


def _numbered(url: str, feed: str, site: Site) -> Sequence[str]:
    """Where the next page may be: by the parameter in use, or else by each of the usual ones."""
    given = dict(parse_qsl(urlsplit(url).query))
    for name in _NUMBERED:
        if given.get(name, "").isdigit():
            return [_with(url, name, int(given[name]) + 1)]
    if url != feed:
        return []
    return [*(_with(url, name, 2) for name in _NUMBERED), f"{site.root}/feed/?paged=2"]


def _with(url: str, name: str, number: int) -> str:
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*kept, (name, str(number))]), fragment=""))


def _tried(visitor: Visitor, url: str, now: datetime) -> _Page | None:
    """The page at an address that may be none at all; asked for once, whatever comes."""
    try:
        return _read(visitor, url, now, tries=1)
    except FetchError:
        return None


def _read(visitor: Visitor, url: str, now: datetime, tries: int = TRIES) -> _Page | None:
    """One page; None where the way ends. Raises FetchError when it may only seem to end."""
    try:
        fetched = visitor.get(url, accept=_ACCEPT, tries=tries)
        content_type = fetched.headers.get("content-type", "")
        zone = visitor.outlet.timezone
        feed = parse_feed(fetched.body, content_type, fetched.url, now, zone)
    except (PermanentFetchError, FeedError, DisallowedError) as error:
        if url == visitor.outlet.feed and not isinstance(error, DisallowedError):
            raise
        LOG.debug("A page of a feed is the end of the way: %s", error)
        return None
    if not feed.entries:
        return None
    older = next((feed.links[name] for name in _OLDER if feed.links.get(name)), "")
    return _Page(url, feed.entries, older)


def _is_older(entries: Sequence[FeedEntry], span: Span) -> bool:
    days = [entry.published.date() for entry in entries if entry.published]
    return bool(days) and max(days) + SLACK < span.since


def _left(entries: Sequence[FeedEntry], span: Span) -> int | None:
    """How many more pages there are to the first day of the span, if they hold as many days."""
    days = sorted(entry.published.date() for entry in entries if entry.published)
    if not days:
        return None
    return max(0, (days[0] - span.since).days) // max(1, (days[-1] - days[0]).days)


def _found(entry: FeedEntry) -> Found:
    return Found(
        url=entry.url,
        title=entry.title,
        summary=entry.summary,
        published=entry.published,
        author=entry.author,
        section=entry.section,
    )
