"""Feed entries to articles: identity, language and lead. Pages are visited later (`pages`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

from services.collect.identity.canonical import canonical_id, canonical_url
from services.collect.identity.dedupe import Seen
from services.collect.text.language import detect_language
from services.collect.text.plain import shorten
from services.domain.article import Article, EntryOutcome, FeedEntry
from services.domain.identity import content_hash, story_key
from services.domain.outlet import Outlet

LEAD_CHARS: Final = 1_000

Resolve = Callable[[str], str]
"""An address to the one that it leads to; the same one when it leads nowhere else."""


def build_articles(
    outlet: Outlet,
    entries: Iterable[FeedEntry],
    now: datetime,
    *,
    resolve: Resolve | None = None,
) -> tuple[list[Article], Counter[EntryOutcome]]:
    """Return the articles of `entries`, and the outcomes of entries that became none.

    Each has title and lead and no text, which its page brings once it is visited. `resolve`
    is asked about every usable address, so that redirectors do not hide what is one article.
    """
    articles: list[Article] = []
    outcomes: Counter[EntryOutcome] = Counter()
    seen = Seen()
    for entry in entries:
        url = canonical_url(entry.url)
        if url and resolve is not None:
            led = resolve(url)
            url = url if led == url else canonical_url(led) or url
        if not url:
            outcomes[EntryOutcome.NO_LINK] += 1
        elif not story_key(entry.title):
            outcomes[EntryOutcome.NO_TITLE] += 1
        elif seen.repeats(canonical_id(url), entry.title):
            outcomes[EntryOutcome.DUPLICATE] += 1
        else:
            articles.append(_article(outlet, entry, url, now))
    return articles, outcomes


def _article(outlet: Outlet, entry: FeedEntry, url: str, now: datetime) -> Article:
    lead = shorten(entry.summary, LEAD_CHARS)
    return Article(
        id=canonical_id(url),
        outlet=outlet.id,
        url=url,
        title=entry.title,
        lead=lead,
        text="",
        language=detect_language(f"{entry.title}. {lead}", outlet.language),
        published=entry.published or now,
        date_quality=entry.date_quality,
        collected=now,
        content_hash=content_hash(entry.title, lead, ""),
        story=story_key(entry.title),
        author=entry.author,
        section=entry.section,
    )
