"""Which addresses a back-fill takes for articles of a site, and which days they name."""

from __future__ import annotations

from datetime import date

import pytest

from services.collect.backfill.found import Span
from services.collect.backfill.site import (
    Site,
    bare_host,
    dated,
    is_article_like,
    listed_days,
    named_site,
    site_of,
)


@pytest.mark.parametrize(
    "path",
    [
        "/news/596361-tucker-congress-report/",
        "/politics/1940203",
        "/2025/02/18/envoys-meet",
        "/20250218/peregovory-1999887766.html",
        "/world-europe-61234567",
        "/articles/envoys-meet-for-talks",
        "/index.php?id=20345",
        "/?p=1234",
    ],
)
def test_articles_look_like_articles(path: str) -> None:
    assert is_article_like(f"https://a.example{path}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/politics/",
        "/tag/envoys-and-their-talks/",
        "/category/world-news-2025/",
        "/author/ann-b-writer/",
        "/page/245/",
        "/2024/05/",
        "/about-us/",
        "/search?q=envoys",
        "/images/map-of-europe-2025.jpg",
        "/video/clip-of-the-day-12345.mp4",
        "/files/report-on-the-year-2024.pdf",
        "/wp-content/uploads/2024/05/a-b-c-1234",
        "/envoys-meet-for-talks/feed/",
        "/sitemap-posts-2024.xml",
        "/login?next=/news/12345",
    ],
)
def test_lists_files_and_front_pages_do_not(path: str) -> None:
    assert not is_article_like(f"https://a.example{path}")


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/2025/02/18/x", date(2025, 2, 18), date(2025, 2, 18)),
        ("/20250218/x-1999.html", date(2025, 2, 18), date(2025, 2, 18)),
        ("/news/2025-2-3-x", date(2025, 2, 3), date(2025, 2, 3)),
        ("/2025/02/x", date(2025, 2, 1), date(2025, 2, 28)),
    ],
)
def test_a_day_or_month_in_an_address(path: str, first: date, last: date) -> None:
    assert dated(f"https://a.example{path}") == (first, last)


@pytest.mark.parametrize(
    "path",
    [
        "/politics/1940203",
        "/news/202404-slug-of-it",
        "/x-20250218123",
        "/2025/13/40/x",
        "/20251340/x",
    ],
)
def test_numbers_that_are_no_days(path: str) -> None:
    assert dated(f"https://a.example{path}") is None


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/sitemap-202405.xml", date(2024, 5, 1), date(2024, 5, 31)),
        ("/maps/posts-2024-05.xml.gz", date(2024, 5, 1), date(2024, 5, 31)),
        ("/sitemap_20240517.xml", date(2024, 5, 1), date(2024, 5, 31)),
        ("/2023/sitemap.xml", date(2023, 1, 1), date(2023, 12, 31)),
        ("/sitemap_2023.xml", date(2023, 1, 1), date(2023, 12, 31)),
    ],
)
def test_days_that_the_name_of_a_sitemap_tells(path: str, first: date, last: date) -> None:
    assert listed_days(f"https://a.example{path}") == (first, last)


@pytest.mark.parametrize("path", ["/sitemap-3.xml", "/sitemap-12500.xml", "/post-sitemap.xml"])
def test_a_number_of_a_sitemap_is_no_day(path: str) -> None:
    assert listed_days(f"https://a.example{path}") is None


def test_a_site_is_where_the_links_of_a_feed_lead() -> None:
    links = ["https://www.a.example/1", "https://www.a.example/2", "https://b.example/3"]
    assert site_of("https://feeds.proxy.example/a", links) == Site("https://www.a.example")
    assert site_of("https://feeds.a.example/rss", []) == Site("https://a.example")


@pytest.mark.parametrize(
    ("url", "owned"),
    [
        ("https://a.example/x", True),
        ("http://m.a.example/x", True),
        ("https://sport.a.example/x", True),
        ("https://nota.example/x", False),
        ("https://a.example.evil.test/x", False),
        ("not an address", False),
    ],
)
def test_what_belongs_to_a_site(url: str, owned: bool) -> None:
    assert Site("https://www.a.example").owns(url) is owned


def test_a_part_of_a_site_leaves_out_the_rest() -> None:
    part = named_site("https://www.a.example/en/")
    assert part is not None
    assert part.owns("https://a.example/en/x")
    assert not part.owns("https://a.example/ru/x")


def test_hosts_lose_their_usual_prefixes_and_no_more() -> None:
    assert bare_host("https://WWW.A.example:8080/x") == "a.example:8080"
    assert bare_host("https://rss.example/x") == "rss.example"


def test_the_months_of_a_span_cover_it() -> None:
    months = list(Span(date(2024, 11, 15), date(2025, 1, 3)).months())
    assert months == [
        Span(date(2024, 11, 15), date(2024, 11, 30)),
        Span(date(2024, 12, 1), date(2024, 12, 31)),
        Span(date(2025, 1, 1), date(2025, 1, 3)),
    ]


def test_a_malformed_address_belongs_to_no_site_and_names_nothing() -> None:
    bad = "http://[/2025/01/01/one-two-three"
    assert named_site("http://[") is None
    assert site_of("https://a.example/feed", [bad]).root == "https://a.example"
    assert (listed_days(bad), is_article_like(bad)) == (None, False)
    assert not Site("https://a.example").owns(bad)
