"""Where the links of a feed lead: redirectors are asked, changed links led back to their article.

An article keeps the address under which it was stored first. A redirector that could not be
asked stands under its own address from then on and is not asked again here; the visit to its
page finds where it leads, and the store notes that as another address of the same article. So
whichever comes first, one article stays one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from services.collect.articles import Resolve
from services.collect.http.fetcher import FetchError
from services.collect.identity.canonical import article_id_of, canonical_id, canonical_url
from services.collect.identity.redirectors import guid_keys, leads_on
from services.collect.identity.stated import agree, same_article
from services.collect.pages.visit import as_asked
from services.context import Context
from services.domain.article import FeedEntry
from services.domain.outlet import Outlet

MOST_ASKED: Final = 10
"""Redirectors asked in one poll; the others stand under their own addresses."""
LONGEST: Final = 20.0
"""Seconds that one poll may spend on them, the pauses that hosts want included."""


def resolver(
    context: Context,
    outlet: Outlet,
    entries: Sequence[FeedEntry],
    stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
) -> Resolve:
    """Return what maps each address of `entries` to the one of its article; itself mostly.

    Asks redirectors that are not known yet, a few and not for long, and remembers answers and
    guids in the store. Failures leave an address as it is. Only the address of an answer is
    used: whether robots.txt allows the page is a matter for the visit that reads it, but the
    pause that it asks for is kept.
    """
    ids = {url: canonical_id(url) for entry in entries if (url := canonical_url(entry.url))}
    keys = {canonical_url(url): key for url, key in guid_keys(entries).items()}
    keys = {url: key for url, key in keys.items() if url and key != ids[url]}
    known = context.store.redirects([*ids.values(), *keys.values()])
    leads = {url: known[name] for url, name in ids.items() if name in known}
    strangers = [url for url in ids if url not in leads and leads_on(url)]
    fresh = _asked(context, outlet, strangers, stop, clock)
    leads |= fresh
    links = {url: leads.get(url, url) for url in keys}
    moved = _moved(context, links, keys, known)
    leads |= moved
    found = {ids[url]: leads[url] for url in (*fresh, *moved)}
    found |= {key: links[url] for url, key in keys.items() if key not in known and url not in moved}
    if found:
        context.store.save_redirects(found)
    return lambda url: leads.get(url, url)


def _asked(
    context: Context,
    outlet: Outlet,
    urls: Sequence[str],
    stop: Callable[[], bool],
    clock: Callable[[], float],
) -> dict[str, str]:
    """Where redirectors lead, of those that said so in time."""
    if not urls:
        return {}
    ids = {url: canonical_id(url) for url in urls}
    stored = context.store.articles(list(ids.values()))
    end = clock() + LONGEST
    found = {}
    for url in [url for url in urls if ids[url] not in stored][:MOST_ASKED]:
        if clock() >= end or stop():
            break
        try:
            pause = _pause(context, outlet, url, lambda: stop() or clock() >= end)
            with context.gate.turn(url, pause=pause, stop=stop, longest=end - clock()):
                answer = context.fetcher.get(
                    url, user_agent=outlet.user_agent, proxy=outlet.proxy, accept="text/html"
                )
        except FetchError:
            continue  # the visit to its page asks again
        if same_article(url, answer.url, redirected=True):
            found[url] = canonical_url(answer.url)
    return found


def _pause(context: Context, outlet: Outlet, url: str, over: Callable[[], bool]) -> float:
    """Seconds that the site of `url` wants between two requests; raises FetchError."""
    asking = as_asked(outlet, url)
    context.robots.ask(url, asking, over)
    return context.robots.pause(url, asking)


def _moved(
    context: Context,
    links: Mapping[str, str],
    keys: Mapping[str, str],
    known: Mapping[str, str],
) -> dict[str, str]:
    """Links that the outlet changed on articles whose guid it kept: link → the first one.

    The first link stands beside the guid, or is the guid.
    """
    olds = {url: known[key] for url, key in keys.items() if key in known}
    unsure = {
        url: key
        for url, key in keys.items()
        if article_id_of(olds.get(url, "")) != article_id_of(links[url])
    }
    if not unsure:
        return {}
    stored = context.store.articles(
        [*unsure.values(), *(article_id_of(links[url]) for url in unsure)]
    )
    olds |= {url: stored[key].url for url, key in unsure.items() if key in stored}
    return {
        url: olds[url]
        for url in unsure
        if url in olds and article_id_of(links[url]) not in stored and agree(olds[url], links[url])
    }
