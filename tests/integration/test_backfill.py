"""Back-filling against a site with a past: what is found, how it ends, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.collect.backfill.found import FoundOutcome, Span
from services.collect.backfill.request import Request
from services.collect.backfill.tally import Tally
from services.context import Context
from services.domain.article import Article, Origin
from services.errors import RetryableError
from services.index.opening import open_store
from services.index.records import SearchQuery
from services.outlets.catalogue import load_catalogue
from services.settings import load_settings
from tests.support.feed_server import Answer
from tests.support.past_site import XML, PastSite, index, rss, urlset

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SPAN = Span(date(2025, 1, 1), date(2025, 2, 28))
JANUARY = date(2025, 1, 10)
FEBRUARY = date(2025, 2, 10)


@pytest.fixture
def site() -> Iterator[PastSite]:
    with PastSite() as running:
        yield running


@pytest.fixture
def context(tmp_path: Path, site: PastSite) -> Iterator[Context]:
    opened = open_context(tmp_path, site)
    yield opened
    opened.close()


def open_context(folder: Path, site: PastSite) -> Context:
    settings = load_settings(
        data=folder,
        host_pause=0,
        archive_pause=0,
        archive_url=site.archive,
        allow_networks=("127.0.0.0/8",),
    )
    catalogue = replace(load_catalogue(), outlets=(site.outlet(),))
    return Context(settings, open_store(settings.store_path), catalogue, clock=lambda: NOW)


def run(context: Context, *, stop_after: int = 0, **fields: object) -> Tally:
    """Back-fill the one outlet; `stop_after` new articles the user presses Ctrl-C."""
    request = Request(context.catalogue.outlets[0], SPAN, sources=("sitemap",), only_gaps=False)
    request = replace(request, **fields)  # type: ignore[arg-type]
    seen = Tally(SPAN)

    def look(tally: Tally) -> None:
        nonlocal seen
        seen = tally

    return pipeline.backfill(
        context,
        request,
        on_progress=look,
        stop=lambda: bool(stop_after) and seen.outcomes[FoundOutcome.NEW] >= stop_after,
    )


def stored(context: Context) -> dict[str, Article]:
    """The articles in the store by title."""
    hits = context.store.search(SearchQuery(limit=1000)).hits
    return {hit.article.title: hit.article for hit in hits}


def publish_a_past(site: PastSite) -> list[str]:
    titles = [f"Envoys meet on {what}" for what in ("arms", "grain", "gas", "prisoners", "trade")]
    for number, title in enumerate(titles):
        site.publish(title, JANUARY + timedelta(days=9 * number))
    return titles


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


# How found addresses end


def test_the_feed_itself_is_asked_whatever_robots_txt_says_of_it(
    context: Context, site: PastSite
) -> None:
    titles = publish_a_past(site)
    site.robots = "User-agent: *\nDisallow: /\n"
    run(context, sources=("feed",))
    assert set(stored(context)) == set(titles)
    assert site.asked("/feed?") == 0


def test_every_found_address_ends_in_its_outcome(context: Context, site: PastSite) -> None:
    site.publish("A story from February", FEBRUARY)
    site.publish("A story without any date", FEBRUARY, dated=False)
    site.publish("A story of the year before", date(2024, 6, 1))
    site.publish("A story kept from programs", FEBRUARY, folder="private")
    site.publish("A story that is gone", FEBRUARY, online=False)
    addresses = [f"{site.root}{story.path}" for story in site.stories]
    addresses += [
        f"{site.root}/tag/talks-and-more-talks/",
        f"{site.root}/images/map-of-europe-2025.jpg",
    ]
    addresses += ["https://elsewhere.example/news/envoys-meet-again-12"]
    addresses += [f"{site.root}/2019/05/04/a-story-with-its-day-in-the-address"]
    body = urlset("".join(f"<url><loc>{url}</loc></url>" for url in addresses))
    site.server.set("/sitemap.xml", 200, XML, body)
    assert run(context).outcomes == {
        FoundOutcome.NEW: 1,
        FoundOutcome.NO_DATE: 1,
        FoundOutcome.OUT_OF_RANGE: 2,
        FoundOutcome.DISALLOWED: 1,
        FoundOutcome.UNREACHABLE: 1,
        FoundOutcome.NOT_AN_ARTICLE: 2,
        FoundOutcome.ELSEWHERE: 1,
    }
    assert site.asked("/private/") == 0
    assert site.asked("/2019/") == 0


def test_a_date_later_than_the_last_change_is_not_trusted(context: Context, site: PastSite) -> None:
    story = site.publish("A page that always says today", date(2025, 2, 20))
    entry = f"<url><loc>{site.root}{story.path}</loc><lastmod>2025-01-15</lastmod></url>"
    site.server.set("/sitemap.xml", 200, XML, urlset(entry))
    assert run(context).outcomes == {FoundOutcome.NO_DATE: 1}


def test_without_pages_only_what_a_source_states_is_taken(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    assert run(context, pages=False).outcomes == {FoundOutcome.NO_DATE: 5}
    assert site.asked("/news/") == 0


def test_a_page_that_moved_to_the_front_page_is_no_article(
    context: Context, site: PastSite
) -> None:
    site.server.set("/", 200, {"Content-Type": "text/html"}, "<html>front</html>")
    site.server.set("/news/an-old-story-1", 302, {"Location": "/"})
    entry = f"<url><loc>{site.root}/news/an-old-story-1</loc></url>"
    site.server.set("/sitemap.xml", 200, XML, urlset(entry))
    assert run(context).outcomes == {FoundOutcome.NOT_AN_ARTICLE: 1}


def test_an_article_that_moved_is_kept_under_its_own_address(
    context: Context, site: PastSite
) -> None:
    story = site.publish("Envoys meet on arms", FEBRUARY)
    site.server.set("/story/1000", 301, {"Location": story.path})
    entry = f"<url><loc>{site.root}/story/1000</loc></url>"
    site.server.set("/sitemap.xml", 200, XML, urlset(entry))
    run(context)
    (article,) = stored(context).values()
    assert article.url == f"{site.root}{story.path}"


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


# Going on


def test_a_second_run_adds_nothing_and_asks_for_no_page(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    run(context)
    before, asked = stored(context), site.asked("/news/")
    tally = run(context)
    assert tally.outcomes == {FoundOutcome.KNOWN: 5}
    assert stored(context) == before
    assert site.asked("/news/") == asked


@pytest.mark.parametrize("source", ["sitemap", "feed", "archive"])
def test_a_stopped_walk_goes_on_where_it_was(context: Context, site: PastSite, source: str) -> None:
    for number in range(12):
        site.publish(f"Story number {number} of the past", FEBRUARY - timedelta(days=3 * number))
    site.offer_sitemaps()
    site.offer_archive()
    first = run(context, stop_after=4, sources=(source,))
    assert first.stopped
    assert 4 <= len(stored(context)) < 12
    second = run(context, sources=(source,))
    assert not second.stopped
    assert len(stored(context)) == 12
    pages = [*site.server.paths(), *site.archive_server.paths()]
    copies = [path for path in pages if path.startswith(("/news/", "/web/"))]
    assert len(copies) == len(set(copies))


def test_what_was_left_out_before_the_stop_is_not_asked_for_again(
    context: Context, site: PastSite
) -> None:
    site.publish("A story without any date", FEBRUARY, dated=False)
    publish_a_past(site)
    site.offer_sitemaps()
    run(context, stop_after=2)
    run(context)
    pages = [path for path in site.server.paths() if path.startswith("/news/")]
    assert len(pages) == len(set(pages)) == 6


def test_a_limit_ends_the_walk_after_so_many_new_articles(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    tally = run(context, limit=2)
    assert tally.limited
    assert len(stored(context)) == 2


def test_what_a_sitemap_leaves_undated_a_feed_may_still_date(
    context: Context, site: PastSite
) -> None:
    site.publish("A story without any date", FEBRUARY, dated=False)
    site.offer_sitemaps()
    tally = run(context, sources=("sitemap", "feed"))
    assert tally.outcomes == {FoundOutcome.NO_DATE: 1, FoundOutcome.NEW: 1}


def test_a_limit_holds_for_what_needs_no_page_too(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    run(context, sources=("feed",), limit=2)
    assert len(stored(context)) == 2


def test_pages_of_what_a_feed_names_are_left_to_the_stage_that_visits_pages(
    context: Context, site: PastSite
) -> None:
    publish_a_past(site)
    run(context, sources=("feed",))
    assert len(context.store.pages_due(NOW, 100)) == 5


def test_an_article_that_was_collected_live_stays_live(context: Context, site: PastSite) -> None:
    titles = publish_a_past(site)
    site.offer_news_sitemap()
    pipeline.collect(context, ["paper"])
    assert run(context).outcomes == {FoundOutcome.KNOWN: 5}
    assert {stored(context)[title].origin for title in titles} == {Origin.LIVE}


def test_a_plan_stores_nothing_and_asks_for_no_page(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    tally = run(context, plan=True)
    assert stored(context) == {}
    assert site.asked("/news/") == 0
    assert tally.sources["sitemap"].wanted == 5


def test_only_one_backfill_runs_on_a_store(context: Context) -> None:
    with context.store.lock("backfill") as held:
        assert held
        with pytest.raises(RetryableError, match="Another back-fill"):
            run(context)


def test_a_site_that_keeps_failing_is_left_alone(context: Context, site: PastSite) -> None:
    for number in range(40):
        story = site.publish(f"Story number {number} of the past", FEBRUARY, online=False)
        site.server.set(story.path, 503, {}, b"overloaded")
    site.offer_sitemaps()
    tally = run(context)
    assert "8 addresses in a row" in tally.notes[0]
    assert site.asked("/news/") < 40
