"""Addresses that lead to an article and say nothing of it: short links, feed proxies.

Only asking tells where they lead; `wrappers` is about those that carry the address inside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from services.collect.identity.canonical import article_id_of, canonical_url
from services.collect.identity.variants import names_article, site_of
from services.domain.article import FeedEntry
from services.domain.identity import digest

_HOSTS_TEXT: Final = """
t.co bit.ly bitly.com j.mp goo.gl tinyurl.com ow.ly buff.ly dlvr.it ift.tt is.gd v.gd lnkd.in fb.me
wp.me trib.al reut.rs clck.ru vk.cc u.to cutt.ly rebrand.ly t.ly rb.gy shorturl.at flip.it bbc.in
nyti.ms wapo.st econ.st apple.co tcrn.ch feedproxy.google.com rss.feedsportal.com
"""
_HOSTS: Final = frozenset(_HOSTS_TEXT.split())
# FeedBurner (on whatever host), FeedBlitz, and Google News, whose tokens hold no address by now.
_FEED_PROXY: Final = re.compile(r"/~r/[^/]+/.*|/~/[^/]+/.*")
_GOOGLE_NEWS: Final = re.compile(r"/(?:rss/)?(?:articles|read)/[\w-]{20,}")
_TAG: Final = re.compile(r"tag:[\w.@-]+,\d{4}(?:-\d\d){0,2}:(?=\S{0,200}\d)\S{4,200}")
_UUID: Final = re.compile(
    r"(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
_NUMBERED: Final = re.compile(r"(?:^|&)(?:p|page_id|post|id|newsid|nid)=\d+(?:&|$)")


def is_redirector(url: str) -> bool:
    """True when the address `url` only leads to another one."""
    return leads_on(canonical_url(url))


def leads_on(canonical: str) -> bool:
    """`is_redirector` for what `canonical_url` returned, without doing that again."""
    # Parted by hand: this is asked about every entry of every feed.
    netloc, slash, rest = canonical.partition("://")[2].partition("/")
    host, path = netloc.removeprefix("www."), slash + rest.partition("?")[0].partition("#")[0]
    if host.endswith("news.google.com"):
        return bool(_GOOGLE_NEWS.match(path))
    return (host in _HOSTS and len(path) > 1) or bool(_FEED_PROXY.fullmatch(path))


def guid_keys(entries: Iterable[FeedEntry]) -> dict[str, str]:
    """Return the entries' guids that are trusted to name an article for good: link → key.

    A guid that is the link itself adds nothing and is left out. Trusted are tag and UUID forms,
    and addresses on the link's own site that name an article or number a post. A bare number is
    reused, a guid of several entries names none of them, and a link of several entries is no
    article's: all of these are left out.
    """
    entries = list(entries)
    guids = Counter(entry.guid for entry in entries)
    links = Counter(entry.url for entry in entries)
    return {
        entry.url: key
        for entry in entries
        if guids[entry.guid] == 1 and links[entry.url] == 1 and (key := _guid_key(entry))
    }


def _guid_key(entry: FeedEntry) -> str:
    guid = entry.guid.strip()
    if not guid or not entry.url or guid == entry.url:
        return ""
    if _TAG.fullmatch(guid) or _UUID.fullmatch(guid):
        host = _host(entry.url)
        return digest("guid", site_of(host), guid.casefold()) if host else ""
    address = canonical_url(guid) if guid[:4].lower() == "http" else ""
    if not address:
        return ""
    parts, link = urlsplit(address), urlsplit(canonical_url(entry.url))
    same_site = site_of(parts.hostname or "") == site_of(link.hostname or "")
    named = names_article(parts.path, parts.query) or _NUMBERED.search(parts.query)
    return article_id_of(address) if same_site and named else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
