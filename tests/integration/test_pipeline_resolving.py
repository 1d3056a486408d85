"""Redirectors and changed links: one article stays one, whatever is known when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.collect.articles import build_articles
from services.collect.http.gate import HostGate
from services.context import Context, open_context
from services.domain.article import Article, EntryOutcome, FeedEntry
from services.pipeline.resolving import MOST_ASKED, resolver
from services.settings import load_settings
from tests.support.clock import SteppedClock
from tests.support.feed_server import FeedServer
from tests.support.records import make_entry, make_outlet

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
OUTLET = make_outlet()
ARTICLE = "/world/123456-talks-in-geneva/"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    settings = load_settings(data=tmp_path, allow_networks=["127.0.0.0/8"], host_pause=0.0)
    with open_context(settings, clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as serving:
        serving.set(ARTICLE, 200, {"Content-Type": "text/html"}, b"<html>talks</html>")
        yield serving


def _poll(context: Context, *entries: FeedEntry) -> tuple[list[Article], list[EntryOutcome]]:
    resolve = resolver(context, OUTLET, entries)
    articles, _ = build_articles(OUTLET, entries, NOW, resolve=resolve)
    return articles, context.store.add_articles(articles, live=True)


def _stored(context: Context) -> int:
    return context.store.stats(context.model).articles


def test_a_redirector_gives_way_to_the_address_it_leads_to(
    context: Context, server: FeedServer
) -> None:
    server.set("/~r/feed/abc", 302, {"Location": ARTICLE})
    (article,), _ = _poll(context, make_entry(url=server.url("/~r/feed/abc")))
    assert article.url == server.url(ARTICLE)


def test_a_redirector_is_asked_once(context: Context, server: FeedServer) -> None:
    server.set("/~r/feed/abc", 302, {"Location": ARTICLE})
    entry = make_entry(url=server.url("/~r/feed/abc"))
    _poll(context, entry)
    _poll(context, entry)
    assert [request.path for request in server.requests].count("/~r/feed/abc") == 1


def test_a_redirector_that_answers_later_makes_no_second_article(
    context: Context, server: FeedServer
) -> None:
    entry = make_entry(url=server.url("/~r/feed/abc"), title="Talks in Geneva")
    server.set("/~r/feed/abc", 503)
    _poll(context, entry)
    server.set("/~r/feed/abc", 302, {"Location": ARTICLE})
    edited = make_entry(url=entry.url, title="Negotiations at the lake end early")
    assert _poll(context, edited)[1] == [EntryOutcome.REVISED]
    assert _stored(context) == 1


def test_a_redirector_that_leads_to_a_home_page_keeps_its_own_address(
    context: Context, server: FeedServer
) -> None:
    server.set("/", 200, {"Content-Type": "text/html"}, b"<html>home</html>")
    server.set("/~r/feed/abc", 302, {"Location": "/"})
    (article,), _ = _poll(context, make_entry(url=server.url("/~r/feed/abc")))
    assert article.url == server.url("/~r/feed/abc")


def test_a_poll_asks_only_so_many_redirectors(context: Context, server: FeedServer) -> None:
    entries = [
        make_entry(number, url=server.url(f"/~r/feed/{number}")) for number in range(MOST_ASKED + 5)
    ]
    articles, outcomes = _poll(context, *entries)
    assert len([path for path in server.paths() if path != "/robots.txt"]) == MOST_ASKED
    assert outcomes == [EntryOutcome.NEW] * len(entries) == [EntryOutcome.NEW] * len(articles)


def test_the_pause_that_a_redirector_asks_for_is_kept(context: Context, server: FeedServer) -> None:
    server.set("/robots.txt", 200, {}, "User-agent: *\nCrawl-delay: 7")
    clock = SteppedClock()
    context.gate = HostGate(0.0, clock=clock, sleep=clock.sleep)
    entries = [make_entry(number, url=server.url(f"/~r/feed/{number}")) for number in range(2)]
    resolver(context, OUTLET, entries, clock=clock)
    assert clock.slept == pytest.approx(14)  # after robots.txt, and between the two


@pytest.mark.parametrize(
    "guid",
    [
        "https://news.example/?p=4711",
        "tag:news.example,2025:post-4711",
        "1b4e28ba-2fa1-11d2-883f-0016d3cca427",
    ],
)
def test_an_article_whose_link_changes_under_its_guid_is_revised(
    context: Context, guid: str
) -> None:
    old, new = "https://news.example/2025/03/old-slug/", "https://news.example/2025/03/new-slug/"
    _poll(context, make_entry(url=old, guid=guid, title="Talks in Geneva fail"))
    articles, outcomes = _poll(
        context, make_entry(url=new, guid=guid, title="Both sides leave the table")
    )
    assert outcomes == [EntryOutcome.REVISED]
    assert [article.url for article in articles] == [old]


def test_a_guid_that_was_the_link_leads_back_to_its_article(context: Context) -> None:
    old, new = "https://news.example/2025/03/old-slug/", "https://news.example/2025/03/new-slug/"
    _poll(context, make_entry(url=old, guid=old, title="Talks in Geneva fail"))
    edited = make_entry(url=new, guid=old, title="Both sides leave the table")
    assert _poll(context, edited)[1] == [EntryOutcome.REVISED]


@pytest.mark.parametrize("guid", ["", "4711", "https://news.example/", "latest", "tag:news"])
def test_a_guid_that_names_no_article_merges_none(context: Context, guid: str) -> None:
    one = make_entry(url="https://news.example/2025/03/a-slug/", guid=guid, title="Snow in Altai")
    two = make_entry(url="https://news.example/2025/03/b-slug/", guid=guid, title="Rain in Perm")
    _poll(context, one)
    assert _poll(context, two)[1] == [EntryOutcome.NEW]


def test_a_guid_that_several_entries_share_merges_none(context: Context) -> None:
    guid = "tag:news.example,2025:all-1"
    one = make_entry(url="https://news.example/2025/03/a-slug/", guid=guid, title="Snow in Altai")
    two = make_entry(url="https://news.example/2025/03/b-slug/", guid=guid, title="Rain in Perm")
    assert _poll(context, one, two)[1] == [EntryOutcome.NEW, EntryOutcome.NEW]


def test_a_guid_that_is_used_again_for_another_number_merges_none(context: Context) -> None:
    guid = "tag:news.example,2025:post-1"
    one = make_entry(url="https://news.example/news/610219/", guid=guid, title="Snow in Altai")
    two = make_entry(url="https://news.example/news/610220/", guid=guid, title="Rain in Perm")
    _poll(context, one)
    assert _poll(context, two)[1] == [EntryOutcome.NEW]
