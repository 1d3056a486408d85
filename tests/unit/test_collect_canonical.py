"""One article has one identity under all its addresses; two articles never share one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.identity.canonical import article_id_of, canonical_url, identity_url

_part = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="/?#&\\"), max_size=12
)
_host = st.sampled_from(
    [
        "news.example", "www.news.example", "NEWS.example", "xn--e1afmkfd.xn--p1ai", "пример.рф",
        "192.0.2.1", "www.192.0.2.1", "m.1.2.3.999", "xn--a.example", "www.𝕏.com", "a_b.example",
    ]
)  # fmt: skip
urls = st.builds(
    "{}://{}{}/{}{}{}".format,
    st.sampled_from(["http", "https", "HTTPS"]),
    _host,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    st.lists(_part, max_size=4).map("/".join),
    st.lists(_part, max_size=3).map(lambda parts: "?" + "&".join(parts) if parts else ""),
    st.sampled_from(["", "#top"]),
)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.rt.com/news/1-a/", "https://www.rt.com/news/1-a/"),
        ("HTTPS://WWW.RT.com:443/news/1#comments", "https://www.rt.com/news/1"),
        ("http://news.example", "http://news.example/"),
        ("http://news.example:8080/a", "http://news.example:8080/a"),
        ("https://user:secret@news.example/a", "https://news.example/a"),
        (" https://news.example/a\n", "https://news.example/a"),
        ("https://news.example/a?utm_source=rss&id=7&fbclid=x", "https://news.example/a?id=7"),
        ("https://news.example/a?at_medium=RSS&at_campaign=K", "https://news.example/a"),
        ("https://news.example/a?traffic_source=rss", "https://news.example/a"),
        ("https://news.example/news.php?12345", "https://news.example/news.php?12345"),
        ("https://news.example/?b=2&a=1", "https://news.example/?b=2&a=1"),
        ("https://news.example/?a=1&copy=2", "https://news.example/?a=1&copy=2"),
        ("https://news.example/x/../a/./b", "https://news.example/a/b"),
        ("https://news.example/../../a", "https://news.example/a"),
        ("https://[2001:db8::1]:8443/a", "https://[2001:db8::1]:8443/a"),
    ],
)
def test_what_is_not_the_article_is_dropped(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "", "news.example/a", "/a", "ftp://news.example/a", "javascript:alert(1)",
        "mailto:a@news.example", "data:text/html,x", "http://", "http:///a", "https://news.example:x/",
        "https://[::1/a", "https://news.example/" + "x" * 2_000,
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_empty(url: str) -> None:
    assert canonical_url(url) == ""
    assert article_id_of(url) == ""


@pytest.mark.parametrize(
    "url",
    [
        "https://1.2.3.999/a", "https://256.1.1.1/a", "https://www.1.2.3.4/a", "https://12345/a",
        "https://xn--a.example/a", "https://𝕏.com/a", "https://1א.com/a", "https://é_a.example/a",
        f"https://{'é' * 60}.example/a", "https://news.example/?a=\x01", "https://news.example/?\ud800",
    ],
)  # fmt: skip
def test_an_address_that_no_request_can_be_made_of_is_empty(url: str) -> None:
    assert canonical_url(url) == ""
    assert article_id_of(url) == ""


@pytest.mark.parametrize(
    "host",
    [
        "192.0.2.1",
        "[2001:db8::1]",
        "a_b.example",
        "straße.example",
        "news.example:8080",
        "3.example",
    ],
)
def test_an_odd_host_that_can_be_asked_stays(host: str) -> None:
    assert canonical_url(f"https://{host}/a") == f"https://{host}/a"


@pytest.mark.parametrize(
    "other",
    [
        "http://www.news.example/world/1-a",
        "https://news.example/world/1-a/",
        "https://NEWS.example:443/world/1-a#x",
        "https://www.news.example/world/1-a?utm_medium=rss",
        "https://news.example/world/%31-a",
    ],
)
def test_variants_of_an_address_are_one_article(other: str) -> None:
    assert article_id_of(other) == article_id_of("https://news.example/world/1-a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a?id=1", "https://news.example/a?id=2"),
        ("https://news.example/a?1", "https://news.example/a?2"),
        ("https://news.example/a?cid=1", "https://news.example/a?cid=2"),
        ("https://news.example/a?p=", "https://news.example/a"),
        ("https://news.example/Aa", "https://news.example/aA"),
        ("https://en.news.example/a", "https://news.example/a"),
        ("https://news.example/a%2Fb", "https://other.example/a%2Fb"),
        ("https://news.example/%CF%F0", "https://news.example/%CF%F1"),
        ("https://news.example/1", "https://news.example/2"),
    ],
)
def test_different_articles_stay_apart(one: str, other: str) -> None:
    assert article_id_of(one) != article_id_of(other)


def test_the_order_of_parameters_does_not_count() -> None:
    assert identity_url("https://a.example/?x=1&y=2") == identity_url("https://a.example/?y=2&x=1")


@settings(deadline=None)
@given(urls)
def test_canonical_is_canonical(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@settings(deadline=None)
@given(urls)
def test_identity_is_the_same_before_and_after(url: str) -> None:
    identity = identity_url(url)
    assert identity_url(identity) == identity
    assert identity_url(canonical_url(url)) == identity


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once
    assert once == "" or once.startswith(("http://", "https://"))
