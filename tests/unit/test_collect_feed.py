"""Feeds of every kind become entries; what is no feed is a failure with its own sentence."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.feeds.feed import FeedError, parse_feed
from services.domain.article import DateQuality, FeedEntry
from services.domain.outlet import PollOutcome

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
BASE = "https://news.example/rss"
RUSSIAN = "Переговоры прошли в столице"


def parse(body: bytes | str, content_type: str = "", base: str = BASE) -> list[FeedEntry]:
    data = body.encode() if isinstance(body, str) else body
    return list(parse_feed(data, content_type, base, NOW).entries)


def failure(body: bytes | str) -> FeedError:
    with pytest.raises(FeedError) as caught:
        parse(body)
    return caught.value


def item(**fields: str) -> str:
    values = {"title": "A headline", "link": "https://news.example/1", **fields}
    return "<item>" + "".join(f"<{k}>{v}</{k}>" for k, v in values.items()) + "</item>"


def rss(*items: str, head: str = "") -> str:
    return f"{head}<rss version='2.0'><channel><title>T</title>{''.join(items)}</channel></rss>"


def one(**fields: str) -> FeedEntry:
    (entry,) = parse(rss(item(**fields)))
    return entry


# Kinds of feeds


def test_rss_2_gives_every_field() -> None:
    entry = one(
        pubDate="Fri, 28 Feb 2025 15:00:00 +0300",
        description="&lt;p&gt;A summary&lt;/p&gt;",
        category="World",
        guid="urn:id-1",
    )
    assert entry == FeedEntry(
        url="https://news.example/1",
        title="A headline",
        summary="A summary",
        published=datetime(2025, 2, 28, 12, 0, tzinfo=UTC),
        section="World",
        guid="urn:id-1",
        date_quality=DateQuality.STATED,
    )


def test_atom_is_read() -> None:
    (entry,) = parse(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>
        <title type="html">An &lt;em&gt;Atom&lt;/em&gt; headline</title>
        <link rel="self" href="https://news.example/self"/>
        <link rel="alternate" href="/2"/><id>tag:2</id>
        <updated>2025-02-27T10:00:00Z</updated><published>2025-02-26T10:00:00+02:00</published>
        <author><name>A. Writer</name></author><content type="html">Long text</content>
        </entry></feed>"""
    )
    assert (entry.url, entry.title) == ("https://news.example/2", "An Atom headline")
    assert entry.published == datetime(2025, 2, 26, 8, 0, tzinfo=UTC)
    assert (entry.author, entry.summary) == ("A. Writer", "Long text")


def test_rdf_is_read() -> None:
    (entry,) = parse(
        """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="x"><title>T</title></channel>
        <item rdf:about="https://news.example/3"><title>An RDF headline</title>
        <link>https://news.example/3</link><dc:date>2025-02-20T08:00:00+03:00</dc:date></item>
        </rdf:RDF>"""
    )
    assert (entry.url, entry.title) == ("https://news.example/3", "An RDF headline")
    assert entry.published == datetime(2025, 2, 20, 5, 0, tzinfo=UTC)


def test_entries_keep_the_order_of_the_feed() -> None:
    entries = parse(rss(item(title="First one"), item(title="Second one")))
    assert [entry.title for entry in entries] == ["First one", "Second one"]


def test_a_relative_link_is_resolved_against_the_feed() -> None:
    assert one(link="../world/7?a=1&amp;b=2").url == "https://news.example/world/7?a=1&b=2"


def test_the_original_link_wins_over_a_feed_proxy() -> None:
    link = "<feedburner:origLink xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0'>"
    text = rss(item(link="https://proxy.example/~r/9").replace(
        "</item>", f"{link}https://news.example/9</feedburner:origLink></item>"
    ))  # fmt: skip
    assert parse(text)[0].url == "https://news.example/9"


def test_a_permanent_guid_stands_in_for_a_missing_link() -> None:
    text = rss("<item><title>A headline</title><guid>https://news.example/8</guid></item>")
    assert parse(text)[0].url == "https://news.example/8"


def test_entries_without_link_or_title_are_kept_for_counting() -> None:
    entries = parse(
        rss("<item><title>No link here</title></item>", "<item><link>http://a.b/1</link></item>")
    )
    assert [(entry.url, entry.title) for entry in entries] == [
        ("", "No link here"),
        ("http://a.b/1", ""),
    ]


def test_hostile_markup_in_a_title_becomes_text() -> None:
    entry = one(
        title="&lt;script&gt;alert(1)&lt;/script&gt;Talks &amp;amp; \u202ehopes &lt;img src=x&gt;"
    )
    assert entry.title == "Talks & hopes"


