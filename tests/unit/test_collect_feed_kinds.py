"""JSON Feed, sitemaps and old formats; what feeds ask for; which of several links counts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.feed import FeedError, ParsedFeed, parse_feed
from services.collect.feeds.sitemap import Sitemap, SitemapPage, read_sitemap
from services.domain.article import DateQuality, FeedEntry
from services.domain.outlet import PollOutcome

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
BASE = "https://news.example/feeds/rss"
DAY = datetime(2025, 2, 20, 5, tzinfo=UTC)
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def parse(body: str | bytes, zone: str = "UTC") -> ParsedFeed:
    return parse_feed(body.encode() if isinstance(body, str) else body, "", BASE, NOW, zone)


def failure(body: str | bytes) -> FeedError:
    with pytest.raises(FeedError) as caught:
        parse(body)
    return caught.value


def rss(inside: str, head: str = "", attributes: str = "") -> str:
    return (
        f'<rss version="2.0" {attributes}><channel><title>T</title>{head}{inside}</channel></rss>'
    )


def item(inside: str) -> str:
    return f"<item><title>A headline of today</title>{inside}</item>"


def one(inside: str, **fields: str) -> FeedEntry:
    (entry,) = parse(rss(item(inside), **fields)).entries
    return entry


def json_feed(*items: Any, **fields: Any) -> str:
    version = {"version": "https://jsonfeed.org/version/1.1", "title": "A JSON feed"}
    return json.dumps({**version, **fields, "items": list(items)})


def urlset(*urls: str) -> str:
    inside = "".join(f"<url>{url}</url>" for url in urls)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {NEWS}>{inside}</urlset>'


def news(address: str, title: str, date: str = "2025-02-20T05:00:00Z") -> str:
    return (
        f"<loc>{address}</loc><news:news><news:publication><news:name>N</news:name>"
        f"<news:language>ru</news:language></news:publication><news:publication_date>{date}"
        f"</news:publication_date><news:title>{title}</news:title></news:news>"
    )


# Kinds


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss(item("<link>/1</link>")), "rss"),
        ("<rss version='0.91'><channel><item><title>A</title></item></channel></rss>", "rss"),
        ("<feed version='0.3'><entry><title>A</title></entry></feed>", "atom"),
        ("<r:RDF xmlns:r='http://www.w3.org/1999/02/22-rdf-syntax-ns#' "
         "xmlns='http://purl.org/rss/1.0/'><item><title>A</title></item></r:RDF>", "rdf"),
        ("<CHANNEL HREF='/'><ITEM HREF='/c'><TITLE>A</TITLE></ITEM></CHANNEL>", "cdf"),
        (json_feed({"id": "1", "url": "/1"}), "json"),
        (urlset(news("/1", "A")), "sitemap"),
    ],
)  # fmt: skip
def test_every_kind_of_feed_is_known_as_what_it_is(body: str, kind: str) -> None:
    assert parse(body).kind == kind


def test_a_channel_of_the_old_kind_has_its_links_in_attributes() -> None:
    (entry,) = parse(
        "<CHANNEL HREF='https://news.example/'><ITEM HREF='/c1' LASTMOD='2025-02-20T05:00Z'>"
        "<TITLE>A channel headline</TITLE><ABSTRACT>Text</ABSTRACT></ITEM></CHANNEL>"
    ).entries
    assert (entry.url, entry.published) == ("https://news.example/c1", DAY)


def test_a_json_feed_gives_every_field() -> None:
    feed = parse(
        json_feed(
            {
                "id": "https://news.example/j1", "url": "/j1", "title": "5 < 6 & more",
                "content_html": "<p>Some <b>text</b></p>", "tags": ["World", "News"],
                "date_published": "2025-02-20T08:00:00+03:00",
                "date_modified": "2025-02-21T05:00:00Z",
                "authors": [{"name": "A. Writer"}], "language": "ru-RU",
            },
            home_page_url="https://news.example/", feed_url="/feed.json", next_url="?page=2",
            hubs=[{"type": "WebSub", "url": "https://hub.example/"}],
        )
    )  # fmt: skip
    assert feed.title == "A JSON feed"
    assert feed.entries == (
        FeedEntry(
            url="https://news.example/j1",
            title="5 < 6 & more",
            summary="Some text",
            published=DAY,
            author="A. Writer",
            section="World",
            guid="https://news.example/j1",
            language="ru",
            date_quality=DateQuality.STATED,
            guid_is_link=True,
            modified=datetime(2025, 2, 21, 5, tzinfo=UTC),
        ),
    )
    assert feed.links == {
        "self": "https://news.example/feed.json",
        "next": "https://news.example/feeds/rss?page=2",
        "hub": "https://hub.example/",
    }


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ({"id": "1", "external_url": "https://other.example/x"}, "https://other.example/x"),
        ({"id": "https://news.example/i"}, "https://news.example/i"),
        ({"id": "4711"}, ""),
        ({"id": 4711, "url": 7}, ""),
    ],
)
def test_a_json_item_without_url_has_what_else_leads_to_it(item: Any, url: str) -> None:
    (entry,) = parse(json_feed({"title": "A headline", **item})).entries
    assert entry.url == url


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        (json_feed(), PollOutcome.EMPTY_FEED, "no entry"),
        (json_feed(None, 7, []), PollOutcome.EMPTY_FEED, "no entry"),
        (json_feed({"id": "1"})[:-9], PollOutcome.BROKEN_FEED, "broken or cut off"),
        ('{"version": "https://jsonfeed.org/version/1", "items": {}}', PollOutcome.EMPTY_FEED, ""),
        ('{"items": [{"url": "/1"}]}', PollOutcome.NOT_A_FEED, "no JSON Feed"),
        ("[" * 100_000, PollOutcome.NOT_A_FEED, "broken or cut off"),
        ("[" + "1," * 400_000 + "1]", PollOutcome.TOO_LARGE, "more values"),
        ('{"version": ' + "9" * 10_000 + "}", PollOutcome.NOT_A_FEED, "no JSON Feed"),
    ],
)
def test_json_that_is_no_feed_says_so(body: str, outcome: PollOutcome, said: str) -> None:
    error = failure(body)
    assert error.outcome is outcome
    assert said in str(error)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(["id", "url", "title", "authors", "tags", "date_published", "summary"]),
        _JSON,
    )
)
def test_no_value_of_the_wrong_kind_breaks_a_json_feed(item: dict[str, Any]) -> None:
    entries = parse(json_feed(item, {"url": "/good", "title": "Good"})).entries
    assert entries[-1].url == "https://news.example/good"


# Sitemaps


def test_a_news_sitemap_is_a_feed_the_newest_first() -> None:
    feed = parse(
        urlset(
            news("https://news.example/1", "An older headline", "2025-02-19"),
            news("https://news.example/2", "Talks &amp; hopes"),
        )
    )
    assert feed.entries[0] == FeedEntry(
        url="https://news.example/2",
        title="Talks & hopes",
        published=DAY,
        language="ru",
        date_quality=DateQuality.STATED,
    )
    assert feed.entries[1].title == "An older headline"


def test_a_sitemap_that_breaks_off_keeps_what_is_whole() -> None:
    whole = urlset(news("/1", "A headline"), news("/2", "Another headline"))
    feed = parse(whole[: whole.index("</news:title>", whole.index("Another"))])
    assert [entry.title for entry in feed.entries] == ["A headline"]
    assert not feed.complete


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        (urlset("<loc>/1</loc>"), PollOutcome.NOT_A_FEED, "no headlines"),
        (urlset(), PollOutcome.EMPTY_FEED, "names no page"),
        ("<sitemapindex><sitemap><loc>https://news.example/s.xml</loc></sitemap></sitemapindex>",
         PollOutcome.NOT_A_FEED, "such as https://news.example/s.xml"),
    ],
)  # fmt: skip
def test_a_sitemap_that_is_no_feed_says_what_it_is(
    body: str, outcome: PollOutcome, said: str
) -> None:
    error = failure(body)
    assert error.outcome is outcome
    assert said in str(error)


def test_a_sitemap_is_read_page_by_page() -> None:
    body = urlset(
        news("https://news.example/1", "A headline") + "<lastmod>2025-02-21</lastmod>",
        "<loc>\n /2 </loc><image:image xmlns:image='i'><image:loc>https://news.example/x.jpg"
        "</image:loc><image:title>A picture</image:title></image:image>",
        "<loc>javascript:alert(1)</loc>",
    )
    assert read_sitemap(body.encode(), "https://news.example/sitemap.xml") == Sitemap(
        (
            SitemapPage(
                "https://news.example/1",
                "A headline",
                DAY,
                datetime(2025, 2, 21, tzinfo=UTC),
                "ru",
            ),
            SitemapPage("https://news.example/2"),
        )
    )


def test_an_index_gives_its_children_with_their_dates() -> None:
    body = (
        "<?xml version='1.0'?><sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<sitemap><loc>https://news.example/a.xml.gz</loc><lastmod>2025-02-20T08:00:00+03:00"
        "</lastmod></sitemap><sitemap><loc>https://news.example/b.xml</loc></sitemap>"
        "</sitemapindex>"
    )
    assert read_sitemap(body.encode()).children == (
        ("https://news.example/a.xml.gz", DAY),
        ("https://news.example/b.xml", None),
    )


def test_a_list_of_addresses_is_a_sitemap_as_well() -> None:
    pages = read_sitemap(b"https://news.example/1\r\nhttps://news.example/2\n").pages
    assert [page.url for page in pages] == ["https://news.example/1", "https://news.example/2"]


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"words", b"\x1f\x8b\x08"])
def test_what_is_no_sitemap_is_refused(body: bytes) -> None:
    with pytest.raises(FeedError, match="no sitemap"):
        read_sitemap(body)


def test_a_sitemap_reads_no_entity_of_its_own() -> None:
    body = "<!DOCTYPE u [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>" + urlset(
        news("/1", "A &x; b")
    )
    (entry,) = parse(body).entries
    assert entry.title in ("A b", "A &x; b")


# What a feed asks for


@pytest.mark.parametrize(
    ("head", "pause"),
    [
        ("", 0),
        ("<ttl>15</ttl>", 900),
        ("<ttl>-5</ttl>", 0),
        ("<ttl>soon</ttl>", 0),
        ("<ttl>inf</ttl>", 0),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 3_600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
         21_600),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
         86_400),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", 0),
        ("<ttl>120</ttl><sy:updatePeriod>hourly</sy:updatePeriod>", 7_200),
        ("<ttl>99999999999</ttl>", 30 * 86_400),
    ],
)  # fmt: skip
def test_a_feed_says_how_often_it_wants_to_be_polled(head: str, pause: float) -> None:
    space = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    assert parse(rss(item("<link>/1</link>"), head, space)).pause == pause


@pytest.mark.parametrize(
    ("head", "hours", "days"),
    [
        ("<skipHours><hour>0</hour><hour> 23 </hour></skipHours>", {0, 23}, set()),
        ("<skipHours><hour>24</hour><hour>25</hour><hour>x</hour></skipHours>", {0}, set()),
        ("<skipDays><day>Monday</day><day>sunday</day><day>Foo</day></skipDays>", set(), {0, 6}),
        ("<skiphours><hour>3</hour></skiphours>", {3}, set()),
        ("<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(24)) + "</skipHours>",
         set(), set()),
    ],
)  # fmt: skip
def test_a_feed_says_when_it_wants_to_be_left_alone(
    head: str, hours: set[int], days: set[int]
) -> None:
    feed = parse(rss(item("<link>/1</link>"), head))
    assert (feed.skip_hours, feed.skip_days) == (hours, days)


def test_hours_named_in_an_entry_are_news_and_no_wish() -> None:
    text = "<description><![CDATA[<skipHours><hour>3</hour></skipHours>]]></description>"
    assert not parse(rss(item(text))).skip_hours


def test_hours_may_stand_behind_the_entries() -> None:
    body = rss(item("<link>/1</link>") + "<skipHours><hour>3</hour></skipHours>")
    assert parse(body).skip_hours == {3}


def test_a_feed_says_where_else_it_is() -> None:
    links = (
        '<a:link rel="self" href="https://news.example/feed"/>'
        '<a:link rel="HUB" href="//hub.example"/><a:link rel="next" href="?page=2"/>'
        '<a:link rel="next" href="?page=3"/>'
        '<a:link rel="prev-archive" href="/2025-01.xml"/><a:link rel="license" href="/l"/>'
        '<a:link rel="hub" href="javascript:x"/>'
    )
    feed = parse(rss(item("<link>/1</link>"), links, 'xmlns:a="http://www.w3.org/2005/Atom"'))
    assert feed.links == {
        "self": "https://news.example/feed",
        "hub": "https://hub.example",
        "next": "https://news.example/feeds/rss?page=2",
        "prev-archive": "https://news.example/2025-01.xml",
    }


# Links and guids


@pytest.mark.parametrize(
    ("inside", "url"),
    [
        ("<link>//other.example/1</link>", "https://other.example/1"),
        ("<link>www.news.example/1</link>", "https://www.news.example/1"),
        ("<link>?id=7</link>", "https://news.example/feeds/rss?id=7"),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>mailto:a@news.example</link>", ""),
        ("<link>http://</link>", ""),
        ("<link>http://[::1</link>", ""),
        ("<link>http://[</link>", ""),
        ("<link>http://[/news/1</link>", ""),
        ("<link>http://news.example:x/1</link>", ""),
        ("<link>http://[</link><a:link href='/al'/>", "https://news.example/al"),
        ("<link></link><a:link href='/al'/>", "https://news.example/al"),
        ("<link>javascript:x</link><a:link href='/al'/>", "https://news.example/al"),
        ("<a:link rel='self' href='/self'/><a:link rel='enclosure' href='/e'/>", ""),
        ("<link>/first</link><link>/second</link>", "https://news.example/first"),
        ("<enclosure url='/e.mp3' type='audio/mpeg'/>", ""),
        ("<guid>https://news.example/g</guid>", "https://news.example/g"),
        ("<guid>/g</guid>", "https://news.example/g"),
        ("<guid>12345</guid>", ""),
        ("<guid>tag:news.example,2025:1</guid>", ""),
        ("<guid isPermaLink='false'>https://news.example/?p=1</guid>", ""),
        ("<guid isPermaLink='false'><![CDATA[https://news.example/?p=1]]></guid>", ""),
        ("<link/><guid isPermaLink='true'>https://news.example/g</guid>",
         "https://news.example/g"),
    ],
)  # fmt: skip
def test_of_several_addresses_the_one_that_leads_to_the_page_counts(inside: str, url: str) -> None:
    assert one(inside, attributes='xmlns:a="http://www.w3.org/2005/Atom"').url == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://other.example/a/", "https://other.example/a/1"),
        ("/b/", "https://news.example/b/1"),
    ],
)
def test_a_base_of_the_document_counts(base: str, url: str) -> None:
    (entry,) = parse(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{base}"><entry><title>A</title>'
        '<link href="1"/></entry></feed>'
    ).entries
    assert entry.url == url


@pytest.mark.parametrize(
    ("guid", "trusted"),
    [
        ("<guid>https://news.example/1</guid>", True),
        ("<guid isPermaLink='true'>https://www.news.example/1</guid>", True),
        ("<guid>https://m.news.example/1</guid>", True),
        ("<guid isPermaLink='false'>https://news.example/1</guid>", False),
        ("<guid isPermaLink = 'False' >https://news.example/1</guid>", False),
        ("<guid>https://elsewhere.example/1</guid>", False),
        ("<guid>urn:1</guid>", False),
        ("", False),
    ],
)
def test_a_guid_is_a_link_where_the_feed_says_so_and_it_is_on_the_site(
    guid: str, trusted: bool
) -> None:
    assert one(f"<link>/1</link>{guid}").guid_is_link is trusted


# Dates in feeds


def test_a_date_without_a_zone_is_one_of_the_outlets() -> None:
    body = rss(item("<link>/1</link><pubDate>Thu, 20 Feb 2025 08:00:00</pubDate>"))
    assert parse(body, "Europe/Moscow").entries[0].published == DAY


def test_a_date_that_cannot_be_read_gives_way_to_the_next() -> None:
    entry = one(
        "<link>/1</link><pubDate>soon</pubDate><dc:date>2025-02-20T05:00:00Z</dc:date>",
        attributes='xmlns:dc="http://purl.org/dc/elements/1.1/"',
    )
    assert (entry.published, entry.date_quality) == (DAY, DateQuality.STATED)


def test_an_entry_says_when_it_was_changed() -> None:
    (entry,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="/1"/>'
        "<published>2025-02-20T05:00:00Z</published><updated>2025-02-21T05:00:00Z</updated>"
        "</entry></feed>"
    ).entries
    assert entry.modified == datetime(2025, 2, 21, 5, tzinfo=UTC)


# What stands around the feed


def test_what_follows_the_end_does_not_cost_the_last_entry() -> None:
    body = rss(item("<link>/1</link>")) + "<!-- cached --><script>x()</script>"
    feed = parse(body)
    assert [entry.title for entry in feed.entries] == ["A headline of today"]
    assert feed.complete


def test_what_a_server_prints_before_the_feed_is_skipped() -> None:
    body = "<br />\n<b>Warning</b>: include() failed<br />\n" + rss(item("<link>/1</link>"))
    assert len(parse(body).entries) == 1


def test_a_page_that_quotes_a_feed_is_a_page() -> None:
    body = f"<html><body><pre>{rss(item('<link>/1</link>'))}</pre></body></html>"
    assert failure(body).outcome is PollOutcome.NOT_A_FEED


def test_the_full_text_of_a_russian_feed_stands_in_for_a_missing_summary() -> None:
    entry = one(
        "<link>/1</link><yandex:full-text>Полный текст</yandex:full-text>",
        attributes='xmlns:yandex="http://news.yandex.ru"',
    )
    assert entry.summary == "Полный текст"


def test_references_to_control_characters_in_markup_do_no_harm() -> None:
    text = "<description><![CDATA[<p>One&#1;</p><p>two&#x1f;</p>]]></description>"
    assert one(f"<link>/1</link>{text}").summary == "One two"
