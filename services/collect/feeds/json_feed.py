"""JSON Feed 1.0 and 1.1 (jsonfeed.org): the same entries without XML."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any, Final

from services.collect.feeds.dates import judge, moment_of
from services.collect.feeds.entries import (
    AUTHOR_CHARS,
    GUID_CHARS,
    SECTION_CHARS,
    changed,
    language_of,
)
from services.collect.feeds.limit import newest_items
from services.collect.feeds.links import Site, entry_link, web_address
from services.collect.feeds.parsed import FeedError, ParsedFeed
from services.collect.text.plain import SUMMARY_CHARS, TITLE_CHARS, plain_text
from services.domain.article import FeedEntry
from services.domain.outlet import PollOutcome

MAX_VALUES: Final = 300_000
_VERSION: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.\d+)?/?")
_DATES: Final = ("date_published", "date_modified")


def looks_like_json(text: str) -> bool:
    """True for a document that begins as a JSON object or list does."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def read_json_feed(text: str, base_url: str, now: datetime, zone: str) -> ParsedFeed:
    """Return a JSON document as a feed; see `feed.parse_feed`. Raises FeedError."""
    feed = _document(text)
    site = Site(base_url, feed.get("home_page_url"), feed.get("feed_url"))
    items = feed.get("items")
    given = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    if not given:
        raise FeedError(
            PollOutcome.EMPTY_FEED,
            "The feed holds no entry, which a live feed does not do; it may be switched off.",
        )
    kept = newest_items(given, lambda item: judge(_stated(item, zone).values(), now)[0])
    return ParsedFeed(
        entries=tuple(_entry(item, site, base_url, now, zone) for item in kept),
        kind="json",
        title=plain_text(_text(feed, "title"), TITLE_CHARS),
        links=_relations(feed, base_url),
        held=len(given),
    )


def _document(text: str) -> dict[str, Any]:
    text = text.lstrip("\ufeff \t\r\n")
    if sum(map(text.count, "{[,")) > MAX_VALUES:
        raise FeedError(
            PollOutcome.TOO_LARGE, "The feed is JSON with more values than any feed needs."
        )
    try:
        document = json.loads(text, parse_int=_number, parse_constant=str)
    except (ValueError, RecursionError):
        kind = PollOutcome.BROKEN_FEED if "jsonfeed.org/version" in text else PollOutcome.NOT_A_FEED
        raise FeedError(kind, "The server answered with JSON that is broken or cut off.") from None
    if not isinstance(document, dict) or not _VERSION.fullmatch(_text(document, "version").strip()):
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The server answered with JSON in place of the feed, and it is no JSON Feed.",
        )
    return document


def _entry(
    item: Mapping[str, Any], site: Site, base_url: str, now: datetime, zone: str
) -> FeedEntry:
    stated = _stated(item, zone)
    published, quality = judge(stated.values(), now)
    guid = _id_or_date(item, "id").strip()[:GUID_CHARS]
    link = {"href": _text(item, "url")}
    tags = item.get("tags")
    section = tags[0] if isinstance(tags, list) and tags else ""
    return FeedEntry(
        # Some feeds name only the page that an item links to.
        url=entry_link([link], guid, "", base_url)
        or web_address(_text(item, "external_url"), base_url),
        title=plain_text(escape(_text(item, "title"), quote=False), TITLE_CHARS),
        summary=plain_text(_summary(item), SUMMARY_CHARS),
        published=published,
        author=plain_text(_author(item), AUTHOR_CHARS),
        section=plain_text(section, SECTION_CHARS) if isinstance(section, str) else "",
        guid=guid,
        language=language_of(_text(item, "language")),
        date_quality=quality,
        guid_is_link=site.holds(guid),
        modified=changed(stated.get("date_modified"), published, now),
    )


def _stated(item: Mapping[str, Any], zone: str) -> dict[str, datetime | None]:
    return {key: moment_of(_id_or_date(item, key), zone) for key in _DATES if item.get(key)}


def _text(item: Mapping[str, Any], key: str) -> str:
    """A value as text; what should be text and is not counts as missing."""
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _id_or_date(item: Mapping[str, Any], key: str) -> str:
    """A value that is text, or by mistake a number."""
    value = item.get(key)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else _text(item, key)


def _number(digits: str) -> int:
    """Numbers as long as a book take long to read, and mean nothing here."""
    return int(digits) if len(digits) <= 20 else 0


def _summary(item: Mapping[str, Any]) -> str:
    for key in ("summary", "content_text"):
        if text := _text(item, key):
            return escape(text, quote=False)
    return _text(item, "content_html")


def _author(item: Mapping[str, Any]) -> str:
    """Version 1.1 has a list `authors`, version 1 one `author`."""
    authors = item.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else item.get("author")
    return _text(first, "name") if isinstance(first, dict) else ""


def _relations(feed: Mapping[str, Any], base_url: str) -> dict[str, str]:
    hubs = feed.get("hubs")
    hub = hubs[0] if isinstance(hubs, list) and hubs and isinstance(hubs[0], dict) else {}
    stated = {
        "self": _text(feed, "feed_url"),
        "next": _text(feed, "next_url"),
        "hub": _text(hub, "url"),
    }
    found = {name: web_address(address, base_url) for name, address in stated.items()}
    return {name: address for name, address in found.items() if address}
