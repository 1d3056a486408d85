"""What sitemaps, older feed pages and an archive tell a back-fill, and where each of them ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.collect.backfill.found import FoundOutcome
from services.context import Context
from services.domain.article import Origin
from tests.support.backfilling import (
    FEBRUARY,
    JANUARY,
    open_context,
    publish_a_past,
    run,
    stored,
)
from tests.support.feed_server import Answer
from tests.support.past_site import XML, PastSite, index, rss


@pytest.fixture
def site() -> Iterator[PastSite]:
    with PastSite() as running:
        yield running


@pytest.fixture
def context(tmp_path: Path, site: PastSite) -> Iterator[Context]:
    opened = open_context(tmp_path, site)
    yield opened
    opened.close()


# Sitemaps


def test_pages_of_zipped_sitemaps_become_backfilled_articles_with_their_own_date_and_text(
    context: Context, site: PastSite
) -> None:
    titles = publish_a_past(site)
    site.offer_sitemaps()
    tally = run(context)
    assert tally.outcomes == {FoundOutcome.NEW: 5}
    found = stored(context)
    assert set(found) == set(titles)
    article = found[titles[1]]
    assert article.published == datetime(2025, 1, 19, 9, 30, tzinfo=UTC)
    assert article.origin is Origin.BACKFILLED
    assert article.lead == "Both sides called it useful."
    assert "went on for several hours" in article.text


def test_a_news_sitemap_at_a_usual_path_needs_no_page(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    site.offer_news_sitemap()
    run(context)
    assert set(stored(context)) == set(titles)
    assert site.asked("/news/") == 0


def test_sitemaps_that_end_before_the_span_are_not_asked_for(
    context: Context, site: PastSite
) -> None:
    publish_a_past(site)
    site.publish("An old story of its own", date(2019, 4, 2))
    site.offer_sitemaps()
    run(context)
    assert site.asked("/maps/posts-2019-04") == 0
    assert site.asked("/maps/posts-2025-01") == 1


def test_children_last_changed_before_the_span_are_not_asked_for(
    context: Context, site: PastSite
) -> None:
    old = f"<sitemap><loc>{site.root}/a.xml</loc><lastmod>2024-12-30</lastmod></sitemap>"
    new = f"<sitemap><loc>{site.root}/b.xml</loc><lastmod>2025-02-01</lastmod></sitemap>"
    site.server.set("/sitemap.xml", 200, XML, index(old + new))
    run(context)
    assert (site.asked("/a.xml"), site.asked("/b.xml")) == (0, 1)


def test_newer_sitemaps_are_asked_for_first(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    run(context)
    maps = [path for path in site.server.paths() if path.startswith("/maps/posts")]
    assert maps == ["/maps/posts-2025-02.xml.gz", "/maps/posts-2025-01.xml.gz"]


def test_loops_and_dead_ends_among_sitemaps_end(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    site.server.set("/maps/broken.xml", 200, XML, b"<html>gone</html>")
    site.offer_sitemaps(extra=["/maps/index.xml", "/maps/gone.xml", "/maps/broken.xml"])
    run(context)
    assert set(stored(context)) == set(titles)
    assert site.asked("/maps/index.xml") == 1


def test_a_sitemap_that_fails_this_time_is_asked_for_by_the_next_start_alone(
    context: Context, site: PastSite
) -> None:
    titles = publish_a_past(site)
    site.offer_sitemaps()
    february = "/maps/posts-2025-02.xml.gz"
    working = site.server.answer_at(february)
    site.server.set(february, 500)
    assert "could not be had" in run(context).notes[0]
    site.server.set(february, answer=working)
    run(context)
    assert set(stored(context)) == set(titles)
    assert site.asked("/maps/posts-2025-01") == 1


def test_a_chain_of_indexes_is_followed_only_so_far(context: Context, site: PastSite) -> None:
    for depth in range(30):
        inner = f"<sitemap><loc>{site.root}/deep/{depth + 1}.xml</loc></sitemap>"
        site.server.set(f"/deep/{depth}.xml", 200, XML, index(inner))
    site.robots += f"Sitemap: {site.root}/deep/0.xml\n"
    run(context)
    assert site.asked("/deep/") < 10


def test_a_sitemap_that_inflates_beyond_bounds_is_passed_over(
    context: Context, site: PastSite
) -> None:
    import gzip  # noqa: PLC0415

    bomb = gzip.compress(b"<urlset>" + b" " * (80 * 2**20))
    site.server.set("/sitemap.xml", 200, {"Content-Type": "application/gzip"}, bomb)
    assert run(context).outcomes == {}


# Feed pages


def test_numbered_pages_of_a_feed_are_walked_to_their_end(context: Context, site: PastSite) -> None:
    for number in range(17):
        site.publish(f"Story number {number} of the feed", FEBRUARY - timedelta(days=number))
    tally = run(context, sources=("feed",))
    assert tally.outcomes == {FoundOutcome.NEW: 17}
    assert site.asked("/feed?paged=5") == 1


def test_pages_older_than_the_span_end_the_walk(context: Context, site: PastSite) -> None:
    for number in range(40):
        site.publish(f"Story number {number} of the feed", FEBRUARY - timedelta(days=7 * number))
    tally = run(context, sources=("feed",))
    assert tally.outcomes[FoundOutcome.NEW] == 6
    assert site.asked("/feed?paged=4") == 0


def test_a_page_of_a_feed_that_fails_is_not_its_end(context: Context, site: PastSite) -> None:
    for number in range(17):
        site.publish(f"Story number {number} of the feed", FEBRUARY - timedelta(days=number))
    site.server.set("/feed?paged=3", 500)
    assert len(run(context, sources=("feed",)).notes) == 1
    site.server.set("/feed?paged=3", answer=site.server.answer_at("/feed"))
    assert run(context, sources=("feed",)).notes == []
    assert len(stored(context)) == 17


def test_a_feed_that_cannot_be_read_says_so(context: Context, site: PastSite) -> None:
    site.server.set("/feed", 200, {"Content-Type": "text/html"}, "<html>moved</html>")
    (note,) = run(context, sources=("feed",)).notes
    assert "web page in place of the feed" in note


def test_a_feed_that_repeats_itself_has_no_older_pages(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    body = rss(site.root, site.stories)
    site.server.set("/feed", answer=lambda _: Answer(200, {"Content-Type": "text/xml"}, body))
    run(context, sources=("feed",))
    assert set(stored(context)) == set(titles)
    assert site.asked("/feed") < 6


def test_archive_documents_of_a_feed_are_followed(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    documents = [site.stories[3:], site.stories[1:3], site.stories[:1]]
    for number, stories in enumerate(documents):
        link = f"<atom:link rel='prev-archive' href='{site.root}/archive-{number + 1}.xml'/>"
        path = f"/archive-{number}.xml" if number else "/feed"
        answer = Answer(200, {"Content-Type": "application/rss+xml"}, rss(site.root, stories, link))
        site.server.set(path, answer=lambda _, answer=answer: answer)  # type: ignore[misc]
    run(context, sources=("feed",))
    assert set(stored(context)) == set(titles)


def test_feed_pages_that_lead_in_a_circle_end(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    for path, other, part in (("/feed", "/b.xml", 0), ("/b.xml", "/feed", 2)):
        link = f"<atom:link rel='next' href='{site.root}{other}'/>"
        body = rss(site.root, site.stories[part : part + 2], link)
        site.server.set(path, 200, {"Content-Type": "application/rss+xml"}, body)
    assert run(context, sources=("feed",)).outcomes == {FoundOutcome.NEW: 4}


# The archive


def test_an_archive_listing_is_walked_page_by_page(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    site.offer_archive(rows_a_page=2)
    tally = run(context, sources=("archive",))
    assert tally.outcomes == {FoundOutcome.NEW: 5}
    assert set(stored(context)) == set(titles)
    listings = [path for path in site.archive_server.paths() if path.startswith("/cdx")]
    assert len(listings) == 3
    assert site.asked("/news/") == 0


def test_an_archive_that_asks_to_wait_is_given_the_time(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    site.offer_archive()
    path = f"/web/20250110120000id_/{site.root}{site.stories[0].path}"
    page, refused = site.stories[0].page(), []

    def answer(_: object) -> Answer:
        if not refused:
            refused.append(1)
            return Answer(429, {"Retry-After": "1"}, b"slower")
        return Answer(200, {"Content-Type": "text/html"}, page)

    site.archive_server.set(path, answer=answer)
    run(context, sources=("archive",))
    assert set(stored(context)) == set(titles)


def test_an_archive_that_asks_for_hours_is_left_alone_and_says_so(
    context: Context, site: PastSite
) -> None:
    site.archive_server.set("/cdx/search/cdx", 429, {"Retry-After": "7200"}, b"slower")
    tally = run(context, sources=("archive",))
    (note,) = tally.notes
    assert "120 minutes" in note


def test_the_archive_is_asked_only_for_months_that_nothing_else_covers(
    context: Context, site: PastSite
) -> None:
    january = site.publish("A story that only the archive has", JANUARY, online=False)
    site.publish("A story of the live site", FEBRUARY)
    site.offer_archive()
    site.stories.remove(january)
    site.offer_news_sitemap()
    run(context, sources=("sitemap", "feed", "archive"), only_gaps=True)
    (listing,) = [path for path in site.archive_server.paths() if path.startswith("/cdx")]
    assert "from=20250101" in listing
    assert len(stored(context)) == 2
    assert len([path for path in site.archive_server.paths() if path.startswith("/web")]) == 1


def test_a_stopped_walk_of_the_archive_goes_on_with_the_gaps_that_it_began_with(
    context: Context, site: PastSite
) -> None:
    for number in range(12):
        story = site.publish(f"Story number {number} of the past", FEBRUARY - timedelta(3 * number))
        site.server.set(story.path, 404)
    site.offer_archive()
    past, site.stories = site.stories, []
    wanted = {"sources": ("sitemap", "archive"), "only_gaps": True}
    run(context, stop_after=5, **wanted)
    run(context, **wanted)
    assert set(stored(context)) == {story.title for story in past}


def test_nothing_is_asked_of_the_archive_where_no_month_is_empty(
    context: Context, site: PastSite
) -> None:
    publish_a_past(site)
    site.offer_news_sitemap()
    run(context, sources=("sitemap", "feed", "archive"), only_gaps=True)
    assert site.archive_server.paths() == []