def test_an_endless_title_is_cut() -> None:
    assert len(one(title="word " * 5_000).title) <= 500


# Dates


@pytest.mark.parametrize(
    ("stated", "published", "quality"),
    [
        ("Sat, 01 Mar 2025 11:59:00 GMT", NOW - timedelta(minutes=1), DateQuality.STATED),
        ("2025-03-01T11:00:00Z", NOW - timedelta(hours=1), DateQuality.STATED),
        ("Tue, 01 Mar 2099 12:00:00 GMT", NOW, DateQuality.CLAMPED),
        ("Sat, 01 Mar 2025 12:05:01 GMT", NOW, DateQuality.CLAMPED),
        ("Sat, 01 Mar 2025 12:05:00 GMT", NOW, DateQuality.STATED),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, DateQuality.ASSUMED),
        ("Mon, 01 Jan 0001 00:00:00 GMT", None, DateQuality.ASSUMED),
        ("yesterday at noon", None, DateQuality.ASSUMED),
        ("", None, DateQuality.ASSUMED),
    ],
)
def test_absurd_dates_are_not_believed(
    stated: str, published: datetime | None, quality: DateQuality
) -> None:
    entry = one(pubDate=stated)
    assert (entry.published, entry.date_quality) == (published, quality)


@settings(deadline=None)
@given(st.integers(min_value=631_152_000, max_value=int(NOW.timestamp())))
def test_any_sensible_date_is_taken_as_stated(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    entry = one(pubDate=moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert (entry.published, entry.date_quality) == (moment, DateQuality.STATED)


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_date_can_break_a_feed(stated: str) -> None:
    text = stated.replace("&", "").replace("<", "")
    assert one(pubDate=text).title == "A headline"


# Encodings


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("windows-1251", "windows-1251", ""),
        ("windows-1251", "windows-1251", "text/xml; charset=utf-8"),
        ("windows-1251", "utf-8", "text/xml; charset=windows-1251"),
        ("windows-1251", "", "application/xml; charset=windows-1251"),
        ("koi8-r", "koi8-r", "text/xml; charset=iso-8859-1"),
        ("utf-8", "windows-1251", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=windows-1251"),
        ("utf-8", "no-such-encoding", "text/xml"),
        ("utf-8", "punycode", "text/xml; charset=unicode_escape"),
        ("utf-8-sig", "", ""),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", ""),
    ],
)
def test_russian_is_read_right_whatever_is_declared(
    encoding: str, declared: str, header: str
) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    body = rss(item(title=RUSSIAN), head=head).encode(encoding)
    assert parse(body, header)[0].title == RUSSIAN


def test_russian_without_any_declaration_is_guessed() -> None:
    text = " ".join([RUSSIAN] * 40)
    body = rss(item(title=RUSSIAN, description=text)).encode("windows-1251")
    assert parse(body)[0].title == RUSSIAN


def test_a_few_damaged_bytes_do_not_spoil_utf_8() -> None:
    body = rss(item(title=RUSSIAN, description=RUSSIAN * 3)).encode()
    broken = body.replace("столице".encode(), "столиц".encode() + b"\xd0", 1)
    assert parse(broken)[0].title.startswith("Переговоры прошли в столиц")


def test_latin_1_means_windows_1252_as_on_the_web() -> None:
    body = rss(item(title="The “New” era"), head='<?xml version="1.0" encoding="iso-8859-1"?>')
    assert parse(body.encode("windows-1252"))[0].title == "The “New” era"


# Broken feeds that still say something


@pytest.mark.parametrize(
    "text",
    [
        rss(item(title="A headline &nbsp; here & there")),
        rss(item(description="<br>loose <p>markup")),
        rss(item(title="A headline\x0b\x00")),
        rss(item(title="A headline&#x1f;&#55296;&#1114112;&#xFFFF; &")),
        rss(item()).replace("<rss", "<?php junk ?><rss"),
        "\n\n  " + rss(item(), head='<?xml version="1.0"?>'),
        rss(item(), head='<!DOCTYPE rss PUBLIC "x" "y">'),
        rss("<item><title>A headline</title><dc:creator>X</dc:creator></item>"),
    ],
)
def test_a_feed_that_is_nearly_well_formed_is_read(text: str) -> None:
    assert parse(text)[0].title.startswith("A headline")


def test_the_last_entry_of_a_feed_that_breaks_off_is_left_for_the_next_poll() -> None:
    whole = rss(item(title="First one"), item(title="The second headline"))
    cut = whole[: whole.index("headline</title>")]
    assert [entry.title for entry in parse(cut)] == ["First one"]


def test_a_long_broken_feed_is_mended() -> None:
    items = [item(title=f"Headline {n} &nbsp; here &", link=f"/{n}") for n in range(1_000)]
    text = rss(*items, item(description="x" * 300_000))
    entries = parse(text)
    assert len(entries) == 1_001
    assert entries[7].title == "Headline 7 here &"


# What is no feed


@pytest.mark.parametrize(
    ("body", "outcome", "said"),
    [
        (b"", PollOutcome.EMPTY_FEED, "nothing at all"),
        (b" \n ", PollOutcome.EMPTY_FEED, "nothing at all"),
        (rss(), PollOutcome.EMPTY_FEED, "holds no entry"),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", PollOutcome.EMPTY_FEED, "holds no entry"),
        ("<!DOCTYPE html><html><body>Hi</body></html>", PollOutcome.NOT_A_FEED, "a web page"),
        ("<!-- x --><HTML><body>Hi</body></HTML>", PollOutcome.NOT_A_FEED, "a web page"),
        ("Welcome <html>", PollOutcome.NOT_A_FEED, "a web page"),
        ('{"items": []}', PollOutcome.NOT_A_FEED, "JSON"),
        (b"\x89PNG\r\n\x1a\n", PollOutcome.NOT_A_FEED, "no XML"),
        ("<opml><body/></opml>", PollOutcome.NOT_A_FEED, "<opml> that is no feed"),
        ("<rss><channel><item><tit", PollOutcome.BROKEN_FEED, "broken XML"),
        (
            "<html><head><title>Just a moment...</title></head></html>",
            PollOutcome.BLOCKED,
            "guard page",
        ),
        ("<!doctype html><html>DDoS-Guard</html>", PollOutcome.BLOCKED, "guard page"),
        ("<html>Please enable JavaScript and cookies</html>", PollOutcome.BLOCKED, "guard page"),
        ("<html>Доступ к ресурсу ограничен.</html>", PollOutcome.BLOCKED, "provider"),
    ],
)
def test_what_is_no_feed_is_a_failure_of_its_own_kind(
    body: bytes | str, outcome: PollOutcome, said: str
) -> None:
    error = failure(body)
    assert error.outcome is outcome
    assert said in str(error)


def test_a_page_that_merely_loads_a_script_from_elsewhere_is_no_guard_page() -> None:
    page = "<html><script src='https://cdnjs.cloudflare.com/x.js'></script>News</html>"
    assert failure(page).outcome is PollOutcome.NOT_A_FEED


# Feeds made to hurt

_ENTITIES = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))


