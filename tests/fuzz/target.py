"""What a damaged document goes through, and what must hold whatever becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from services.collect.articles import build_articles
from services.collect.feeds.discovery import MAX_CANDIDATES, discover
from services.collect.feeds.feed import MAX_ENTRIES, FeedError, parse_feed
from services.collect.feeds.sitemap import read_sitemap
from services.collect.http.fetcher import Fetched
from services.collect.pages.judge import judge
from services.collect.text.plain import SUMMARY_CHARS, TITLE_CHARS
from services.domain.article import FeedEntry
from services.domain.outlet import Certainty, Group, Outlet

NOW: Final = datetime(2025, 3, 1, 12, tzinfo=UTC)
BASE: Final = "https://news.example/feed"
_TYPES: Final = ("application/rss+xml", "text/xml; charset=windows-1251", "text/html", "")
_OUTLET: Final = Outlet(
    id="fuzz", name="F", group=Group.CONTROL, language="ru", feed=BASE, reason="", source="",
    certainty=Certainty.C,
)  # fmt: skip


class BrokenRuleError(AssertionError):
    """Something came out that nothing may come out as."""


def run_case(number: int, body: bytes) -> str:
    """Put `body` through the parser and, as a page, through the extractor; says how it ended."""
    content_type = _TYPES[number % len(_TYPES)]
    ended = _as_feed(body, content_type)
    if number % 4 == 0 or b"<html" in body[:200].lower():
        _as_page(body)
    if b"urlset" in body or b"sitemap" in body:
        _as_sitemap(body)
    return ended


def _as_feed(body: bytes, content_type: str) -> str:
    try:
        feed = parse_feed(body, content_type, BASE, NOW, "Europe/Moscow")
    except FeedError as error:
        _demand(str(error).endswith("."), f"no sentence: {error}")
        _demand(str(error).isprintable(), f"not for a terminal: {error!r}")
        _demand(len(str(error)) < 500, "a sentence without end")
        return str(error.outcome)
    _demand(0 < len(feed.entries) <= MAX_ENTRIES, f"{len(feed.entries)} entries")
    _demand(0 <= feed.pause < 10**8, f"a pause of {feed.pause}")
    for entry in feed.entries:
        _check(entry)
    articles, outcomes = build_articles(_OUTLET, feed.entries, NOW)
    _demand(len(articles) + outcomes.total() >= len(feed.entries), "an entry without outcome")
    return feed.kind


def _check(entry: FeedEntry) -> None:
    _demand(entry.url == "" or entry.url.lower().startswith(("http:", "https:")), entry.url[:100])
    _demand(len(entry.title) <= TITLE_CHARS and len(entry.summary) <= SUMMARY_CHARS, "too long")
    _demand(entry.title.isprintable() and entry.summary.isprintable(), "control characters")
    for moment in (entry.published, entry.modified):
        _demand(moment is None or (moment.tzinfo is UTC and moment <= NOW), f"dated {moment}")
    for text in (entry.title, entry.summary, entry.guid, entry.author, entry.section, entry.url):
        text.encode()  # a lone surrogate would fail in the store


def _as_page(body: bytes) -> None:
    page = Fetched(200, "https://news.example/1", {"content-type": "text/html"}, body)
    judge(page, page.url, _OUTLET, None)
    found = discover(body, page.url)
    _demand(len(found) <= MAX_CANDIDATES, "too many candidates")


def _as_sitemap(body: bytes) -> None:
    try:
        sitemap = read_sitemap(body, BASE)
    except FeedError:
        return
    urls = [*(page.url for page in sitemap.pages), *(url for url, _ in sitemap.children)]
    _demand(all(url.lower().startswith("http") for url in urls), "an address that is none")


def _demand(holds: bool, what: str) -> None:
    if not holds:
        raise BrokenRuleError(what)
