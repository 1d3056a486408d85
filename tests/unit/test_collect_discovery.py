"""The feeds that a web page names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.discovery import MAX_CANDIDATES, Candidate, discover, usual_places

URL = "https://news.example/world/"


def urls(html: str, url: str = URL) -> list[str]:
    return [candidate.url for candidate in discover(html.encode(), url)]


def test_a_declared_feed_is_found_with_its_title_and_kind() -> None:
    page = '<link rel="alternate" type="application/rss+xml" title="All news" href="/feed">'
    assert discover(page.encode(), URL) == [
        Candidate("https://news.example/feed", "All news", "rss")
    ]


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("<link rel=alternate type=application/atom+xml href=/x>", "atom"),
        ("<LINK REL='Alternate Home' TYPE='application/rss+xml; charset=utf-8' HREF=/x>", "rss"),
        ("<link rel=alternate type=application/feed+json href=/x>", "json"),
        ("<link rel=alternate type=application/json href=/x?feed>", "json"),
        ("<link rel=feed href=/x>", "feed"),
        ("<link rel=alternate type=text/xml href=/x>", "feed"),
        ("<a href=/x/rss/>Subscribe</a>", "link"),
        ("<a href=/x>RSS</a>", "link"),
        ("<a href=https://feeds.feedburner.com/x>RSS</a>", "link"),
    ],
)
def test_every_way_of_naming_a_feed_is_known(link: str, kind: str) -> None:
    assert [candidate.kind for candidate in discover(link.encode(), URL)] == [kind]


@pytest.mark.parametrize(
    "link",
    [
        "<link rel=stylesheet href=/feed.css>",
        "<link rel=alternate hreflang=ru href=/ru>",
        "<link rel=alternate type=application/json href=/wp-json/wp/v2/pages/1>",
        "<link rel=alternate type=application/rss+xml href=javascript:x>",
        "<link rel=alternate type=application/rss+xml>",
        "<a href=https://reader.example/add?rss>RSS</a>",
        "<a href=/world/address>Compressed</a>",
        "<a href=#rss>RSS</a>",
    ],
)
def test_what_names_no_feed_is_left_out(link: str) -> None:
    assert urls(link) == []


def test_a_malformed_base_does_not_count() -> None:
    assert urls("<base href='http://['><link rel=feed href=/x>") == ["https://news.example/x"]


def test_what_is_declared_comes_first_and_comments_last() -> None:
    page = """<base href="https://news.example/base/">
    <link rel=alternate type=application/rss+xml title="Comments" href=/comments/feed>
    <link rel=alternate type=application/rss+xml href=main.xml>
    <a href=/rss>RSS</a>"""
    assert urls(page) == [
        "https://news.example/base/main.xml",
        "https://news.example/rss",
        "https://news.example/comments/feed",
    ]


def test_a_feed_that_is_named_twice_is_one() -> None:
    link = "<link rel=alternate type=application/rss+xml href=/feed>"
    assert urls(link + link + "<a href=/feed>RSS</a>") == ["https://news.example/feed"]


def test_only_so_many_are_named() -> None:
    assert len(urls("".join(f"<a href=/rss/{n}>RSS</a>" for n in range(99)))) == MAX_CANDIDATES


def test_the_usual_places_are_on_the_same_site() -> None:
    assert "https://news.example/feed/" in usual_places(URL)
    assert all(place.startswith("https://news.example/") for place in usual_places(URL))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_page_breaks_the_search(body: bytes) -> None:
    start = b"<link rel=alternate type=application/rss+xml href='"
    assert all(one.url.startswith("http") for one in discover(start + body, URL))
