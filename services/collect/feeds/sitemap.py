"""Sitemaps (sitemaps.org), those for news above all: a feed for outlets that have no other.

A sitemap with `news:title` is read like a feed; every other one, and the index that leads to
them, is for whoever looks into the past of an outlet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from services.collect.feeds.dates import judge, moment_of
from services.collect.feeds.entries import changed, language_of
from services.collect.feeds.limit import MAX_ENTRIES
from services.collect.feeds.links import web_address
from services.collect.feeds.parsed import FeedError, ParsedFeed
from services.collect.feeds.well_formed import from_root, only_legal
from services.collect.text.encoding import decode
from services.collect.text.plain import TITLE_CHARS, plain_text
from services.domain.article import FeedEntry
from services.domain.outlet import PollOutcome

ROOTS: Final = ("urlset", "sitemapindex")
MAX_PAGES: Final = 50_000
"""As many as the protocol allows in one sitemap."""
_LINES: Final = re.compile(r"\s*https?://\S+\s*(?:\n\s*https?://\S+\s*)*", re.IGNORECASE)
_LEAVES: Final = frozenset({"loc", "lastmod", "title", "publication_date", "language"})
_LONGEST: Final = 2_000
_END: Final = re.compile(r"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SitemapPage:
    """A page as its sitemap states it; `title`, `published` and `language` come with news only."""

    url: str
    title: str = ""
    published: datetime | None = None
    modified: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """The pages of a sitemap, or of an index its children with when each was changed."""

    pages: tuple[SitemapPage, ...] = ()
    children: tuple[tuple[str, datetime | None], ...] = ()


def read_sitemap(body: bytes, base_url: str = "", zone: str = "UTC") -> Sitemap:
    """Read a sitemap, an index of sitemaps, or a plain list of addresses. gzip is the caller's.

    At most `MAX_PAGES` pages or children, in the order of the document, http(s) addresses only;
    relative ones are resolved against `base_url`. Dates without a zone are in `zone` (IANA). A
    document that breaks off gives what is whole. Raises FeedError when it is no sitemap.
    """
    text = decode(body)
    if _LINES.match(text):
        pages = (SitemapPage(url) for line in text.splitlines() if (url := web_address(line, "")))
        return Sitemap(tuple(pages)[:MAX_PAGES])
    document = from_root(only_legal(text))
    found = re.match(r"<(?:[\w.-]+:)?(\w+)", document)
    if not found or found[1].lower() not in ROOTS:
        raise FeedError(PollOutcome.NOT_A_FEED, "The server answered with no sitemap.")
    return read_document(document, base_url, zone)


def read_document(document: str, base_url: str, zone: str) -> Sitemap:
    """Read a sitemap's XML from its first element on; see `read_sitemap`."""
    pages: list[SitemapPage] = []
    children: list[tuple[str, datetime | None]] = []
    for kind, values in _records(document):
        url = web_address(values.get("loc"), base_url)
        modified = moment_of(values.get("lastmod", ""), zone)
        if not url or len(pages) + len(children) >= MAX_PAGES:
            continue
        if kind == "sitemap":
            children.append((url, modified))
        else:
            pages.append(
                SitemapPage(
                    url=url,
                    title=plain_text(values.get("title", ""), TITLE_CHARS),
                    published=moment_of(values.get("publication_date", ""), zone),
                    modified=modified,
                    language=language_of(values.get("language")),
                )
            )
    if not _END.search(document[-_LONGEST:]):
        # It breaks off, so the last address or title may be half of one.
        del pages[-1:], children[-1:]
    return Sitemap(tuple(pages), tuple(children))


def sitemap_feed(document: str, base_url: str, now: datetime, zone: str) -> ParsedFeed:
    """Return a news sitemap as a feed; see `feed.parse_feed`. Raises FeedError."""
    sitemap = read_document(document, base_url, zone)
    if sitemap.children and not sitemap.pages:
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The server answered with an index of sitemaps, which holds no entries; put one of "
            f"the sitemaps that it names into the catalogue, such as {sitemap.children[0][0]}.",
        )
    if not sitemap.pages:
        raise FeedError(PollOutcome.EMPTY_FEED, "The sitemap names no page.")
    if not any(page.title for page in sitemap.pages):
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The sitemap names pages but no headlines (news:title), so that it is no feed.",
        )
    # A sitemap has no order of its own, and may hold more than a feed does.
    newest = sorted(sitemap.pages, key=lambda page: page.published or _OLDEST, reverse=True)
    entries = tuple(_entry(page, now) for page in newest[:MAX_ENTRIES])
    return ParsedFeed(entries, kind="sitemap", held=len(newest))


def _entry(page: SitemapPage, now: datetime) -> FeedEntry:
    published, quality = judge((page.published, page.modified), now)
    return FeedEntry(
        url=page.url,
        title=page.title,
        published=published,
        language=page.language,
        date_quality=quality,
        modified=changed(page.modified, published, now),
    )


def _records(document: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each `url` or `sitemap` element's kind and texts; one that breaks off is left out."""
    values: dict[str, str] = {}
    for element in _elements(document):
        name = _name(element)
        if name in ("url", "sitemap"):
            yield name, values
            values = {}
            element.clear()
            # What has been read goes, or a sitemap of 50,000 pages stays in memory as a tree.
            while (before := element.getprevious()) is not None:
                element.getparent().remove(before)
        elif name in _LEAVES and _belongs(element):
            values.setdefault(name, "".join(element.itertext()).strip()[:_LONGEST])


def _elements(document: str) -> Iterator[Any]:
    """Elements as they end, until the document does or breaks."""
    source = io.BytesIO(document.encode("utf-8", "replace"))
    events = etree.iterparse(
        source, events=("end",), encoding="utf-8", resolve_entities=False, no_network=True,
        load_dtd=False, huge_tree=False, recover=True, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError:
        return


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _belongs(element: Any) -> bool:
    """False inside pictures and videos, which have titles and addresses of their own."""
    parent = element.getparent()
    return parent is not None and _name(parent) in ("url", "sitemap", "news", "publication")
