"""Articles that are copies of each other, and what a store says about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.domain.article import Article
from services.domain.syndication import Signature
from services.index.store import Store
from tests.support.records import MODEL, NOW, make_article


def sign(article: Article, *bands: int) -> Signature:
    """Return the signature of the article's current content."""
    return Signature(article.id, article.content_hash, bands)


def link(store: Store, *pairs: tuple[Article, Article]) -> None:
    """Say that articles are copies of each other."""
    store.save_signatures([], [(one.id, other.id) for one, other in pairs])


def carried_by(*outlets: str, day_of: Sequence[int] = ()) -> list[Article]:
    """Return a copy for each outlet, published an hour apart, or on the days of `day_of`."""
    return [
        make_article(
            number,
            outlet=outlet,
            published=NOW + timedelta(hours=number, days=day_of[number] if day_of else 0),
        )
        for number, outlet in enumerate(outlets)
    ]


def members(store: Store, article: Article) -> list[str]:
    """Return the ids of the article's cluster, in its order."""
    return [copy.article_id for copy in store.copies([article.id]).get(article.id, ())]


def count_all(store: Store) -> None:
    """Clear every dirty day, as the counting stage does."""
    store.put_day_counts([], store.dirty_days(1000))


def told_before(store: Store, article: Article, model: str = MODEL) -> tuple[str, ...]:
    """Return the outlets that told the article's story before it."""
    seen = {seen.article_id: seen for seen in store.observations([article.day], model)}
    return seen[article.id].told_before
