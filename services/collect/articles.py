"""Feed entries to articles: identity, language, and the text of the page where allowed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from services.collect.http.fetcher import Fetcher, FetchError
from services.collect.identity.canonical import article_id_of, canonical_url
from services.collect.identity.dedupe import Seen
from services.collect.pages.extract import extract_text
from services.collect.text.language import detect_language
from services.collect.text.plain import shorten
from services.domain.article import Article, EntryOutcome, FeedEntry
from services.domain.identity import content_hash, story_key
from services.domain.outlet import Outlet

LEAD_CHARS: Final = 1_000
PAGE_FAILURES: Final = 3
"""After so many pages in a row that cannot be had, the rest of this round is not tried."""
PAGES_PER_ROUND: Final = 40
"""Pages of one outlet in one round; entries come newest first, the rest keep title and lead."""
_ACCEPT_PAGE: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class StoppedError(Exception):
    """The caller wants to stop: the outlet's entries are to be taken up again next time."""


Known = Callable[[Sequence[str]], Mapping[str, Article]]
"""Article ids to the articles among them that the store already has."""


def build_articles(
    outlet: Outlet,
    entries: Iterable[FeedEntry],
    now: datetime,
    fetcher: Fetcher | None,
    known: Known,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[list[Article], Counter[EntryOutcome]]:
    """Return the articles of `entries`, and the outcomes of entries that became none.

    Pages are fetched with `fetcher` (None: never) for articles that are unknown, or known with
    another title or lead. A known article that says the same comes back with its stored text,
    so that its content hash is the stored one. Raises StoppedError when `stop()` comes true
    before all pages are there: without its page an article would be stored for good.
    """
    articles, outcomes = _from_entries(outlet, entries, now)
    stored = known([article.id for article in articles])
    pages = _Pages(outlet, fetcher, stop)
    return [_with_text(article, stored.get(article.id), pages) for article in articles], outcomes


def _from_entries(
    outlet: Outlet, entries: Iterable[FeedEntry], now: datetime
) -> tuple[list[Article], Counter[EntryOutcome]]:
    articles: list[Article] = []
    outcomes: Counter[EntryOutcome] = Counter()
    seen = Seen()
    for entry in entries:
        url = canonical_url(entry.url)
        if not url:
            outcomes[EntryOutcome.NO_LINK] += 1
        elif not story_key(entry.title):
            outcomes[EntryOutcome.NO_TITLE] += 1
        elif seen.repeats(article_id_of(url), entry.title):
            outcomes[EntryOutcome.DUPLICATE] += 1
        else:
            articles.append(_article(outlet, entry, url, now))
    return articles, outcomes


def _article(outlet: Outlet, entry: FeedEntry, url: str, now: datetime) -> Article:
    lead = shorten(entry.summary, LEAD_CHARS)
    return Article(
        id=article_id_of(url),
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


def _with_text(article: Article, stored: Article | None, pages: _Pages) -> Article:
    if stored is not None and _says_the_same(article, stored):
        return replace(article, text=stored.text, content_hash=stored.content_hash)
    text = pages.text(article.url) or (stored.text if stored else "")
    return replace(article, text=text, content_hash=content_hash(article.title, article.lead, text))


def _says_the_same(article: Article, stored: Article) -> bool:
    fresh = content_hash(article.title, article.lead, "")
    return fresh == content_hash(stored.title, stored.lead, "")


class _Pages:
    """The pages of one outlet in one round; gives up when they turn out to be out of reach."""

    def __init__(self, outlet: Outlet, fetcher: Fetcher | None, stop: Callable[[], bool]) -> None:
        self._outlet = outlet
        self._fetcher = fetcher if outlet.fetch_pages else None
        self._stop = stop
        self._failures = 0
        self._left = PAGES_PER_ROUND

    def text(self, url: str) -> str:
        """Return the text of the page at `url`, or an empty string."""
        if self._fetcher is None or self._failures >= PAGE_FAILURES or not self._left:
            return ""
        if self._stop():
            raise StoppedError
        self._left -= 1
        try:
            page = self._fetcher.get(
                url,
                headers=self._outlet.headers if self._at_home(url) else None,
                user_agent=self._outlet.user_agent,
                proxy=self._outlet.proxy,
                accept=_ACCEPT_PAGE,
            )
        except FetchError:
            # Title and summary are enough; the feed's own health says more than one page's.
            self._failures += 1
            return ""
        self._failures = 0
        kind = page.headers.get("content-type", "text/html").lower()
        return extract_text(page.body, page.url) if "html" in kind else ""

    def _at_home(self, url: str) -> bool:
        """True when the page is on the feed's own site: the outlet's headers are for no other."""
        hosts = [urlsplit(item).netloc.removeprefix("www.") for item in (url, self._outlet.feed)]
        return hosts[0] == hosts[1]
