"""Every kind of feed there is, and what only looks like one."""

from __future__ import annotations

import json

from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal
from tests.zoo.documents import SITE, atom, entry, item, rss
from tests.zoo.wire import answer

_RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{ns}" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>T</title></channel>'
    "<item><title>An RDF headline of today</title><link>https://news.example/r</link>"
    "<dc:date>2025-02-20T08:00:00+03:00</dc:date></item></rdf:RDF>"
)
_ITEMS = [
    {"id": "1", "url": f"{SITE}/j1", "title": "A JSON headline of today",
     "date_published": "2025-02-20T08:00:00+03:00", "content_text": "Text"},
    {"id": f"{SITE}/j2", "title": "Only an id", "content_html": "<p>Text</p>"},
]  # fmt: skip
_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>'
    "<loc>https://news.example/s1</loc><news:news><news:publication><news:name>N</news:name>"
    "<news:language>en</news:language></news:publication>"
    "<news:publication_date>2025-02-20T05:00:00Z</news:publication_date>"
    "<news:title>A headline in a news sitemap</news:title></news:news></url></urlset>"
)
_DAY = ("2025-02-20T05:00:00+00:00",)

ANIMALS = (
    Animal("rss-0.91", answer(
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
        '"http://my.netscape.com/publish/formats/rss-0.91.dtd">'
        '<rss version="0.91"><channel><title>T</title><item><title>An old headline here</title>'
        "<link>https://news.example/o</link></item></channel></rss>"),
        titles=("An old headline here",)),
    Animal("rss-0.90", answer(_RDF.format(ns="http://my.netscape.com/rdf/simple/0.9/")),
           titles=("An RDF headline of today",)),
    Animal("rss-1.0", answer(_RDF.format(ns="http://purl.org/rss/1.0/")),
           titles=("An RDF headline of today",), dates=_DAY),
    Animal("rss-without-version", answer(
        "<rss><channel><item><title>No version at all</title>"
        "<link>https://news.example/v</link></item></channel></rss>"),
        titles=("No version at all",)),
    Animal("rss-with-a-namespace-prefix", answer(
        '<x:rss xmlns:x="http://backend.userland.com/rss2" version="2.0"><x:channel><x:item>'
        "<x:title>A prefixed headline here</x:title><x:link>https://news.example/p</x:link>"
        "</x:item></x:channel></x:rss>"), titles=("A prefixed headline here",)),
    Animal("rss-in-capitals", answer(
        "<RSS VERSION='2.0'><CHANNEL><ITEM><TITLE>Shouted headline here</TITLE>"
        "<LINK>https://news.example/caps</LINK></ITEM></CHANNEL></RSS>"),
        titles=("Shouted headline here",)),
    Animal("atom-1.0", answer(atom(entry("An Atom headline today", f"{SITE}/a"))),
           titles=("An Atom headline today",)),
    Animal("atom-0.3", answer(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry>'
        '<title>An early Atom headline</title><link rel="alternate" href="https://news.example/e"/>'
        "<issued>2025-02-20T05:00:00Z</issued></entry></feed>"),
        titles=("An early Atom headline",), dates=_DAY),
    Animal("atom-served-as-plain-text", answer(
        atom(entry("Plain text Atom headline", f"{SITE}/t")), "text/plain"),
        titles=("Plain text Atom headline",)),
    Animal("rss-served-as-html", answer(rss(item("Served as a web page")), "text/html"),
           titles=("Served as a web page",)),
    Animal("json-feed", answer(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": _ITEMS}),
        "application/feed+json"), titles=("A JSON headline of today", "Only an id")),
    Animal("json-that-is-no-feed", answer('{"error": "not here"}', "application/json"),
           PollOutcome.NOT_A_FEED, says="JSON"),
    Animal("json-nested-ten-thousand-deep", answer("[" * 10_000 + "]" * 10_000, "application/json"),
           PollOutcome.NOT_A_FEED),
    Animal("json-feed-with-items-of-the-wrong-kind", answer(
        json.dumps({"version": "https://jsonfeed.org/version/1", "items": [
            None, 7, "x", [], {"url": 5, "title": ["x"]}, _ITEMS[0]]}), "application/json"),
        titles=("A JSON headline of today",)),
    Animal("news-sitemap", answer(_SITEMAP, "application/xml"),
           titles=("A headline in a news sitemap",), dates=_DAY),
    Animal("sitemap-index", answer(
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>'
        "<loc>https://news.example/s.xml</loc></sitemap></sitemapindex>", "application/xml"),
        PollOutcome.NOT_A_FEED),
    Animal("opml", answer('<opml version="2.0"><body><outline text="x"/></body></opml>'),
           PollOutcome.NOT_A_FEED, says="opml"),
    Animal("soap-fault", answer("<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/"
                                "envelope/'><soap:Body/></soap:Envelope>"),
           PollOutcome.NOT_A_FEED),
    Animal("svg", answer("<svg xmlns='http://www.w3.org/2000/svg'><title>x</title></svg>"),
           PollOutcome.NOT_A_FEED),
    Animal("a-picture", answer(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "image/png"),
           PollOutcome.NOT_A_FEED),
    Animal("php-error-before-the-feed", answer(
        "<br />\n<b>Warning</b>: mysql_connect() in /srv/x.php on line 3<br />\n"
        + rss(item("Behind a warning of PHP"))), titles=("Behind a warning of PHP",)),
)  # fmt: skip
