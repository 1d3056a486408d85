"""feedparser's idea of a feed to ours: its entries, and what it asks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.collect.feeds.dates import OLDEST, judge, moment_of
from services.collect.feeds.hints import pause_of, relations, skipped
from services.collect.feeds.limit import newest_items
from services.collect.feeds.links import Site, entry_link, no_permalinks
from services.collect.feeds.parsed import ParsedFeed
from services.collect.text.plain import SUMMARY_CHARS, TITLE_CHARS, plain_text
from services.domain.article import FeedEntry

GUID_CHARS: Final = 1_000
AUTHOR_CHARS: Final = 200
SECTION_CHARS: Final = 100
_DATES: Final = ("published", "created", "updated")
# Where Russian feeds put the text when `description` is empty or missing.
_TEXTS: Final = ("summary", "yandex_full-text", "rambler_fulltext", "fulltext")
_KINDS: Final = {"feed": "atom", "rdf": "rdf", "channel": "cdf"}


def feed_of(
    parsed: Mapping[str, Any], document: str, root: str, base_url: str, now: datetime, zone: str
) -> ParsedFeed:
    """Return what feedparser made of `document`; `root` is the name of its first element."""
    feed: dict[str, Any] = parsed.get("feed", {})
    reader = _Reader(document, feed, base_url, now, zone)
    hours, days = skipped(document)
    links = _get(feed, "links") or ()
    items = parsed["entries"]
    return ParsedFeed(
        entries=tuple(reader.entry(item) for item in newest_items(items, reader.date)),
        kind=_KINDS.get(root, "rss"),
        title=plain_text(str(_get(feed, "title") or ""), TITLE_CHARS),
        pause=pause_of(feed),
        skip_hours=hours,
        skip_days=days,
        links=relations(links, base_url),
        held=len(items),
    )


class _Reader:
    def __init__(
        self, document: str, feed: dict[str, Any], base_url: str, now: datetime, zone: str
    ) -> None:
        self._not_links = no_permalinks(document)
        self._site = Site(base_url, _get(feed, "link"))
        self._base = base_url
        self._now = now
        self._zone = zone

    def date(self, item: dict[str, Any]) -> datetime | None:
        """When the item was published, as far as the feed says."""
        return judge(self._stated(item).values(), self._now)[0]

    def entry(self, item: dict[str, Any]) -> FeedEntry:
        stated = self._stated(item)
        published, quality = judge(stated.values(), self._now)
        guid = str(_get(item, "id") or "").strip()[:GUID_CHARS]
        permanent = guid if guid not in self._not_links else ""
        tags = _get(item, "tags") or ()
        return FeedEntry(
            url=entry_link(
                _get(item, "links") or (), permanent, _get(item, "feedburner_origlink"), self._base
            ),
            title=plain_text(str(_get(item, "title") or ""), TITLE_CHARS),
            summary=plain_text(_summary(item), SUMMARY_CHARS),
            published=published,
            author=plain_text(str(_get(item, "author") or ""), AUTHOR_CHARS),
            section=plain_text(str(tags[0].get("term") or ""), SECTION_CHARS) if tags else "",
            guid=guid,
            language=language_of(_get(item, "language")),
            date_quality=quality,
            guid_is_link=self._site.holds(permanent),
            modified=changed(stated.get("updated"), published, self._now),
        )

    def _stated(self, item: dict[str, Any]) -> dict[str, datetime | None]:
        return {key: self._moment(item, key) for key in _DATES if _get(item, key)}

    def _moment(self, item: dict[str, Any], key: str) -> datetime | None:
        return moment_of(str(_get(item, key)), self._zone, _get(item, f"{key}_parsed"))


def changed(updated: datetime | None, published: datetime | None, now: datetime) -> datetime | None:
    """Return when an entry was changed after it was published; None when it does not say so."""
    if updated is None or published is None or not OLDEST <= published < updated:
        return None
    return min(updated, now)


def language_of(stated: object) -> str:
    """Return the two-letter code in a language tag such as ru-RU; empty without one."""
    code = str(stated or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def _get(item: dict[str, Any], key: str) -> Any:
    # feedparser's own look-up invents values (a missing `updated` becomes `published`).
    return dict.get(item, key)


def _summary(item: dict[str, Any]) -> str:
    for key in _TEXTS:
        if text := _get(item, key):
            return str(text)
    content = _get(item, "content") or ()
    return str(content[0].get("value") or "") if content else ""
