"""Entries become articles, or are counted for what they lack."""

from __future__ import annotations

from services.collect.articles import LEAD_CHARS, Resolve, build_articles
from services.collect.identity.canonical import article_id_of
from services.domain.article import Article, DateQuality, EntryOutcome, FeedEntry
from services.domain.identity import content_hash
from tests.support.records import NOW, make_entry, make_outlet


def build(
    *entries: FeedEntry, resolve: Resolve | None = None
) -> tuple[list[Article], dict[EntryOutcome, int]]:
    articles, outcomes = build_articles(make_outlet(), entries, NOW, resolve=resolve)
    return articles, dict(outcomes)


def test_an_entry_becomes_an_article() -> None:
    entry = make_entry(url="https://news.example/1?utm_source=rss", author="A", section="World")
    (article,), outcomes = build(entry)
    assert article.url == "https://news.example/1"
    assert article.id == article_id_of("http://www.news.example/1/")
    assert (article.title, article.lead, article.text) == (entry.title, entry.summary, "")
    assert article.content_hash == content_hash(entry.title, entry.summary, "")
    assert (article.outlet, article.language, article.author) == ("rt", "en", "A")
    assert (article.published, article.collected) == (NOW, NOW)
    assert outcomes == {}


def test_an_entry_without_a_date_counts_when_it_was_collected() -> None:
    entry = make_entry(published=None, date_quality=DateQuality.ASSUMED)
    (article,), _ = build(entry)
    assert (article.published, article.date_quality) == (NOW, DateQuality.ASSUMED)


def test_a_long_summary_is_cut_to_a_lead() -> None:
    (article,), _ = build(make_entry(summary="word " * 1_000))
    assert LEAD_CHARS - 10 < len(article.lead) <= LEAD_CHARS


def test_what_an_entry_lacks_is_counted() -> None:
    articles, outcomes = build(
        make_entry(1, url=""),
        make_entry(2, url="javascript:alert(1)"),
        make_entry(3, title=""),
        make_entry(4, title="…"),
        make_entry(5),
    )
    assert len(articles) == 1
    assert outcomes == {EntryOutcome.NO_LINK: 2, EntryOutcome.NO_TITLE: 2}


def test_one_article_twice_in_a_feed_is_a_duplicate() -> None:
    articles, outcomes = build(
        make_entry(1),
        make_entry(1, title="Other words for it"),
        make_entry(2, title="headline NUMBER 1!"),
    )
    assert len(articles) == 1
    assert outcomes == {EntryOutcome.DUPLICATE: 2}


def test_a_title_of_one_word_does_not_make_a_duplicate() -> None:
    articles, _ = build(make_entry(1, title="Live"), make_entry(2, title="Live"))
    assert len(articles) == 2


def test_an_article_has_no_text_before_its_page_is_visited() -> None:
    articles, _ = build(make_entry(1), make_entry(2))
    assert [article.text for article in articles] == ["", ""]


def test_an_address_that_leads_elsewhere_gives_the_article_of_that_place() -> None:
    leads = {"https://feeds.example/r/7": "https://news.example/7?utm_source=feed"}
    entry = make_entry(url="https://feeds.example/r/7")
    (article,), _ = build(entry, resolve=lambda url: leads.get(url, url))
    assert article.url == "https://news.example/7"
    assert article.id == article_id_of("https://news.example/7")


def test_two_addresses_that_lead_to_one_place_are_one_article() -> None:
    entries = [make_entry(1), make_entry(2, url="https://feeds.example/r/7")]
    articles, outcomes = build(*entries, resolve=lambda url: "https://news.example/1")
    assert len(articles) == 1
    assert outcomes == {EntryOutcome.DUPLICATE: 1}


def test_an_address_that_leads_to_none_is_kept() -> None:
    (article,), _ = build(make_entry(), resolve=lambda url: "")
    assert article.url == "https://news.example/1"
