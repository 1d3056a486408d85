"""The feeds of a site, found by trying: the address itself, what its page names, usual places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.collect.feeds.discovery import Candidate, discover, usual_places
from services.collect.feeds.feed import FeedError, parse_feed
from services.collect.feeds.parsed import ParsedFeed
from services.collect.feeds.poll import ACCEPT
from services.collect.http.fetcher import Fetched, Fetcher, FetchError
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.collect.text.language import UNKNOWN, detect_language
from services.domain.article import DateQuality
from services.domain.outlet import PollOutcome

ENOUGH: Final = 3
"""So many feeds that a site names itself are tried until they answer; the rest are left alone."""
_SAMPLE: Final = 30
# What some servers want to see; only used where an honest request is refused.
BROWSER_AGENT: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
BROWSER_HEADERS: Final = {
    "Accept": "application/rss+xml, application/xml;q=0.9, text/html;q=0.9, */*;q=0.8",
    "Accept-Language": "en",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that answered. `user_agent` and `headers` are what it took, empty for nothing.

    `newest` and `oldest` are the stated times of its entries, None where none is stated;
    `language` is that of most entries, or "und".
    """

    url: str
    feed: ParsedFeed
    language: str
    newest: datetime | None
    oldest: datetime | None
    user_agent: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def reach(self) -> timedelta | None:
        """How far the feed goes back from its newest entry."""
        return self.newest - self.oldest if self.newest and self.oldest else None


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, the likeliest first, and why the other addresses were not it."""

    found: tuple[Found, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    user_agent: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


_WAYS: Final = (_Way(), _Way(BROWSER_AGENT, BROWSER_HEADERS))


class Finder:
    """Looks for the feeds of a site, one polite request after the other.

    The address that a person gave is asked as it is; what the finder thinks of by itself is
    asked only where robots.txt allows it. `tell` is called with each address before it is tried.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        gate: HostGate,
        robots: Robots,
        now: datetime,
        tell: Callable[[str], None] = lambda _url: None,
    ) -> None:
        self._fetcher = fetcher
        self._gate = gate
        self._robots = robots
        self._now = now
        self._tell = tell
        self._failed: list[tuple[str, str]] = []
        self._pauses: dict[str, float] = {}  # what robots.txt wants before guessed addresses

    def find(self, url: str, zone: str = "UTC") -> Search:
        """Try `url`, then what its page names, then the usual places. Raises nothing."""
        self._failed = []
        found, page = self._try(url, zone)
        if found is None and page is not None:
            kind = page.headers.get("content-type", "")
            named = discover(page.body, page.url, kind)
            found = self._try_named(named, zone) or self._try_usual(page.url, zone)
        return Search(tuple(found or ()), tuple(self._failed))

    def _try_named(self, candidates: Iterable[Candidate], zone: str) -> list[Found]:
        found: list[Found] = []
        for candidate in candidates:
            one, _ = self._try(candidate.url, zone)
            found.extend(one or ())
            if len(found) >= ENOUGH:
                break
        return found

    def _try_usual(self, url: str, zone: str) -> list[Found]:
        for place in [*usual_places(url), *self._sitemaps(url)]:
            if self._allowed(place):
                found, _ = self._try(place, zone)
                if found:
                    return found
        return []

    def _try(self, url: str, zone: str) -> tuple[list[Found] | None, Fetched | None]:
        """The feed at `url`, or None and the page that came instead."""
        self._tell(url)
        page: Fetched | None = None
        sentence = ""
        for way in _WAYS:
            try:
                page = self._fetch(url, way)
                kind = page.headers.get("content-type", "")
                feed = parse_feed(page.body, kind, page.url, self._now, zone)
            except (FetchError, FeedError) as error:
                sentence = sentence or str(error)
                if error.outcome is not PollOutcome.BLOCKED:
                    break
            else:
                return [_found(page.moved or url, feed, way)], page
        self._failed.append((url, sentence))
        return None, page

    def _fetch(self, url: str, way: _Way) -> Fetched:
        with self._gate.turn(url, pause=self._pauses.get(url, 0.0)):
            return self._fetcher.get(
                url, headers=way.headers, user_agent=way.user_agent, accept=ACCEPT
            )

    def _allowed(self, url: str) -> bool:
        try:
            self._pauses[url] = self._robots.pause(url)
            return self._robots.allows(url)
        except FetchError:
            return False

    def _sitemaps(self, url: str) -> list[str]:
        try:
            named = self._robots.sitemaps(url)
        except FetchError:
            return []
        return [address for address in named if "news" in address.lower()]


def _found(url: str, feed: ParsedFeed, way: _Way) -> Found:
    stated = [
        entry.published
        for entry in feed.entries
        if entry.published is not None and entry.date_quality is DateQuality.STATED
    ]
    return Found(
        url=url,
        feed=feed,
        language=language_of(feed),
        newest=max(stated, default=None),
        oldest=min(stated, default=None),
        user_agent=way.user_agent,
        headers=way.headers,
    )


def language_of(feed: ParsedFeed) -> str:
    """Return the language of most entries, or "und"."""
    texts = (f"{entry.title}. {entry.summary[:300]}" for entry in feed.entries[:_SAMPLE])
    counts = Counter(detect_language(text) for text in texts)
    del counts[UNKNOWN]
    return counts.most_common(1)[0][0] if counts else UNKNOWN
