"""A news site with a past, on loopback: sitemaps, a feed with older pages, and a web archive.

with PastSite() as site:
    site.publish("Envoys meet again", date(2025, 2, 10))
    site.offer_sitemaps()
    …
    site.asked("/news/")   # how many requests went to addresses that begin so
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from services.domain.outlet import Outlet
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.records import make_outlet

PARAGRAPH = (
    "The talks went on for several hours, and both sides called them useful when they were over. "
)
XML = {"Content-Type": "application/xml"}
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True)
class Story:
    """One article of the site."""

    path: str
    title: str
    day: date
    dated: bool = True

    @property
    def moment(self) -> datetime:
        return datetime.combine(self.day, time(9, 30), UTC)

    def page(self) -> str:
        data = {"@type": "NewsArticle", "headline": self.title}
        if self.dated:
            data["datePublished"] = self.moment.isoformat()
        return (
            f"<html><head><title>{self.title} | A Paper</title>"
            f'<meta property="og:title" content="{self.title}">'
            f'<meta name="description" content="Both sides called it useful.">'
            f'<script type="application/ld+json">{json.dumps(data)}</script></head>'
            f"<body><article><h1>{self.title}</h1><p>{self.title}. {PARAGRAPH * 6}</p>"
            "</article></body></html>"
        )


class PastSite:
    """The site and, on a server of its own, the archive."""

    def __init__(self) -> None:
        self.server = FeedServer()
        self.archive_server = FeedServer()
        self.stories: list[Story] = []
        self.robots = "User-agent: *\nDisallow: /private/\n"
        self.per_page = 5

    def __enter__(self) -> Self:
        self.server.__enter__()
        self.archive_server.__enter__()
        self.server.set("/robots.txt", answer=lambda _: Answer(200, {}, self.robots))
        self.server.set("/feed", answer=self._feed)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.archive_server.__exit__(kind, error, trace)
        self.server.__exit__(kind, error, trace)

    @property
    def root(self) -> str:
        return self.server.url("").rstrip("/")

    @property
    def archive(self) -> str:
        return self.archive_server.url("").rstrip("/")

    def outlet(self, **fields: object) -> Outlet:
        """The site as an outlet of a catalogue."""
        return make_outlet("paper", name="A Paper", feed=self.server.url("/feed"), **fields)

    def publish(
        self,
        title: str,
        day: date,
        *,
        folder: str = "news",
        dated: bool = True,
        online: bool = True,
    ) -> Story:
        """Put an article on the site; with `online` off its page is gone by now."""
        name = title.lower().replace(" ", "-")
        story = Story(f"/{folder}/{name}-{1000 + len(self.stories)}", title, day, dated)
        self.stories.append(story)
        if online:
            self.server.set(story.path, 200, HTML, story.page())
        return story

    def asked(self, prefix: str) -> int:
        """How many requests went to paths that begin so."""
        return sum(path.startswith(prefix) for path in self.server.paths())

    # Sitemaps

    def offer_sitemaps(self, *, extra: Sequence[str] = (), zipped: bool = True) -> None:
        """Offer an index of one sitemap a month, newest last, named in robots.txt.

        `extra` are further children: loops, dead ends.
        """
        months: dict[str, list[Story]] = defaultdict(list)
        for story in self.stories:
            months[f"{story.day:%Y-%m}"].append(story)
        end = ".xml.gz" if zipped else ".xml"
        children = []
        for month in sorted(months):
            body = urlset("".join(self._url(story) for story in months[month]))
            path = f"/maps/posts-{month}{end}"
            self.server.set(path, 200, XML, gzip.compress(body) if zipped else body)
            children.append(f"<sitemap><loc>{self.root}{path}</loc></sitemap>")
        children += [f"<sitemap><loc>{self.root}{path}</loc></sitemap>" for path in extra]
        self.server.set("/maps/index.xml", 200, XML, index("".join(children)))
        self.robots += f"Sitemap: {self.root}/maps/index.xml\n"

    def offer_news_sitemap(self) -> None:
        """Offer a news sitemap at a usual path, which robots.txt does not name."""
        self.server.set(
            "/news-sitemap.xml", 200, XML, urlset("".join(map(self._news, self.stories)))
        )

    def _url(self, story: Story) -> str:
        return f"<url><loc>{self.root}{story.path}</loc></url>"

    def _news(self, story: Story) -> str:
        return (
            f"<url><loc>{self.root}{story.path}</loc><news:news>"
            f"<news:publication_date>{story.moment.isoformat()}</news:publication_date>"
            f"<news:title>{story.title}</news:title></news:news></url>"
        )

    # The feed

    def _feed(self, request: Request) -> Answer:
        """WordPress: page N at ?paged=N, and 404 beyond the last."""
        asked = parse_qs(urlsplit(request.path).query)
        number = int(asked.get("paged", ["1"])[0])
        newest = sorted(self.stories, key=lambda story: story.moment, reverse=True)
        shown = newest[(number - 1) * self.per_page : number * self.per_page]
        if not shown:
            return Answer(404, {}, b"no such page")
        return Answer(200, {"Content-Type": "application/rss+xml"}, rss(self.root, shown))

    # The archive

    def offer_archive(self, rows_a_page: int = 3) -> None:
        """Let the archive list all stories and hold a copy of each, saved a day later."""
        rows = sorted(
            [story.path, f"{story.day:%Y%m}{story.day.day:02d}120000", f"{self.root}{story.path}"]
            for story in self.stories
        )
        self.archive_server.set("/cdx/search/cdx", answer=_listing(rows, rows_a_page))
        for path, stamp, original in rows:
            story = next(item for item in self.stories if item.path == path)
            copy = f"/web/{stamp}id_/{original}"
            self.archive_server.set(copy, 200, HTML, story.page())


def _listing(rows: list[list[str]], size: int) -> Callable[[Request], Answer]:
    def answer(request: Request) -> Answer:
        asked = parse_qs(urlsplit(request.path).query)
        first, last = asked["from"][0], asked["to"][0] + "999999"
        held = [row for row in rows if first <= row[1] <= last]
        start = int(asked.get("resumeKey", ["0"])[0])
        shown: list[list[str]] = [["urlkey", "timestamp", "original"], *held[start : start + size]]
        if start + size < len(held):
            shown += [[], [str(start + size)]]
        return Answer(200, {"Content-Type": "application/json"}, json.dumps(shown))

    return answer


def urlset(inner: str) -> bytes:
    """A sitemap around its entries."""
    spaces = (
        "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' "
        "xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><urlset {spaces}>{inner}</urlset>".encode()


def index(inner: str) -> bytes:
    """An index of sitemaps around its children."""
    space = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    return f"<sitemapindex {space}>{inner}</sitemapindex>".encode()


def rss(root: str, stories: Sequence[Story], link: str = "") -> str:
    """A feed of these stories; `link` is put into its channel as it stands."""
    items = "".join(
        f"<item><title>{story.title}</title><link>{root}{story.path}</link>"
        f"<description>Both sides called it useful.</description>"
        f"<pubDate>{format_datetime(story.moment)}</pubDate></item>"
        for story in stories
    )
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>t</title>"
        f"{link}{items}</channel></rss>"
    )
