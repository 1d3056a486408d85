"""Healthy documents of every kind, to be damaged."""

from __future__ import annotations

import codecs
import json
from typing import Final

_RUSSIAN: Final = "Переговоры прошли в столице"
_ITEM: Final = (
    f"<item><title>{_RUSSIAN}</title><link>https://news.example/1</link>"
    '<guid isPermaLink="false">tag:1</guid><pubDate>Fri, 28 Feb 2025 15:00:00 +0300</pubDate>'
    "<description><![CDATA[<p>A <b>summary</b> &amp; more</p>]]></description>"
    "<dc:creator>A. Writer</dc:creator><category>World</category>"
    '<enclosure url="https://news.example/1.jpg" type="image/jpeg" length="1"/>'
    '<media:content url="https://news.example/1.jpg"><media:title>Picture</media:title>'
    "</media:content></item>"
)
RSS: Final = (
    '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>'
    "<link>https://news.example/</link><ttl>15</ttl><skipHours><hour>3</hour></skipHours>"
    "<skipDays><day>Sunday</day></skipDays><sy:updatePeriod>hourly</sy:updatePeriod>"
    '<sy:updateFrequency>2</sy:updateFrequency><atom:link rel="self" href="/feed"/>'
    f"{_ITEM}{_ITEM.replace('/1', '/2')}{_ITEM.replace('/1', '/3')}</channel></rss>"
)
ATOM: Final = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://news.example/a/" xml:lang="ru">'
    '<title type="html">&lt;b&gt;News&lt;/b&gt;</title><link rel="hub" href="/hub"/><entry>'
    '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <em>headline</em> of '
    'today</div></title><link rel="alternate" href="1"/><id>tag:news.example,2025:1</id>'
    "<published>2025-02-28T12:00:00Z</published><updated>2025-02-28T13:00:00.5+03:00</updated>"
    '<author><name>A</name><email>a@news.example</email></author><content type="html">'
    "&lt;p&gt;Text&lt;/p&gt;</content></entry><entry><title>Second headline here</title>"
    '<link href="2"/><id>urn:2</id><updated>2025-02-27</updated></entry></feed>'
)
RDF: Final = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    '<channel rdf:about="x"><title>T</title></channel><item rdf:about="https://news.example/r">'
    "<title>An RDF headline</title><link>https://news.example/r</link>"
    "<dc:date>2025-02-20T08:00:00+03:00</dc:date></item></rdf:RDF>"
)
CDF: Final = (
    '<CHANNEL HREF="https://news.example/"><TITLE>C</TITLE><ITEM HREF="/c1" '
    'LASTMOD="2025-02-20T08:00"><TITLE>A channel headline</TITLE><ABSTRACT>Text</ABSTRACT>'
    "</ITEM></CHANNEL>"
)
JSON_FEED: Final = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "home_page_url": "https://news.example/",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [
            {
                "id": "1", "url": "/j1", "title": _RUSSIAN, "content_html": "<p>Text</p>",
                "date_published": "2025-02-20T08:00:00+03:00", "tags": ["World"],
                "authors": [{"name": "A"}], "language": "ru-RU",
            },
            {"id": "https://news.example/j2", "title": "Second", "content_text": "a < b"},
        ],
    },
    ensure_ascii=False,
)  # fmt: skip
SITEMAP: Final = (
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
    "<loc>https://news.example/s1</loc><lastmod>2025-02-21</lastmod><news:news>"
    "<news:publication><news:name>N</news:name><news:language>en</news:language>"
    "</news:publication><news:publication_date>2025-02-20T05:00:00Z</news:publication_date>"
    "<news:title>A headline in a sitemap</news:title></news:news><image:image>"
    "<image:loc>https://news.example/i.jpg</image:loc><image:title>Picture</image:title>"
    "</image:image></url><url><loc>https://news.example/s2</loc></url></urlset>"
)
PAGE: Final = (
    "<!DOCTYPE html><html lang=ru><head><title>Page</title><base href=/x/>"
    '<link rel=alternate type="application/rss+xml" title=RSS href="/feed">'
    '<script type="application/ld+json">{"@type":"NewsArticle","headline":"H"}</script></head>'
    f"<body><nav><a href=/rss>RSS</a></nav><article><h1>{_RUSSIAN}</h1>"
    + "<p>One sentence of text after the other, which is what an article is made of.</p>" * 12
    + "<figure><img src=x><figcaption>Caption</figcaption></figure></article></body></html>"
)
GUARD: Final = (
    "<html><head><title>Just a moment...</title><script>window._cf_chl_opt={}</script></head>"
    "<body><noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
)
DOCUMENTS: Final = (RSS, ATOM, RDF, CDF, JSON_FEED, SITEMAP, PAGE, GUARD)


def seeds() -> list[bytes]:
    """Every document in UTF-8, and most of them in other encodings as well."""
    found = [document.encode() for document in DOCUMENTS]
    for document in DOCUMENTS:
        declared = document.replace("utf-8", "windows-1251", 1)
        found.append(declared.encode("windows-1251", "xmlcharrefreplace"))
        found.append(codecs.BOM_UTF16_LE + document.encode("utf-16-le"))
    found.append(codecs.BOM_UTF8 + RSS.encode())
    found.append(RSS.encode("koi8-r", "replace"))
    return found
