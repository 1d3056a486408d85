"""Entries become articles, or are counted for what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.articles import LEAD_CHARS, StoppedError, build_articles
from services.collect.http.fetcher import Fetcher
from services.collect.identity.canonical import article_id_of
from services.domain.article import Article, DateQuality, EntryOutcome, FeedEntry
from services.domain.identity import content_hash
from tests.support.records import NOW, make_entry, make_outlet


def build(
    *entries: FeedEntry, stored: Sequence[Article] = ()
) -> tuple[list[Article], dict[EntryOutcome, int]]:
    known = {article.id: article for article in stored}
    articles, outcomes = build_articles(make_outlet(), entries, NOW, None, lambda ids: known)
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


def test_a_known_article_that_says_the_same_keeps_its_text_and_hash() -> None:
    (first,), _ = build(make_entry())
    stored = replace(
        first, text="The page.", content_hash=content_hash(first.title, first.lead, "The page.")
    )
    (again,), _ = build(make_entry(), stored=[stored])
    assert (again.text, again.content_hash) == (stored.text, stored.content_hash)


def test_a_known_article_with_another_title_has_another_hash_and_keeps_its_text() -> None:
    (first,), _ = build(make_entry())
    stored = replace(first, text="The page.", collected=NOW - timedelta(hours=1))
    (again,), _ = build(make_entry(title="A changed headline"), stored=[stored])
    assert again.id == stored.id
    assert again.text == "The page."
    assert again.content_hash == content_hash("A changed headline", first.lead, "The page.")


def test_the_store_is_asked_once_for_all_articles() -> None:
    asked: list[Sequence[str]] = []

    def known(ids: Sequence[str]) -> dict[str, Article]:
        asked.append(ids)
        return {}

    articles, _ = build_articles(
        make_outlet(), [make_entry(1), make_entry(2), make_entry(3, url="")], NOW, None, known
    )
    assert asked == [[article.id for article in articles]]


def test_a_stop_leaves_the_outlet_for_the_next_time() -> None:
    with (
        closing(Fetcher(user_agent="test", timeout=1, max_bytes=1024)) as fetcher,
        pytest.raises(StoppedError),
    ):
        build_articles(make_outlet(), [make_entry()], NOW, fetcher, lambda _: {}, lambda: True)
