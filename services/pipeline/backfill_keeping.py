"""Writing what a back-fill found, and knowing what need not be looked at again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.collect.backfill.found import Found, FoundOutcome
from services.collect.backfill.judging import Judged
from services.collect.backfill.request import Request
from services.collect.backfill.tally import Tally
from services.collect.identity.canonical import article_id_of
from services.context import Context
from services.domain.article import Article, EntryOutcome

MOST_SETTLED: Final = 200_000
"""Addresses that one back-fill remembers; one that is forgotten is at worst looked at again."""


class Keeper:
    """Stores articles and counts how what was found ended, for one back-fill."""

    def __init__(self, context: Context, request: Request, tally: Tally) -> None:
        self._context = context
        self._request = request
        self._tally = tally
        # Ids of which no other source could tell more, those met last at the end.
        self._settled: OrderedDict[str, None] = OrderedDict()

    @property
    def room(self) -> int | None:
        """How many new articles may still be stored; None without a limit."""
        limit = self._request.limit
        return None if limit is None else limit - self._tally.outcomes[FoundOutcome.NEW]

    def sorted_out(
        self, some: Sequence[Found]
    ) -> Iterator[tuple[Found, FoundOutcome | None, datetime | None]]:
        """Each address with its outcome where this command or the store knows it already."""
        stored = self._context.store.articles([article_id_of(found.url) for found in some])
        for found in some:
            name = article_id_of(found.url)
            known = stored.get(name)
            if name in self._settled:
                self._remember(name)
                yield found, FoundOutcome.REPEATED, found.published
            elif known is not None:
                self._remember(name)
                yield found, FoundOutcome.KNOWN, known.published
            else:
                yield found, None, None

    def settle(self, found: Found, judged: Judged | None = None) -> None:
        """Remember what no other source could tell more about; a date may stand elsewhere."""
        if judged is None or judged.outcome in (None, FoundOutcome.OUT_OF_RANGE):
            self._remember(article_id_of(found.url))
        if judged is not None and judged.article is not None:
            self._remember(judged.article.id)

    def _remember(self, name: str) -> None:
        self._settled[name] = None
        self._settled.move_to_end(name)
        if len(self._settled) > MOST_SETTLED:
            self._settled.popitem(last=False)

    def write(self, ready: list[Judged]) -> None:
        """Store what is ready and count how all of it ended."""
        articles = {item.article.id: item.article for item in ready if item.article}
        known = self._context.store.articles(list(articles))
        fresh = [article for name, article in articles.items() if name not in known]
        asked = {item.article.id for item in ready if item.article and item.asked}
        stored = self._add([article for article in fresh if article.id in asked])
        stored |= self._add([article for article in fresh if article.id not in asked], visit=True)
        for item in ready:
            self._tally.count(_ended(item, stored, known), item.found.published)
        ready.clear()

    def _add(self, articles: Sequence[Article], *, visit: bool = False) -> set[str]:
        """Store articles; returns the ids of those that are new.

        With `visit` their pages, which nobody has asked for yet, are left to the stage that
        visits pages; it takes the newest first, so that live articles do not wait for them.
        """
        outlet, settings = self._request.outlet, self._context.settings
        pages = visit and self._request.pages and outlet.fetch_pages and settings.fetch_pages
        outcomes = self._context.store.add_articles(
            articles, visit_at=self._context.clock() if pages else None
        )
        return {
            article.id
            for article, outcome in zip(articles, outcomes, strict=True)
            if outcome is EntryOutcome.NEW
        }


def _ended(item: Judged, stored: set[str], known: Mapping[str, Article]) -> FoundOutcome:
    if item.outcome is not None:
        return item.outcome
    if item.article is not None and item.article.id in stored:
        return FoundOutcome.NEW
    if item.article is not None and item.article.id in known:
        return FoundOutcome.KNOWN
    return FoundOutcome.REPEATED
