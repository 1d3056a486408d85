"""From a found address to an article: ruled out by what is known of it, or read from its page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.collect.articles import build_articles
from services.collect.backfill.completing import read_page
from services.collect.backfill.found import SLACK, Found, FoundOutcome, Span
from services.collect.backfill.site import Site, dated, is_article_like
from services.collect.backfill.visitor import DisallowedError, Visitor
from services.collect.http.errors import FetchError
from services.collect.http.fetcher import Fetched
from services.collect.identity.canonical import canonical_url
from services.domain.article import Article, DateQuality, FeedEntry, Origin
from services.domain.identity import content_hash

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
    without `pages` only what a source tells counts."""

    visitor: Visitor
    site: Site
    span: Span
    pages: bool
    pause: float

    def judge(self, found: Found, now: datetime) -> Judged:
        """Return the article at `found`, which was not ruled out, or why there is none.

        Raises LaterError and StoppedError.
        """
        text = ""
        asked = wants_page(found) and self.pages
        if asked:
            try:
                fetched = self._fetch(found)
            except DisallowedError:
                return Judged(found, FoundOutcome.DISALLOWED)
            except FetchError:
                return Judged(found, FoundOutcome.UNREACHABLE)
            if not self._is_article(found, fetched):
                return Judged(found, FoundOutcome.NOT_AN_ARTICLE)
            found, text = self._completed(found, fetched, now)
        if found.published is None:
            return Judged(found, FoundOutcome.NO_DATE)
        if not self.span.holds(found.published.date()):
            return Judged(found, FoundOutcome.OUT_OF_RANGE)
        article = _article(self.visitor, found, text, now)
        return Judged(found, None if article else FoundOutcome.NO_TITLE, article, asked)

    def _fetch(self, found: Found) -> Fetched:
        if found.copy:
            return self.visitor.get_copy(found.copy, self.pause)
        return self.visitor.get(found.url, accept=_ACCEPT)

    def _is_article(self, found: Found, fetched: Fetched) -> bool:
        """False for what is no page, or has moved to a place that is no article's."""
        if "html" not in fetched.headers.get("content-type", "text/html").lower():
            return False
        if found.copy or fetched.url == found.url:
            return True
        return self.site.owns(fetched.url) and is_article_like(fetched.url)

    def _completed(self, found: Found, fetched: Fetched, now: datetime) -> tuple[Found, str]:
        known = [moment for moment in (found.changed, found.captured) if moment]
        url = found.url if found.copy else fetched.url
        page = read_page(
            fetched.body,
            fetched.headers.get("content-type", ""),
            url,
            self.visitor.outlet,
            min([*known, now]),
        )
        own = page.canonical if self._is_same(page.canonical, url) else url
        completed = replace(
            found,
            url=own,
            title=found.title or page.title,
            summary=found.summary or page.summary,
            published=found.published or page.published,
            author=found.author or page.author,
            section=found.section or page.section,
        )
        return completed, page.text

    def _is_same(self, canonical: str, url: str) -> bool:
        """True when a page's own address names the article at `url` in another form."""
        if not canonical_url(canonical) or not self.site.owns(canonical):
            return False
        return is_article_like(canonical) and _last(canonical) == _last(url)


def _last(url: str) -> str:
    """The last part of a path, which holds the article's name or number."""
    path = canonical_url(url).partition("?")[0].rstrip("/")
    return path.rpartition("/")[2]


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
