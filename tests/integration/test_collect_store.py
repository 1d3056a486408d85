"""Collection into a real store: rounds that repeat add nothing, edits become revisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from services.collect.articles import build_articles
from services.collect.feeds.poll import poll
from services.collect.http.fetcher import Fetcher
from services.domain.article import EntryOutcome
from services.domain.outlet import FeedState
from services.index.opening import open_store
from services.index.store import Store
from tests.support.feed_server import FeedServer
from tests.support.records import NOW, make_outlet


@dataclass
class Newsroom:
    """An outlet on a loopback server, and the round of collection that the pipeline does."""

    server: FeedServer
    fetcher: Fetcher
    store: Store
    state: FeedState = field(default_factory=lambda: FeedState("rt"))

    def publish(self, *titles: str) -> None:
        items = "".join(
            f"<item><title>{title}</title><link>/{n}</link></item>"
            for n, title in enumerate(titles)
        )
        self.server.set("/feed", body=f"<rss><channel>{items}</channel></rss>")

    def round(self, now: datetime) -> list[EntryOutcome]:
        outlet = make_outlet(feed=self.server.url("/feed"))
        result = poll(outlet, self.state, self.fetcher, now)
        articles, _ = build_articles(outlet, result.entries, now)
        self.state = result.state
        return self.store.add_articles(articles)


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    store = open_store(tmp_path / "framewatch.db")
    with (
        FeedServer() as server,
        Fetcher(
            user_agent="t", timeout=20, max_bytes=200_000, allow_networks=["127.0.0.0/8"]
        ) as fetcher,
    ):
        yield Newsroom(server, fetcher, store)
    store.close()


def test_a_second_round_adds_nothing(newsroom: Newsroom) -> None:
    newsroom.publish("First headline", "Second headline")
    assert newsroom.round(NOW) == [EntryOutcome.NEW] * 2
    assert newsroom.round(NOW + timedelta(hours=1)) == [EntryOutcome.DUPLICATE] * 2


def test_an_edited_headline_is_a_revision(newsroom: Newsroom) -> None:
    newsroom.publish("First headline")
    newsroom.round(NOW)
    newsroom.publish("First headline, softened")
    assert newsroom.round(NOW + timedelta(hours=1)) == [EntryOutcome.REVISED]
    assert newsroom.round(NOW + timedelta(hours=2)) == [EntryOutcome.DUPLICATE]
    (article_id,) = newsroom.store.unclassified("any", 10)
    versions = newsroom.store.revisions(article_id)
    assert [version.title for version in versions] == ["First headline", "First headline, softened"]
