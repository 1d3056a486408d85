"""A feed's bytes to its entries, whatever kind of feed it is.

RSS 0.9x, 1.0 (RDF) and 2.0, Atom 0.3 and 1.0 and CDF as feedparser reads them, JSON Feed, and
news sitemaps. What is no feed, or a feed without entries, is a failure of its own kind and never
"no news".
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import feedparser

from services.collect.feeds import sitemap
from services.collect.feeds.entries import feed_of
from services.collect.feeds.guards import refuse_guard
from services.collect.feeds.json_feed import looks_like_json, read_json_feed
from services.collect.feeds.limit import MAX_ENTRIES
from services.collect.feeds.parsed import FeedError, ParsedFeed
from services.collect.feeds.well_formed import (
    OversizeError,
    from_root,
    mend,
    only_legal,
    readable,
)
from services.collect.text.encoding import decode
from services.domain.outlet import PollOutcome

__all__ = ["MAX_ENTRIES", "FeedError", "ParsedFeed", "parse_feed"]

_ROOT: Final = re.compile(r"<([\w.:-]+)")
_ROOTS: Final = ("rss", "feed", "rdf", "channel", *sitemap.ROOTS)
_START: Final = re.compile(r"<(?:\w+:)?(?:rss|feed|rdf|urlset)[\s>]", re.IGNORECASE)
_END: Final = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf|channel|urlset|sitemapindex)\s*>", re.IGNORECASE
)
_HEAD_CHARS: Final = 20_000
_TAIL_CHARS: Final = 20_000
_PAGE_ROOTS: Final = frozenset(
    {"html", "head", "body", "script", "style", "meta", "link", "title", "div", "p", "h1", "br"}
    | {"b", "font", "center", "table", "article", "main", "section", "noscript", "iframe", "form"}
)

logger = logging.getLogger(__name__)


def parse_feed(
    body: bytes, content_type: str, base_url: str, now: datetime, zone: str = "UTC"
) -> ParsedFeed:
    """Return the feed with its entries, in its order, as plain text; the `MAX_ENTRIES` newest.

    `base_url` is where the feed came from: relative links are resolved against it. `zone` (IANA)
    is that of dates that name none. An entry without link or title has an empty one: what
    becomes of it is decided later. Raises FeedError.
    """
    text = decode(body, content_type)
    if looks_like_json(text):
        return read_json_feed(text, base_url, now, zone)
    document, root = _document(only_legal(text))
    if root not in _ROOTS:
        _refuse_other_kinds(text[:_HEAD_CHARS], root)
    document, whole = _to_end(document)
    if root in sitemap.ROOTS:
        return replace(sitemap.sitemap_feed(document, base_url, now, zone), complete=whole)
    parsed = _parse(document, base_url)
    complete = whole or root not in _ROOTS
    if parsed["entries"] and not complete:
        # The document breaks off, so the last entry may hold half a headline.
        parsed["entries"].pop()
    if not parsed["entries"]:
        raise _without_entries(parsed, root, whole or document.rstrip().endswith("/>"))
    return replace(feed_of(parsed, document, root, base_url, now, zone), complete=complete)


def _document(text: str) -> tuple[str, str]:
    """The document from its root on, and the root's name: what precedes the feed is dropped.

    Servers print warnings before a feed; a page that quotes a feed does not end with its end.
    """
    document = from_root(text)
    root = _root_of(document)
    if root not in (*_ROOTS, "html", "head", "body"):
        begun = _START.search(document, 0, _HEAD_CHARS)
        if begun and _END.search(document[-200:]):
            document = document[begun.start() :]
            root = _root_of(document)
    return document, root


def _root_of(document: str) -> str:
    found = _ROOT.match(document)
    return found.group(1).rpartition(":")[2].lower() if found else ""


def _to_end(document: str) -> tuple[str, bool]:
    """The document without what follows its end, and whether it has an end."""
    at = max(0, len(document) - _TAIL_CHARS)
    end = 0
    for found in _END.finditer(document, at):
        if "channel" not in found[0].lower() or not end:
            end = found.end()
    return (document[:end], True) if end else (document, False)


def _refuse_other_kinds(head: str, root: str) -> None:
    if not head.strip("\ufeff\x00 \t\r\n"):
        raise FeedError(PollOutcome.EMPTY_FEED, "The server answered with nothing at all.")
    if root in _PAGE_ROOTS or not root:
        refuse_guard(head)
    if root in _PAGE_ROOTS or (not root and "<html" in head.lower()):
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The server answered with a web page in place of the feed; the address of the feed "
            "may have changed.",
        )
    if not root:
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The server answered with something that is no XML in place of the feed.",
        )


def _parse(document: str, base_url: str) -> dict[str, Any]:
    try:
        accepted = readable(document)
    except OversizeError:
        raise FeedError(
            PollOutcome.TOO_LARGE,
            "The feed has more elements, attributes, names or keywords in it than any feed needs.",
        ) from None
    if accepted is None:
        raise FeedError(PollOutcome.BROKEN_FEED, "The feed is XML that is broken past mending.")
    why = ""
    for prepare in (str, mend):
        try:
            if document := prepare(accepted):
                return _feedparser(document, base_url)
        except Exception as error:  # its parsers raise whatever they stumble over
            logger.debug("feedparser failed", exc_info=True)
            why = f"{type(error).__name__}: {error}"
    raise FeedError(PollOutcome.BROKEN_FEED, f"The feed cannot be read ({why[:120]}).")


def _feedparser(document: str, base_url: str) -> dict[str, Any]:
    # It resolves every address against the base of every element, which takes a quarter of its
    # time. Unless elements have bases of their own, resolving the one that counts is enough.
    base = base_url if re.search(r"\bbase\s*=", document) else ""
    parsed: dict[str, Any] = feedparser.parse(
        io.BytesIO(document.encode("utf-8", "replace")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": base,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    parsed.setdefault("entries", [])
    return parsed


def _without_entries(parsed: Mapping[str, Any], root: str, whole: bool) -> FeedError:
    if not parsed.get("version") and root not in _ROOTS:
        return FeedError(
            PollOutcome.NOT_A_FEED,
            f"The server answered with an XML document <{root[:40]}> that is no feed.",
        )
    if parsed.get("bozo"):
        why = " ".join(str(parsed.get("bozo_exception", "")).split())[:120]
        return FeedError(PollOutcome.BROKEN_FEED, f"The feed is broken XML ({why}).")
    if not whole:
        return FeedError(
            PollOutcome.BROKEN_FEED, "The feed breaks off before its first entry is complete."
        )
    return FeedError(
        PollOutcome.EMPTY_FEED,
        "The feed holds no entry, which a live feed does not do; it may be switched off.",
    )
