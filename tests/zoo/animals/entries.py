"""Entries with odd links, titles, guids and summaries."""

from __future__ import annotations

from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal
from tests.zoo.documents import DATE, SITE, atom, item, rss
from tests.zoo.wire import answer

_ORIGIN = "<feedburner:origLink>https://news.example/origin</feedburner:origLink>"
_FEEDBURNER = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
_TWICE = item("Told twice under one title", f"{SITE}/1") + item(
    "TOLD TWICE: under one title!", f"{SITE}/2"
)


def _bare(inside: str) -> str:
    return f"<item>{inside}<pubDate>{DATE}</pubDate></item>"


ANIMALS = (
    Animal("entries-without-link", answer(rss(
        _bare("<title>No link at all here</title>"), item("With a link, though"))),
        titles=("With a link, though",)),
    Animal("entries-without-title", answer(rss(
        _bare(f"<link>{SITE}/x</link>"), item("With a title, though"))),
        titles=("With a title, though",)),
    Animal("titles-of-punctuation-only", answer(rss(
        item("?!… – —", f"{SITE}/q"), item("With words, though"))),
        titles=("With words, though",)),
    Animal("link-in-the-guid-only", answer(rss(_bare(
        f"<title>A permanent guid instead</title><guid>{SITE}/guid</guid>"))),
        titles=("A permanent guid instead",)),
    Animal("guid-that-is-no-link", answer(rss(_bare(
        '<title>A number for a guid</title><guid isPermaLink="false">4711</guid>'))),
        titles=()),
    Animal("one-guid-for-all", answer(rss(
        item("First under one guid", extra="<guid>same</guid>"),
        item("Second under one guid", extra="<guid>same</guid>"))),
        titles=("First under one guid", "Second under one guid")),
    Animal("link-in-an-atom-element", answer(rss(_bare(
        "<title>An Atom link in RSS</title>"
        f'<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="{SITE}/al"/>'))),
        titles=("An Atom link in RSS",)),
    Animal("relative-links", answer(rss(item("A relative link here", "/world/1"))),
           titles=("A relative link here",)),
    Animal("links-by-xml-base", answer(atom(
        '<entry xml:base="https://news.example/base/"><title>Based on xml:base here</title>'
        '<link href="a1"/><updated>2025-02-28T12:00:00Z</updated></entry>')),
        titles=("Based on xml:base here",)),
    Animal("links-without-scheme", answer(rss(item("Without a scheme at all",
                                                   "//news.example/s"))),
           titles=("Without a scheme at all",)),
    Animal("javascript-links", answer(rss(
        item("Click me, do it now", "javascript:alert(1)"), item("A harmless headline here"))),
        titles=("A harmless headline here",)),
    Animal("malformed-links", answer(rss(
        item("A link that breaks off", "http://["),
        item("A link with a tag", "http://[::1/x",
             extra='<guid isPermaLink="false">tag:news.example,2025:4711</guid>'),
        item("A healthy headline beside them"))),
        titles=("A healthy headline beside them",)),
    Animal("links-to-hosts-that-cannot-be-asked", answer(rss(
        item("A number too many there", "https://1.2.3.999/news/1"),
        item("A name that is none", "https://xn--a.example/news/2"),
        item("A healthy headline among them"))),
        titles=("A healthy headline among them",)),
    Animal("links-with-white-space-inside", answer(rss(
        item("White space in the link", "\n https://news.example/\n w1 \n"))),
        titles=("White space in the link",)),
    Animal("feedburner-links", answer(rss(item(
        "Through a feed proxy", "https://feeds.feedburner.com/~r/x/1", extra=_ORIGIN)).replace(
        "<rss", f"<rss {_FEEDBURNER}")), titles=("Through a feed proxy",)),
    Animal("one-article-twice-with-trackers", answer(rss(
        item("Tracked in two ways", f"{SITE}/t?utm_source=rss"),
        item("Tracked in two ways", f"{SITE}/t?utm_source=mail#top"))),
        titles=("Tracked in two ways",)),
    Animal("one-title-under-two-links", answer(rss(_TWICE)),
           titles=("Told twice under one title",)),
    Animal("titles-with-markup", answer(rss(
        item("<![CDATA[<b>Bold</b> <script>alert(1)</script>words &amp; more]]>"))),
        titles=("Bold words & more",)),
    Animal("titles-escaped-twice", answer(rss(item("Smith &amp;amp; Jones &amp;lt;b&amp;gt;met"))),
           titles=("Smith & Jones met",)),
    Animal("a-title-of-a-megabyte", answer(rss(item("word " * 200_000, f"{SITE}/long"))),
           titles=(" ".join(["word"] * 99) + "…",)),
    Animal("a-title-that-looks-like-sql", answer(rss(
        item("Robert'); DROP TABLE articles;--", f"{SITE}/sql"))),
        titles=("Robert'); DROP TABLE articles;--",)),
    Animal("a-link-of-ten-thousand-characters", answer(rss(
        item("Far too long a link", f"{SITE}/{'x' * 10_000}"), item("A short link here"))),
        titles=("A short link here",)),
    Animal("podcast-with-enclosures-only", answer(rss(_bare(
        '<title>An episode without a link</title><enclosure url="https://news.example/e.mp3" '
        'type="audio/mpeg" length="1"/>'), item("An article beside it"))),
        titles=("An article beside it",)),
    Animal("all-entries-unusable", answer(rss(_bare("<title>x</title>"))), PollOutcome.OK),
)  # fmt: skip
