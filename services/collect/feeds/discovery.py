"""Where on a site its feeds may be: what its pages say, and where feeds usually are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urljoin

from lxml import etree

from services.collect.feeds.links import Site, web_address
from services.collect.text.encoding import decode
from services.collect.text.plain import plain_text

MAX_CANDIDATES: Final = 12
USUAL_PATHS: Final = (
    "/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/export/rss2/archive/index.xml",
    "/export/rss2/index.xml", "/rss/all", "/index.xml", "/feed.json", "/?feed=rss2",
    "/feeds/posts/default",
)  # fmt: skip
_TYPES: Final = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/xml": "feed",
    "text/xml": "feed",
}
_HINT: Final = re.compile(r"(?:^|[/._?=-])(?:rss2?|feeds?|atom|rdf)(?:$|[/._?=&-])", re.IGNORECASE)
_WORD: Final = re.compile(r"\b(?:rss|atom|news ?feed)\b", re.IGNORECASE)
_MINOR: Final = re.compile(
    r"comment|коммент|/(?:tag|author|category|podcasts?|video)/", re.IGNORECASE
)
_FEED_HOSTS: Final = ("feeds.feedburner.com", "feedproxy.google.com")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed, what the site calls it, and what it says it is.

    `kind` is "rss", "atom", "rdf", "json" or "feed" where the page states a type, "link" for
    one that only looks like it.
    """

    url: str
    title: str
    kind: str


def discover(body: bytes, url: str, content_type: str = "") -> list[Candidate]:
    """Return the feeds that the web page `body` from `url` names, the likeliest first.

    What the page declares (`<link rel=alternate>`) comes before links that look like feeds;
    feeds of comments, tags and authors come last. At most `MAX_CANDIDATES`, http(s) only.
    """
    root = _tree(decode(body, content_type))
    if root is None:
        return []
    base = _base(root, url)
    seen: dict[str, Candidate] = {}
    for candidate in [*_declared(root, base), *_linked(root, base, url)]:
        if candidate.url.partition("#")[0] != url.partition("#")[0]:
            seen.setdefault(candidate.url, candidate)
    ranked = sorted(seen.values(), key=lambda one: bool(_MINOR.search(f"{one.url} {one.title}")))
    return ranked[:MAX_CANDIDATES]


def usual_places(url: str) -> list[str]:
    """Return the addresses at which sites like that of `url` often have their feed."""
    return [urljoin(url, path) for path in USUAL_PATHS]


def _base(root: Any, url: str) -> str:
    """What the page's relative addresses are relative to."""
    stated = next((str(found.get("href", "")) for found in root.iter("base")), "")
    try:
        return urljoin(url, stated)
    except ValueError:
        return url


def _tree(text: str) -> Any:
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _declared(root: Any, base: str) -> Iterator[Candidate]:
    for link in root.iter("link"):
        relations = link.get("rel", "").lower().split()
        stated = link.get("type", "").partition(";")[0].strip().lower()
        kind = _TYPES.get(stated, "")
        if stated == "application/json" and "feed" in link.get("href", "").lower():
            kind = "json"  # the type of JSON Feed 1.0; WordPress names other things by it too
        if "feed" in relations:
            kind = kind or "feed"
        if kind and ("alternate" in relations or "feed" in relations):
            yield from _candidate(link.get("href"), base, link.get("title", ""), kind)


def _linked(root: Any, base: str, url: str) -> Iterator[Candidate]:
    site = Site(url, base)
    for link in root.iter("a"):
        href = link.get("href", "")
        text = plain_text(" ".join(link.itertext())[:300], 100)
        if not _HINT.search(href) and not _WORD.search(f"{text} {link.get('title', '')}"):
            continue
        for candidate in _candidate(href, base, text, "link"):
            if site.holds(candidate.url) or any(h in candidate.url for h in _FEED_HOSTS):
                yield candidate


def _candidate(href: object, base: str, title: str, kind: str) -> Iterator[Candidate]:
    if address := web_address(href, base):
        yield Candidate(address, plain_text(title, 100), kind)
