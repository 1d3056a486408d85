"""What a page says of its article, and which of its dates are trusted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.backfill.completing import Completed, read_page
from services.collect.http.fetcher import Fetched
from tests.support.records import make_outlet

LATEST = datetime(2025, 6, 1, tzinfo=UTC)
URL = "https://a.example/news/envoys-meet-for-talks"
TEXT = (
    "<p>" + "The talks went on for several hours and both sides called them useful. " * 8 + "</p>"
)


def read(head: str = "", body: str = "", *, url: str = URL, zone: str = "UTC") -> Completed:
    html = f"<html><head>{head}</head><body>{body}</body></html>".encode()
    page = Fetched(200, url, {"content-type": "text/html"}, html)
    return read_page(page, url, make_outlet(timezone=zone), LATEST)


@pytest.mark.parametrize(
    ("head", "body", "moment"),
    [
        (
            '<script type="application/ld+json">{"@type":"NewsArticle",'
            '"datePublished":"2025-02-18T09:30:00+03:00","dateModified":"2025-02-18T11:00:00+03:00"}'
            "</script>",
            "",
            datetime(2025, 2, 18, 6, 30, tzinfo=UTC),
        ),
        (
            '<meta property="article:published_time" content="2025-02-18T09:30:00Z">'
            '<meta property="article:modified_time" content="2025-02-20T10:00:00Z">',
            "",
            datetime(2025, 2, 18, 9, 30, tzinfo=UTC),
        ),
        (
            "",
            '<time datetime="2025-02-18T09:30:00Z">18 February</time>',
            datetime(2025, 2, 18, 9, 30, tzinfo=UTC),
        ),
        (
            '<meta name="pubdate" content="2025-02-18">',
            "",
            datetime(2025, 2, 18, tzinfo=UTC),
        ),
        (
            "",
            '<span itemprop="datePublished" content="2025-02-18T09:30:00Z">then</span>',
            datetime(2025, 2, 18, 9, 30, tzinfo=UTC),
        ),
    ],
)
def test_a_date_stated_as_data_is_taken(head: str, body: str, moment: datetime) -> None:
    assert read(head, body).published == moment


def test_a_time_without_a_zone_is_in_the_outlets() -> None:
    found = read(body='<time datetime="2025-02-18T09:30">then</time>', zone="Europe/Moscow")
    assert found.published == datetime(2025, 2, 18, 6, 30, tzinfo=UTC)


def test_a_day_in_the_address_is_taken() -> None:
    found = read(url="https://a.example/2025/02/18/envoys-meet")
    assert found.published == datetime(2025, 2, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", "<p>On 3 March 2024 they met.</p>"),
        ("", "<footer>Copyright 2024-03-04</footer>"),
        ("<title>News of 2024-03-04</title>", ""),
        ('<meta property="article:published_time" content="2031-02-18T09:30:00Z">', ""),
        ('<meta property="article:published_time" content="soon">', ""),
    ],
)
def test_dates_in_running_text_or_to_come_are_not_trusted(head: str, body: str) -> None:
    assert read(head, body).published is None


def test_title_summary_author_and_text_come_from_the_page() -> None:
    found = read(
        '<title>Envoys meet | A Paper</title><meta property="og:title" content="Envoys meet">'
        '<meta property="og:description" content="Both sides &amp; their aides agreed.">'
        '<meta name="author" content="Ann Bee">',
        f"<article><h1>Envoys meet</h1>{TEXT}</article>",
    )
    assert (found.title, found.author) == ("Envoys meet", "Ann Bee")
    assert found.summary == "Both sides & their aides agreed."
    assert found.text.startswith("The talks went on")


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(body: bytes) -> None:
    read_page(Fetched(200, URL, {}, b"<html>" + body), URL, make_outlet(), LATEST)
