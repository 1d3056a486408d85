"""The feeds of a site are found by trying, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.collect.feeds.finder import BROWSER_AGENT, Finder, Search
from services.collect.feeds.page_check import PageCheck, check_page
from services.collect.http.fetcher import Fetcher
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from tests.support.clock import SteppedClock
from tests.support.feed_server import Answer, FeedServer, Request
from tests.zoo.documents import item, rss

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
XML = {"Content-Type": "application/rss+xml"}
HTML = {"Content-Type": "text/html"}
RUSSIAN = rss(
    item("Переговоры прошли в столице", date="Fri, 28 Feb 2025 12:00:00 GMT"),
    item("Стороны договорились о встрече", date="Wed, 26 Feb 2025 12:00:00 GMT"),
)
ARTICLE = "<html><body><article>" + "<p>A sentence of the article.</p>" * 40 + "</article></body>"


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


class Tools:
    def __init__(self) -> None:
        self.fetcher = Fetcher(
            user_agent="Framewatch/test", timeout=5, max_bytes=2**20,
            allow_networks=["127.0.0.0/8"],
        )  # fmt: skip
        self.gate = HostGate(0.0)
        self.robots = Robots(self.fetcher, "Framewatch/test", self.gate)
        self.told: list[str] = []

    def find(self, url: str) -> Search:
        return Finder(self.fetcher, self.gate, self.robots, NOW, self.told.append).find(url)

    def check(self, url: str) -> PageCheck:
        (found,) = self.find(url).found
        return check_page(found, self.fetcher, self.gate, self.robots)


@pytest.fixture
def tools() -> Iterator[Tools]:
    tools = Tools()
    yield tools
    tools.fetcher.close()


def test_an_address_that_is_a_feed_is_taken(server: FeedServer, tools: Tools) -> None:
    url = server.set("/feed", 200, XML, RUSSIAN)
    (found,) = tools.find(url).found
    assert (found.url, found.language, len(found.feed.entries)) == (url, "ru", 2)
    assert (found.newest, found.reach) == (NOW - timedelta(days=1), timedelta(days=2))
    assert found.user_agent == ""
    assert tools.told == [url]


def test_the_feeds_that_a_page_names_are_tried(server: FeedServer, tools: Tools) -> None:
    link = "<link rel=alternate type=application/rss+xml href="
    page = f"<html><head>{link}/gone>{link}/feed></head></html>"
    url = server.set("/", 200, HTML, page)
    feed = server.set("/feed", 200, XML, RUSSIAN)
    search = tools.find(url)
    assert [found.url for found in search.found] == [feed]
    assert [failed for failed, _ in search.failed] == [url, server.url("/gone")]


def test_the_usual_places_are_tried_when_a_page_names_nothing(
    server: FeedServer, tools: Tools
) -> None:
    url = server.set("/", 200, HTML, "<html><body>News</body></html>")
    feed = server.set("/rss.xml", 200, XML, RUSSIAN)
    assert [found.url for found in tools.find(url).found] == [feed]


def test_a_place_that_robots_txt_closes_is_not_guessed(server: FeedServer, tools: Tools) -> None:
    server.set("/robots.txt", 200, {}, "User-agent: *\nDisallow: /rss")
    url = server.set("/", 200, HTML, "<html><body>News</body></html>")
    server.set("/rss.xml", 200, XML, RUSSIAN)
    assert tools.find(url).found == ()
    assert "/rss.xml" not in server.paths()


def test_a_news_sitemap_is_the_last_resort(server: FeedServer, tools: Tools) -> None:
    sitemap = (
        "<urlset xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'><url>"
        "<loc>https://news.example/1</loc><news:news><news:title>A headline of today"
        "</news:title></news:news></url></urlset>"
    )
    url = server.set("/", 200, HTML, "<html><body>News</body></html>")
    place = server.set("/news-sitemap.xml", 200, XML, sitemap)
    server.set("/robots.txt", 200, {}, f"Sitemap: {place}")
    assert [found.feed.kind for found in tools.find(url).found] == ["sitemap"]


def test_a_server_that_refuses_is_asked_as_a_browser_would(
    server: FeedServer, tools: Tools
) -> None:
    def answer(request: Request) -> Answer:
        browser = "Mozilla" in request.headers["user-agent"]
        return Answer(200, XML, RUSSIAN) if browser else Answer(403, {}, b"no")

    (found,) = tools.find(server.set("/feed", answer=answer)).found
    assert found.user_agent == BROWSER_AGENT
    assert "xml" in found.headers["Accept"]


def test_a_feed_that_has_moved_for_good_is_found_where_it_is(
    server: FeedServer, tools: Tools
) -> None:
    feed = server.set("/new", 200, XML, RUSSIAN)
    url = server.set("/old", 301, {"Location": feed})
    assert [found.url for found in tools.find(url).found] == [feed]


def test_a_site_without_feed_says_why_for_each_address(server: FeedServer, tools: Tools) -> None:
    search = tools.find(server.url("/nothing"))
    assert search.found == ()
    assert [sentence for _, sentence in search.failed] == [
        "127.0.0.1 answered 404 Not Found: the address is no longer right; look for a new one."
    ]


def test_the_pause_that_a_site_asks_for_is_kept_before_its_pages_and_guessed_places(
    server: FeedServer, tools: Tools
) -> None:
    clock = SteppedClock()
    tools.gate = HostGate(0.0, clock=clock, sleep=clock.sleep)
    server.set("/robots.txt", 200, {}, "User-agent: *\nCrawl-delay: 7")
    server.set("/", 200, HTML, "<html></html>")
    server.set("/rss.xml", 200, XML, rss(item("A headline of today", server.url("/1"))))
    tools.check(server.url("/"))
    places = [path for path in server.paths() if path not in ("/", "/robots.txt")]
    assert "/rss.xml" in places
    assert "/1" in places
    assert clock.slept == pytest.approx(7 * len(places))


def test_pages_that_hold_text_are_worth_fetching(server: FeedServer, tools: Tools) -> None:
    page = server.set("/1", 200, HTML, ARTICLE)
    url = server.set("/feed", 200, XML, rss(item("A headline of today", page)))
    check = tools.check(url)
    assert check.worth_fetching
    assert "words of text" in check.sentence


@pytest.mark.parametrize(
    ("status", "robots", "worth", "said"),
    [
        (403, "", False, "403"),
        (500, "", True, "500"),
        (200, "User-agent: *\nDisallow: /1", False, "robots.txt"),
    ],
)
def test_pages_that_stay_closed_are_not_worth_fetching(
    server: FeedServer, tools: Tools, status: int, robots: str, worth: bool, said: str
) -> None:
    server.set("/robots.txt", 200, {}, robots)
    page = server.set("/1", status, HTML, ARTICLE)
    url = server.set("/feed", 200, XML, rss(item("A headline of today", page)))
    check = tools.check(url)
    assert check.worth_fetching is worth
    assert said in check.sentence
