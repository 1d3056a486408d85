"""What a page states of its own address, redirectors, and guids: what is trusted."""

from __future__ import annotations

import pytest

from services.collect.identity.canonical import article_id_of
from services.collect.identity.redirectors import guid_keys, is_redirector
from services.collect.identity.stated import same_article
from tests.support.records import make_entry

SITE = "https://news.example"


@pytest.mark.parametrize(
    ("page", "stated"),
    [
        (f"{SITE}/world/610219-talks-end", f"{SITE}/news/610219-talks-fail"),
        (f"{SITE}/2024/05/06/talks-at-lake-end", f"{SITE}/2024/05/06/talks-at-lake-end-early"),
        (f"{SITE}/2024/05/06/talks-at-lake", f"{SITE}/world/talks-at-lake"),
        (f"{SITE}/?newsid=610219", f"{SITE}/world/610219-talks-end"),
        ("https://rss.news.example/world/610219-talks-end", f"{SITE}/news/610219"),
    ],
)
def test_another_address_of_the_same_article_is_trusted(page: str, stated: str) -> None:
    assert same_article(page, stated) == article_id_of(stated)


@pytest.mark.parametrize(
    "stated",
    [
        "",
        "not an address",
        f"{SITE}/",
        f"{SITE}/world/",
        f"{SITE}/world/610219-talks-end",  # the same address says nothing new
        f"{SITE}/world/610219-talks-end/amp/",
        f"{SITE}/world/610220-talks-end",
        f"{SITE}/world/what-is-said-on-every-page",
        f"{SITE}/de/world/610219-talks-end",
        "https://de.news.example/world/610219-talks-end",
        "https://source.example/world/610219-talks-end",
        "https://t.co/abcdef",
    ],
)
def test_a_statement_that_may_be_about_something_else_is_not_trusted(stated: str) -> None:
    assert same_article(f"{SITE}/world/610219-talks-end", stated) == ""


@pytest.mark.parametrize(
    ("page", "stated"),
    [
        (f"{SITE}/2024/05/06/briefing-of-the-day", f"{SITE}/2024/05/07/briefing-of-the-day"),
        (f"{SITE}/20240506/briefing", f"{SITE}/20240506/weather"),
        (f"{SITE}/world/talks-at-the-lake", f"{SITE}/world/snow-in-the-mountains"),
        (f"{SITE}/topic/123456/story/777777", f"{SITE}/topic/123456/story/888888"),
        (f"{SITE}/?p=12", f"{SITE}/2024/05/06/talks-at-lake"),
    ],
)
def test_days_topics_and_slugs_that_differ_are_two_articles(page: str, stated: str) -> None:
    assert same_article(page, stated) == ""


@pytest.mark.parametrize("page", [f"{SITE}/?p=12", f"{SITE}/node/7", "https://t.co/abcdef"])
def test_a_redirect_is_believed_where_the_address_itself_names_nothing(page: str) -> None:
    stated = f"{SITE}/2024/05/06/talks-at-lake"
    assert same_article(page, stated, redirected=True) == article_id_of(stated)


def test_a_redirect_of_a_removed_article_to_another_one_is_not_believed() -> None:
    page, other = f"{SITE}/world/610219-talks-end", f"{SITE}/world/99999-snow-in-mountains"
    assert same_article(page, other, redirected=True) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://t.co/AbCd",
        "https://bit.ly/3xYz",
        "http://feedproxy.google.com/~r/news/abc/~3/xyz/",
        "https://feeds.feedburner.com/~r/news/~3/xyz/story",
        "https://feeds.news.example/~r/news/~3/xyz",
        "https://news.google.com/rss/articles/CBMiABCDEFGHIJKLMNOPQRST?oc=5",
    ],
)
def test_redirectors_are_known(url: str) -> None:
    assert is_redirector(url)


@pytest.mark.parametrize(
    "url",
    ["https://t.co/", f"{SITE}/a", f"{SITE}/~user/a", "https://news.google.com/", ""],
)
def test_other_addresses_are_no_redirectors(url: str) -> None:
    assert not is_redirector(url)


def test_a_guid_with_any_of_the_trusted_forms_names_its_article() -> None:
    guids = (f"{SITE}/?p=4711", "tag:news.example,2025:post-4711", f"{SITE}/world/610219-talks")
    for guid in guids:
        assert list(guid_keys([make_entry(url=f"{SITE}/a-slug", guid=guid)])) == [f"{SITE}/a-slug"]


@pytest.mark.parametrize(
    "guid",
    ["", "4711", "latest", f"{SITE}/", f"{SITE}/news", "https://other.example/?p=4711", "tag:x"],
)
def test_other_guids_name_nothing(guid: str) -> None:
    assert guid_keys([make_entry(url=f"{SITE}/a-slug", guid=guid)]) == {}


def test_a_malformed_link_has_no_guid_to_trust() -> None:
    entry = make_entry(url="http://[/a", guid="tag:news.example,2025:post-4711")
    assert guid_keys([entry]) == {}


def test_a_tag_names_an_article_of_its_own_site_only() -> None:
    tag = "tag:news.example,2025:post-4711"
    (one,) = guid_keys([make_entry(url=f"{SITE}/a", guid=tag)]).values()
    (other,) = guid_keys([make_entry(url="https://other.example/a", guid=tag)]).values()
    assert one != other


def test_a_link_of_several_entries_belongs_to_none_of_their_guids() -> None:
    entries = [make_entry(n, url=f"{SITE}/all", guid=f"{SITE}/?p={n}") for n in (4711, 4712)]
    assert guid_keys(entries) == {}
