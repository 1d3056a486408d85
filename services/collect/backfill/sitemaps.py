"""Sitemaps of a site, newest first; what was last changed before the span is not even asked for.

Walked by ourselves: the library for it (ultimate-sitemap-parser) fetches the whole tree before
it gives anything back, in the order of the documents, and cannot go on where it stopped.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from services.collect.backfill.found import SLACK, Batch, Cursor, Found, Span
from services.collect.backfill.site import Site, listed_days
from services.collect.backfill.visitor import DisallowedError, LaterError, Visitor
from services.collect.feeds.feed import FeedError
from services.collect.feeds.sitemap import Sitemap, SitemapPage, read_sitemap
from services.collect.http.body import read_body
from services.collect.http.errors import FetchError, PermanentFetchError, RetryableFetchError

USUAL_PATHS: Final = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/news-sitemap.xml",
    "/sitemap-news.xml",
)
MAX_DEPTH: Final = 5
MAX_DOCUMENTS: Final = 10_000
_MAX_BYTES: Final = 60 * 2**20  # the format allows 50 MB before compression
_GZIP: Final = b"\x1f\x8b"
_ACCEPT: Final = "application/xml, text/xml;q=0.9, */*;q=0.1"

Child = tuple[str, datetime | None]
"""The address of a sitemap, and when it was last changed where its index says so."""

LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Walk:
    """The state of one walk: documents that are dealt with, by short names, and those waiting."""

    visitor: Visitor
    site: Site
    span: Span
    done: dict[str, None]
    seen: set[str] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)  # why sitemaps could not be had this time
    waiting: int = 0


def walk_sitemaps(visitor: Visitor, site: Site, span: Span, cursor: Cursor) -> Iterator[Batch]:
    """Yield the pages of each sitemap that may name articles of the span, newest first.

    One that is not there or cannot be read is passed over. Raises LaterError, at the end too
    when sitemaps could not be had this time, and StoppedError.
    """
    done = cursor.get("done")
    walk = _Walk(visitor, site, span, dict.fromkeys(done if isinstance(done, list) else ()))
    roots = [(url, None) for url in _roots(visitor, site)]
    yield from _documents(walk, roots, depth=0)
    if walk.missed:
        raise LaterError(
            f"{len(walk.missed)} of its sitemaps could not be had; the last: {walk.missed[-1]} "
            "Start the command again, it asks for those."
        )


def _roots(visitor: Visitor, site: Site) -> Sequence[str]:
    """The sitemaps that robots.txt names; where it names none, those at the usual paths."""
    try:
        stated = visitor.sitemaps(site.root)
    except (FetchError, DisallowedError):
        stated = ()  # closed at its root; one of the usual paths may still be open
    return list(dict.fromkeys(stated or [f"{site.root}{path}" for path in USUAL_PATHS]))


def _documents(walk: _Walk, children: Sequence[Child], depth: int) -> Iterator[Batch]:
    wanted = [child for child in _newest_first(children) if _may_hold(child, walk.span)]
    fresh = [url for url, _ in wanted if _name(url) not in walk.done]
    walk.waiting += len(fresh)
    for url in fresh:
        walk.waiting -= 1
        if url in walk.seen or len(walk.seen) >= MAX_DOCUMENTS:
            continue
        walk.seen.add(url)
        try:
            sitemap = _read(walk.visitor, url)
        except RetryableFetchError as error:
            walk.missed.append(str(error))
            continue
        if sitemap is None:
            continue
        missed = len(walk.missed)
        if sitemap.children and depth < MAX_DEPTH:
            yield from _documents(walk, sitemap.children, depth + 1)
        if len(walk.missed) == missed:
            walk.done[_name(url)] = None
        yield Batch(
            place=f"sitemap {urlsplit(url).path}",
            found=tuple(map(_found, sorted(sitemap.pages, key=_page_age, reverse=True))),
            cursor={"done": list(walk.done)},
            left=walk.waiting,
        )


def _read(visitor: Visitor, url: str) -> Sitemap | None:
    try:
        fetched = visitor.get(url, accept=_ACCEPT, max_bytes=_MAX_BYTES)
        body = fetched.body
        if body.startswith(_GZIP):
            body = read_body([body], "gzip", _MAX_BYTES, urlsplit(url).netloc)
        return read_sitemap(body, fetched.url, visitor.outlet.timezone)
    except (PermanentFetchError, FeedError, DisallowedError) as error:
        LOG.debug("A sitemap is passed over: %s", error)
        return None


def _newest_first(children: Sequence[Child]) -> list[Child]:
    """Those with the newest change first; those without one by the numbers in their names.

    A name with a higher number or a later month is the newer one on most sites.
    """

    def age(child: Child) -> tuple[date, tuple[int, ...]]:
        url, changed = child
        days = listed_days(url)
        stated = changed.date() if changed else days[1] if days else date.min
        return stated, tuple(map(int, re.findall(r"\d{1,18}", urlsplit(url).path)))

    return sorted(children, key=age, reverse=True)


def _may_hold(child: Child, span: Span) -> bool:
    """False when its last change, or the days in its name, rule the whole span out."""
    url, changed = child
    if changed and changed.date() + SLACK < span.since:
        return False
    days = listed_days(url)
    return days is None or span.may_hold(*days)


def _page_age(page: SitemapPage) -> tuple[float, str]:
    moment = page.published or page.modified
    return (moment.timestamp() if moment else 0.0, page.url)


def _found(page: SitemapPage) -> Found:
    return Found(page.url, title=page.title, published=page.published, changed=page.modified)


def _name(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:10]
