"""A feed's bytes to its entries. RSS 0.9x, 1.0 (RDF), 2.0 and Atom, as feedparser reads them.

What is no feed, or a feed without entries, is a failure of its own kind and never "no news".
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urljoin

import feedparser

from services.collect.feeds.dates import from_struct, judge
from services.collect.feeds.parsed import FeedError, ParsedFeed
from services.collect.feeds.well_formed import (
    OversizeError,
    from_root,
    mend,
    only_legal,
    readable,
)
from services.collect.text.encoding import decode
from services.collect.text.plain import SUMMARY_CHARS, TITLE_CHARS, plain_text
from services.domain.article import FeedEntry
from services.domain.outlet import PollOutcome

MAX_ENTRIES: Final = 2_000
_DATE_KEYS: Final = ("published_parsed", "created_parsed", "updated_parsed")
_ROOT: Final = re.compile(r"<([\w.:-]+)")
_END: Final = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL
)
_ROOTS: Final = ("rss", "feed", "rdf")
_HEAD_CHARS: Final = 20_000
_GUARDS: Final = re.compile(
    r"ddos-guard|ddos protection by|cf-chl|<title>\s*just a moment|attention required"
    r"|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot"
    r"|(?:enable|turn on) javascript|javascript (?:is )?(?:disabled|required)|access denied"
    r"|request (?:has been )?blocked|доступ (?:\w+ )?(?:ограничен|запрещ|заблокирован)",
    re.IGNORECASE,
)

__all__ = ["FeedError", "ParsedFeed", "parse_feed"]

logger = logging.getLogger(__name__)


def parse_feed(
    body: bytes,
    content_type: str,
    base_url: str,
    now: datetime,
    zone: str = "UTC",  # noqa: ARG001
) -> ParsedFeed:
    """Return the feed with its entries, in its order, as plain text; at most `MAX_ENTRIES`.

    `base_url` is where the feed came from: relative links are resolved against it. `zone` (IANA)
    is that of dates that name none. An entry without link or title has an empty one: what
    becomes of it is decided later. Raises FeedError.
    """
    text = only_legal(decode(body, content_type))
    document = from_root(text)
    found = _ROOT.match(document)
    root = found.group(1).rpartition(":")[2].lower() if found else ""
    _refuse_other_kinds(text[:_HEAD_CHARS], root)
    parsed = _parse(document, base_url)
    entries = list(parsed.get("entries", ()))
    if root in _ROOTS and entries and not _END.search(document[-2_000:]):
        # The document breaks off, so the last entry may hold half a headline.
        entries.pop()
    if not entries:
        raise _without_entries(parsed, root)
    return ParsedFeed(
        tuple(_entry(item, base_url, now) for item in entries[:MAX_ENTRIES]),
        kind={"feed": "atom", "rdf": "rdf"}.get(root, "rss"),
    )


def _refuse_other_kinds(head: str, root: str) -> None:
    if not head.strip():
        raise FeedError(PollOutcome.EMPTY_FEED, "The server answered with nothing at all.")
    if root in ("html", "head", "body", "script", "div", "meta", "title") or (
        not root and "<html" in head.lower()
    ):
        if _GUARDS.search(head):
            raise FeedError(
                PollOutcome.BLOCKED,
                "The server answered with a guard page for browsers in place of the feed; a "
                "proxy or other headers in the catalogue may help.",
            )
        raise FeedError(
            PollOutcome.NOT_A_FEED,
            "The server answered with a web page in place of the feed; the address of the feed "
            "may have changed.",
        )
    if not root:
        what = "JSON" if head.lstrip()[:1] in ("{", "[") else "something that is no XML"
        raise FeedError(
            PollOutcome.NOT_A_FEED, f"The server answered with {what} in place of the feed."
        )


def _parse(document: str, base_url: str) -> Mapping[str, Any]:
    try:
        accepted = readable(document)
    except OversizeError:
        raise FeedError(
            PollOutcome.TOO_LARGE, "The feed has more elements in it than any feed needs."
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


def _feedparser(document: str, base_url: str) -> Mapping[str, Any]:
    parsed: Mapping[str, Any] = feedparser.parse(
        io.BytesIO(document.encode("utf-8", "replace")),
        response_headers={
            "content-type": "application/xml; charset=utf-8",
            "content-location": base_url,
        },
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return parsed


def _without_entries(parsed: Mapping[str, Any], root: str) -> FeedError:
    if not parsed.get("version") and root not in _ROOTS:
        return FeedError(
            PollOutcome.NOT_A_FEED,
            f"The server answered with an XML document <{root[:40]}> that is no feed.",
        )
    if parsed.get("bozo"):
        why = " ".join(str(parsed.get("bozo_exception", "")).split())[:120]
        return FeedError(PollOutcome.BROKEN_FEED, f"The feed is broken XML ({why}).")
    return FeedError(
        PollOutcome.EMPTY_FEED,
        "The feed holds no entry, which a live feed does not do; it may be switched off.",
    )


def _entry(item: dict[str, Any], base_url: str, now: datetime) -> FeedEntry:
    published, quality = judge((from_struct(_get(item, key)) for key in _DATE_KEYS), now)
    tags = _get(item, "tags") or ()
    return FeedEntry(
        url=_link(item, base_url),
        title=plain_text(str(_get(item, "title") or ""), TITLE_CHARS),
        summary=plain_text(_summary(item), SUMMARY_CHARS),
        published=published,
        author=plain_text(str(_get(item, "author") or ""), 200),
        section=plain_text(str(tags[0].get("term") or ""), 100) if tags else "",
        guid=str(_get(item, "id") or "")[:1_000],
        date_quality=quality,
    )


def _get(item: dict[str, Any], key: str) -> Any:
    # feedparser's own look-up invents values (a missing `updated` becomes `published`).
    return dict.get(item, key)


def _summary(item: dict[str, Any]) -> str:
    summary = _get(item, "summary")
    if summary:
        return str(summary)
    content = _get(item, "content") or ()
    return str(content[0].get("value") or "") if content else ""


def _link(item: dict[str, Any], base_url: str) -> str:
    """The entry's own address; a feed proxy's copy of it gives way to the original."""
    link = str(_get(item, "feedburner_origlink") or _get(item, "link") or "").strip()
    if not link:
        return ""
    try:
        return urljoin(base_url, link)
    except ValueError:
        return ""