@pytest.mark.parametrize(
    "text",
    [
        f"<!DOCTYPE rss [{_ENTITIES}]>{rss(item(title='&l9;'))}",
        "<rss><channel><item>" + "<a>" * 300_000,
        "<rss><channel><item><title>" + "<" * 400_000,
        "<rss><channel>" + "<x/>" * 200_000 + "</channel></rss>",
        rss(item(), "<x " + " ".join(f"a{n}='1'" for n in range(50_000)) + "/>"),
        rss(item(author="a." * 50_000 + "@" + "b." * 50_000)),
        rss(item(author="<owner/>" + "a" * 100_000)),
        rss(item(title="&", author="a." * 50_000 + "@" + "b." * 50_000)),
        rss(item(author="A", x="".join(f"<category>{n}</category>" for n in range(40_000)))),
        rss(item(tags=",".join(map(str, range(40_000))))),
        rss(item(title="&", tags=",".join(map(str, range(40_000))))),
        "<!-- a -->" * 50_000 + "<rss>",
        "<!--" * 200_000,
        "<!DOCTYPE [" * 50_000,
    ],
    ids=[
        "entities",
        "deep",
        "angles",
        "elements",
        "attributes",
        "author",
        "author around",
        "broken author",
        "categories",
        "tags",
        "broken tags",
        "comments",
        "open comments",
        "doctypes",
    ],
)
def test_a_feed_made_to_be_slow_is_not(text: str) -> None:
    begun = time.process_time()
    try:
        entries = parse(text)
    except FeedError:
        entries = []
    assert sum(len(entry.title) for entry in entries) < 1_000
    assert time.process_time() - begun < 10.0


def test_an_external_entity_is_not_fetched_or_read() -> None:
    head = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    assert parse(rss(item(title="A &x; headline"), head=head))[0].title == "A &x; headline"


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_entries_or_a_sentence(body: bytes) -> None:
    try:
        entries = parse(b"<rss><channel><item><title>" + body)
    except FeedError as error:
        said = str(error)
    else:
        said = f"{len(entries)} entries."
    assert said.endswith(".")
