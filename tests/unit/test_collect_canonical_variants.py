"""The forms in which sites show one article, and addresses that only look like them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.identity.canonical import article_id_of, canonical_url, identity_url

ARTICLE = "https://news.example/world/2024/05/06/talks-at-the-lake-end"
NUMBERED = "https://news.example/politics/2036151"


def _news_token(url: str) -> str:
    message = b"\x08\x13\x22" + bytes([len(url)]) + url.encode() + b"\xd2\x01\x00"
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


@pytest.mark.parametrize(
    "article", [ARTICLE, NUMBERED, "https://news.example/talks-at-lake.html?id=7"]
)
@pytest.mark.parametrize(
    "form",
    [
        "https://m.{rest}",
        "https://www.m.{rest}",
        "https://mobile.{rest}",
        "https://amp.{rest}",
        "https://touch.{rest}",
        "https://wap.{rest}",
        "http://{rest}",
        "https://{rest}#!top",
        "https://www.google.com/amp/s/{rest}",
        "https://www.google.co.uk/amp/s/amp.{rest}",
        "https://news-example.cdn.ampproject.org/c/s/{rest}",
        "https://news-example.cdn.ampproject.org/v/s/www.{rest}",
        "https://www.bing.com/amp/s/{rest}",
        "https://yandex.ru/turbo/s/{rest}",
        "https://www.google.com/url?rct=j&sa=t&url={quoted}&ct=ga",
        "https://www.google.com/url?q={quoted}&usg=x",
        "https://l.facebook.com/l.php?u={quoted}&h=x",
        "https://vk.com/away.php?to={quoted}",
        "https://t.me/iv?url={quoted}&rhash=1",
        "https://www.bing.com/news/apiclick.aspx?ref=FexRss&url={quoted}&c=1",
        "https://news.google.com/rss/articles/{token}?oc=5",
    ],
)
def test_every_form_of_an_article_has_its_identity(article: str, form: str) -> None:
    rest = article.removeprefix("https://")
    other = form.format(rest=rest, quoted=quote(article, safe=""), token=_news_token(article))
    assert article_id_of(other) == article_id_of(article)


@pytest.mark.parametrize(
    "other",
    [
        f"{ARTICLE}/amp",
        f"{ARTICLE}/amp/",
        f"{ARTICLE}.amp",
        f"{ARTICLE}?amp",
        f"{ARTICLE}?amp=1",
        f"{ARTICLE}?outputType=amp",
        f"{ARTICLE}/print/",
        f"{ARTICLE}?print=1",
        f"{ARTICLE}?view=print",
        f"{ARTICLE}/index.html",
        f"{ARTICLE}/index.php",
        f"{ARTICLE};jsessionid=0123456789ABCDEF",
        f"{ARTICLE}?PHPSESSID=abc",
        f"{ARTICLE}?sid=0123456789abcdef0123456789abcdef",
        f"{ARTICLE}?from=rss",
        f"{ARTICLE}?a=b&amp;utm_source=rss".replace("a=b&amp;", ""),
        ARTICLE.replace("/world", "//world"),
        ARTICLE.replace("example/world", "example/amp/world"),
        ARTICLE.replace("example/world", "example/print/world"),
        ARTICLE.replace("example/", "example:443/"),
    ],
)
def test_what_a_site_adds_to_an_address_does_not_count(other: str) -> None:
    assert article_id_of(other) == article_id_of(ARTICLE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # what reads like a form, but may be an article or a site of its own
        ("https://m.news.example/about", "https://news.example/about"),
        ("https://mobile.news.example/news/7", "https://news.example/news/7"),
        ("https://news.example/amp", "https://news.example/"),
        ("https://news.example/guitars/amp", "https://news.example/guitars"),
        ("https://news.example/print/7", "https://news.example/7"),
        ("https://m.de/2036151", "https://de/2036151"),
        ("https://a.livejournal.example/12.html", "https://b.livejournal.example/12.html"),
        ("https://one.blogspot.com/2024/05/a.html", "https://two.blogspot.com/2024/05/a.html"),
        # what may name the article
        ("https://news.example/story?sid=1", "https://news.example/story?sid=2"),
        ("https://news.example/story?s=1", "https://news.example/story?s=2"),
        ("https://news.example/?from=moscow", "https://news.example/?from=minsk"),
        ("https://news.example/?source=12", "https://news.example/?source=13"),
        ("https://news.example/a?version=1", "https://news.example/a?version=2"),
        ("https://news.example/?m=1", "https://news.example/?m=0"),
        ("https://news.example/#!/news/1", "https://news.example/#!/news/2"),
        ("https://news.example/#/news/1", "https://news.example/#/news/2"),
        ("https://news.example/a%2Fb-c", "https://news.example/a/b-c"),
        ("https://news.example/a%3Fid=1", "https://news.example/a?id=1"),
        ("https://news.example/?q=a%26b", "https://news.example/?q=a&b"),
        ("https://www.google.com/url?q=not-an-address", "https://www.google.com/url?q=another"),
        ("https://t.co/AbC", "https://t.co/aBc"),
        ("https://news.google.com/rss/articles/" + "A" * 30,
         "https://news.google.com/rss/articles/" + "B" * 30),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_form_is_kept_apart(one: str, other: str) -> None:
    assert article_id_of(one) != article_id_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.blogspot.ru/2024/05/x-y.html?m=1", "https://a.blogspot.com/2024/05/x-y.html"),
        ("https://blog.example/2024/05/x-y.html?m=1", "https://blog.example/2024/05/x-y.html"),
        ("https://news.example/a%26b", "https://news.example/a&b?"),
        ("https://news.example/?q=%7Ea%2fb", "https://news.example/?q=~a%2Fb"),
        ("https://news.example/новости", "https://news.example/%D0%BD%D0%BE%D0%B2%D0%BE"
         "%D1%81%D1%82%D0%B8"),
        ("https://xn--e1afmkfd.xn--p1ai/n/1", "https://пример.рф/n/1"),
        ("https://news.example/(S(abc123))/news.aspx?id=4", "https://news.example/news.aspx?id=4"),
    ],
)  # fmt: skip
def test_two_spellings_are_one_article(one: str, other: str) -> None:
    assert article_id_of(one) == article_id_of(other)


def test_a_viewer_gives_way_to_the_address_it_shows() -> None:
    assert canonical_url(f"https://www.google.com/amp/s/{ARTICLE.removeprefix('https://')}") == (
        ARTICLE
    )


def test_a_form_of_the_site_itself_is_the_address_we_keep() -> None:
    assert canonical_url(f"{ARTICLE}/amp/") == f"{ARTICLE}/amp/"


def test_wrappers_within_wrappers_are_opened_to_the_last() -> None:
    inner = f"https://vk.com/away.php?to={quote(ARTICLE, safe='')}"
    outer = f"https://www.google.com/url?url={quote(inner, safe='')}"
    assert canonical_url(outer) == ARTICLE


# A corpus of realistic addresses: each of these parts names the article.

_slug = st.lists(
    st.sampled_from(
        ["us", "talks", "moscow", "iran", "новости", "мид", "amp", "print", "m", "index"]
    ),
    min_size=1,
    max_size=6,
).map("-".join)
_number = st.integers(1, 10**7).map(str)
_day = st.dates().map(lambda day: f"{day:%Y/%m/%d}")
_path = st.one_of(
    st.builds("news/{}".format, _number),
    st.builds("news/{}-{}".format, _number, _slug),
    st.builds("{}/{}".format, _day, _slug),
    st.builds("{}/{}.html".format, _day, _number),
    st.builds("{}.html".format, _slug),
    st.builds("news.php?id={}".format, _number),
    st.builds("?p={}".format, _number),
    st.builds("index.php?newsid={}&lang={}".format, _number, st.sampled_from(["en", "ru"])),
    st.builds("story?{}".format, _number),
    st.builds("doc/{}/{}".format, _number, _number),
    st.builds("#!/news/{}".format, _number),
)
_sites = st.sampled_from(
    ["news.example", "m.example", "mobile.example", "en.news.example", "amp.example", "пример.рф"]
)
articles = st.builds("https://{}/{}".format, _sites, _path)


def _plain(url: str) -> str:
    """An independent rule: what differs in more than this is another article."""
    return url.replace("index.php?", "?").rstrip("/")


@settings(deadline=None, max_examples=300)
@given(st.lists(articles, min_size=2, max_size=40, unique_by=_plain))
def test_no_two_articles_of_the_corpus_share_an_identity(urls: list[str]) -> None:
    assert len({identity_url(url) for url in urls}) == len(urls)


@settings(deadline=None)
@given(articles, st.sampled_from(["m.", "www.", "amp."]), st.sampled_from(["amp/", "print/", ""]))
def test_identity_is_stable_for_every_form(url: str, host: str, first: str) -> None:
    form = url.replace("https://", f"https://{host}").replace("example/", f"example/{first}")
    identity = identity_url(form)
    assert identity_url(identity) == identity
    assert identity_url(canonical_url(form)) == identity


@settings(deadline=None)
@given(articles)
def test_tracking_never_changes_an_identity(url: str) -> None:
    base, mark, route = url.partition("#")
    joined = f"{base}{'&' if '?' in base else '?'}utm_source=rss&fbclid=x&at_medium=y{mark}{route}"
    assert identity_url(joined) == identity_url(url)
