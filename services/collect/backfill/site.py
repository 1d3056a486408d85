"""Which addresses belong to an outlet's site, which look like articles, and which day they name."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import SplitResult, urlsplit

from courlan.filters import path_filter, type_filter

_PREFIXES: Final = re.compile(r"^(?:www\d?|m|mobile|amp|feeds?|rss|news-?feed)\.")
_LIST_NAMES: Final = """
tag tags category categories author authors autor topic topics section sections rubric rubrics
search page pages feed feeds rss archive archives login subscribe subscription about about-us
contact contacts privacy terms sitemap gallery galleries photo photos video videos live podcast
podcasts newsletter newsletters weather horoscope horoscopes advertising careers wp-content
wp-json wp-admin wp-includes cdn-cgi cgi-bin static assets
"""
_LISTS: Final = frozenset(_LIST_NAMES.split())
# Numbers without separators are mostly ids: only a whole step of a path is read as a day.
_DAY: Final = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([/_-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)"
    r"|/((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=/|$)"
)
_MONTH: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[/_-](0[1-9]|1[0-2])(?!\d)")
_LISTED_MONTH: Final = re.compile(r"(?<!\d)(20[0-4]\d|199\d)(0[1-9]|1[0-2])(?:[0-3]\d)?(?!\d)")
_LISTED_YEAR: Final = re.compile(r"(?<![\d.])(20[0-4]\d|199\d)(?=[/._-]|$)")
_SUFFIX: Final = re.compile(r"\.([a-z][a-z0-9]{1,4})$")
_PAGES: Final = frozenset(
    {"html", "htm", "shtml", "xhtml", "php", "asp", "aspx", "jsp", "cfm", "stm", "do", "amp"}
)


@dataclass(frozen=True, slots=True)
class Site:
    """An outlet's site: `root` is scheme and host, `path` what all its addresses begin with."""

    root: str
    path: str = "/"

    @property
    def host(self) -> str:
        """The host without www and the like."""
        return bare_host(self.root)

    def owns(self, url: str) -> bool:
        """True for an address on this site or on one below it."""
        host = bare_host(url)
        at_home = host == self.host or host.endswith(f".{self.host}")
        return at_home and _split(url).path.startswith(self.path.rstrip("/"))


def bare_host(url: str) -> str:
    """Return host and port of an address, lower case, without www and the like; or empty."""
    host = _split(url).netloc.rpartition("@")[2].lower()
    while _PREFIXES.match(host) and host.count(".") > 1:
        host = _PREFIXES.sub("", host, count=1)
    return host


def _split(url: str) -> SplitResult:
    """The parts of an address, all of them empty where it is malformed (`http://[`)."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")


def site_of(feed: str, links: Iterable[str]) -> Site:
    """Return the site of an outlet: where its feed's links lead, else where the feed is."""
    found = (parts for parts in map(_split, links) if parts.netloc)
    roots = Counter(f"{parts.scheme}://{parts.netloc}" for parts in found)
    if roots:
        return Site(roots.most_common(1)[0][0])
    parts = _split(feed)
    return Site(f"{parts.scheme}://{_PREFIXES.sub('', parts.netloc) or parts.netloc}")


def named_site(url: str) -> Site | None:
    """Return the site, or part of one, whose addresses begin with `url`; None for no address."""
    parts = _split(url)
    return Site(f"{parts.scheme}://{parts.netloc}", parts.path or "/") if parts.netloc else None


def is_article_like(url: str) -> bool:
    """True unless the address is one of a home page, a list of articles, or a file.

    Beyond courlan's rules the last part of the path has to look like a title or a number.
    """
    parts = _split(url)
    steps = [step.lower() for step in parts.path.split("/") if step]
    if not steps:
        return bool(re.search(r"(?:^|&)(?:p|id|newsid|article|story)=\d+", parts.query))
    if any(step in _LISTS for step in steps):
        return False
    suffix = _SUFFIX.search(steps[-1])
    if suffix and suffix[1] not in _PAGES:
        return False
    days = dated(url)
    if not path_filter(parts.path, parts.query) or not (type_filter(url) or days):
        return False
    last = steps[-1][: suffix.start()] if suffix else steps[-1]
    words = [word for word in re.split(r"[-_+]|%20", last) if word]
    numbered = re.search(r"\d{3,}", last) or re.search(r"\d{3,}", parts.query)
    beneath_a_day = days is not None and days[0] == days[1] and not last.isdigit()
    return len(words) >= 3 or bool(numbered) or beneath_a_day


def dated(url: str) -> tuple[date, date] | None:
    """Return the first and last day that the path of an address names: a day or a month."""
    path = _split(url).path
    for found in _DAY.finditer(path):
        year, month, day = (found[1], found[3], found[4]) if found[1] else found.groups()[4:]
        try:
            only = date(int(year), int(month), int(day))
        except ValueError:
            continue
        return only, only
    if named := _MONTH.search(path):
        return _days_of(int(named[1]), int(named[2]))
    return None


def listed_days(url: str) -> tuple[date, date] | None:
    """Return the days that the address of a listing names: a day, a month or a year."""
    if found := dated(url):
        return found
    path = _split(url).path
    if month := _LISTED_MONTH.search(path):
        return _days_of(int(month[1]), int(month[2]))
    if year := _LISTED_YEAR.search(path):
        return date(int(year[1]), 1, 1), date(int(year[1]), 12, 31)
    return None


def _days_of(year: int, month: int) -> tuple[date, date]:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
