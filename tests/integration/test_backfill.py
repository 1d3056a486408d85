"""Back-filling a site with a past: how what is found ends, and how a walk goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from services import pipeline
from services.collect.backfill.found import FoundOutcome
from services.context import Context
from services.domain.article import Origin
from services.errors import RetryableError
from services.pipeline import backfill_keeping
from services.pipeline.backfill_mark import unfinished_until
from tests.support.backfilling import (
    FEBRUARY,
    NOW,
    SPAN,
    open_context,
    publish_a_past,
    run,
    stored,
)
from tests.support.past_site import XML, PastSite, urlset


@pytest.fixture
def site() -> Iterator[PastSite]:
    with PastSite() as running:
        yield running


@pytest.fixture
def context(tmp_path: Path, site: PastSite) -> Iterator[Context]:
    opened = open_context(tmp_path, site)
    yield opened
    opened.close()


# How found addresses end


def test_the_feed_itself_is_asked_whatever_robots_txt_says_of_it(
    context: Context, site: PastSite
) -> None:
    titles = publish_a_past(site)
    site.robots = "User-agent: *\nDisallow: /\n"
    run(context, sources=("feed",))
    assert set(stored(context)) == set(titles)
    assert site.asked("/feed?") == 0


def test_addresses_that_are_no_longer_remembered_are_stored_once_all_the_same(
    context: Context, site: PastSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill_keeping, "MOST_SETTLED", 1)
    titles = publish_a_past(site)
    site.offer_sitemaps()
    tally = run(context, sources=("sitemap", "feed"))
    assert tally.outcomes[FoundOutcome.NEW] == len(titles) == len(stored(context))
    assert tally.outcomes[FoundOutcome.KNOWN] > 0


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


def test_a_page_that_comes_for_every_address_is_no_article(
    context: Context, site: PastSite
) -> None:
    publish_a_past(site)
    for story in site.stories:
        site.server.set(story.path, 200, {"Content-Type": "text/html"}, site.stories[0].page())
    site.offer_sitemaps()
    outcomes = run(context).outcomes
    assert outcomes[FoundOutcome.NOT_AN_ARTICLE] == 3


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


def test_a_dead_feed_does_not_keep_the_other_sources_from_beginning_anew(
    context: Context, site: PastSite
) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    site.server.set("/feed", 404)
    run(context, sources=("feed", "sitemap"))
    site.publish("A story that came later", FEBRUARY)
    site.offer_sitemaps()
    outcomes = run(context, sources=("feed", "sitemap")).outcomes
    assert outcomes == {FoundOutcome.KNOWN: 5, FoundOutcome.NEW: 1}


def test_an_unfinished_walk_is_known_by_its_first_day(context: Context, site: PastSite) -> None:
    publish_a_past(site)
    site.offer_sitemaps()
    run(context, stop_after=2)
    assert unfinished_until(context, "paper", SPAN.since) == SPAN.until
    assert unfinished_until(context, "paper", FEBRUARY) is None
    run(context)
    assert unfinished_until(context, "paper", SPAN.since) is None


@pytest.mark.parametrize("kept", ["", "no JSON", "[]", '{"cursor": 3, "span": [1, 2], "after": 7}'])
def test_a_mark_that_cannot_be_read_begins_anew(
    context: Context, site: PastSite, kept: str
) -> None:
    titles = publish_a_past(site)
    site.offer_sitemaps()
    context.store.set_meta("backfill:paper:sitemap", kept)
    run(context)
    assert set(stored(context)) == set(titles)


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
