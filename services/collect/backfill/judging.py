"""From a found address to an article: ruled out by what is known of it, or read from its page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.collect.articles import build_articles
from services.collect.backfill.completing import Completed, read_page
from services.collect.backfill.found import SLACK, Found, FoundOutcome, Span
from services.collect.backfill.site import Site, dated, is_article_like
from services.collect.backfill.visitor import DisallowedError, Visitor
from services.collect.http.errors import FetchError
from services.collect.http.fetcher import Fetched
from services.collect.identity.canonical import article_id_of, canonical_url
from services.collect.identity.stated import same_article
from services.collect.pages.site import Site as PagesSeen
from services.domain.article import Article, DateQuality, FeedEntry, Origin
from services.domain.identity import content_hash
from services.domain.page import PageOutcome

_ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one found address: an article, or why it became none.

    `asked`: its page was asked for, so that nobody need do so again.
    """

    found: Found
    outcome: FoundOutcome | None = None
    article: Article | None = None
    asked: bool = False


def ruled_out(found: Found, site: Site, span: Span) -> FoundOutcome | None:
    """Return why an address needs no request; None when it may be an article of the span.

    What a feed or a news sitemap gives a title is the outlet's own article wherever it lies.
    """
    if not canonical_url(found.url):
        return FoundOutcome.NOT_AN_ARTICLE
    if not found.title and not site.owns(found.url):
        return FoundOutcome.ELSEWHERE
    if not found.title and not is_article_like(found.url):
        return FoundOutcome.NOT_AN_ARTICLE
    if found.published:
        return None if span.holds(found.published.date()) else FoundOutcome.OUT_OF_RANGE
    days = dated(found.url)
    unchanged = found.changed is not None and found.changed.date() + SLACK < span.since
    if unchanged or (days is not None and not span.may_hold(*days)):
        return FoundOutcome.OUT_OF_RANGE
    return None


def wants_page(found: Found) -> bool:
    """True when the source told too little, so that the page itself has to be asked."""
    return not found.title or found.published is None


@dataclass(frozen=True, slots=True)
class Judge:
    """Turns found addresses into articles. `pause` is that before each copy of an archive;
    without `pages` only what a source tells counts. `seen` knows what the site puts on all its
    pages, and pages that come again and again."""

    visitor: Visitor
    site: Site
    span: Span
    pages: bool
    pause: float
    seen: PagesSeen

    def judge(self, found: Found, now: datetime) -> Judged:
        """Return the article at `found`, which was not ruled out, or why there is none.

        Raises LaterError and StoppedError.
        """
        text = ""
        asked = wants_page(found) and self.pages
        if asked:
            completed = self._completed(found, now)
            if isinstance(completed, FoundOutcome):
                return Judged(found, completed, asked=True)
            found, text = completed
        if found.published is None:
            return Judged(found, FoundOutcome.NO_DATE, asked=asked)
        if not self.span.holds(found.published.date()):
            return Judged(found, FoundOutcome.OUT_OF_RANGE, asked=asked)
        article = _article(self.visitor, found, text, now)
        return Judged(found, None if article else FoundOutcome.NO_TITLE, article, asked)

    def _completed(self, found: Found, now: datetime) -> tuple[Found, str] | FoundOutcome:
        """What is found with what its page adds, and the page's text; or why there is no page."""
        try:
            fetched = self._fetch(found)
        except DisallowedError:
            return FoundOutcome.DISALLOWED
        except FetchError:
            return FoundOutcome.UNREACHABLE
        if fetched.url != found.url and not (
            self.site.owns(fetched.url) and is_article_like(fetched.url)
        ):
            return FoundOutcome.NOT_AN_ARTICLE
        return self._read(found, fetched, now)

    def _read(
        self, found: Found, fetched: Fetched, now: datetime
    ) -> tuple[Found, str] | FoundOutcome:
        known = [moment for moment in (found.changed, found.captured) if moment]
        page = read_page(fetched, found.url, self.visitor.outlet, min([*known, now]))
        if page.outcome is PageOutcome.UNREACHABLE:  # a wall in place of the page
            return FoundOutcome.UNREACHABLE
        empty = page.outcome is PageOutcome.NO_TEXT and not page.title
        name = article_id_of(found.url)
        repeated = [self.seen.repeats(item, name) for item in _hashes(fetched, page)]
        if empty or any(repeated):
            return FoundOutcome.NOT_AN_ARTICLE
        self.seen.learn(page.text)
        return self._with(found, page, fetched.url), self.seen.without(page.text)

    def _fetch(self, found: Found) -> Fetched:
        """The page, or the archive's copy as if it came from the page's own address."""
        if found.copy:
            return replace(self.visitor.get_copy(found.copy, self.pause), url=found.url)
        return self.visitor.get(found.url, accept=_ACCEPT)

    def _with(self, found: Found, page: Completed, came_from: str) -> Found:
        stated = page.canonical or came_from
        redirected = stated == came_from
        same = self.site.owns(stated) and same_article(found.url, stated, redirected=redirected)
        return replace(
            found,
            url=stated if same else found.url,
            title=found.title or page.title,
            summary=found.summary or page.summary,
            published=found.published or page.published,
            author=found.author or page.author,
            section=found.section or page.section,
        )


def _hashes(fetched: Fetched, page: Completed) -> list[str]:
    """What tells a page from others; the text, too, since a number may differ on each."""
    texts = [fetched.body, *([page.text.encode()] if page.text else [])]
    return [hashlib.sha256(text).hexdigest() for text in texts]


def _article(visitor: Visitor, found: Found, text: str, now: datetime) -> Article | None:
    entry = FeedEntry(
        url=found.url,
        title=found.title,
        summary=found.summary,
        published=found.published,
        author=found.author,
        section=found.section,
        date_quality=DateQuality.STATED,
    )
    built, _ = build_articles(visitor.outlet, [entry], now)
    return next(
        (
            replace(
                article,
                text=text,
                content_hash=content_hash(article.title, article.lead, text),
                origin=Origin.BACKFILLED,
            )
            for article in built
        ),
        None,
    )
