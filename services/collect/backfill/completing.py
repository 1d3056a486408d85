"""Title, date and text of a found address from its page, where the source named none.

A date is trusted only where the page states it as data (its head, JSON-LD, time elements) or its
address holds it: free text is full of dates of other things. One that is later than the sitemap's
last change or the archive's copy is that of the visit, and counts as none.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Final

from services.collect.articles import LEAD_CHARS
from services.collect.feeds.date_text import read_date
from services.collect.feeds.dates import OLDEST
from services.collect.http.fetcher import Fetched
from services.collect.pages.document import Document, read_document
from services.collect.pages.judge import NO_FACTS, judge
from services.collect.text.plain import plain_text
from services.domain.outlet import Outlet
from services.domain.page import PageOutcome

_DATED: Final = (
    "//meta[@content] | //time | //abbr[@title] | //*[@itemprop='datePublished']"
    " | //*[@pubdate] | //link[@rel='canonical']"
)
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ][0-2]\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:\s?(?:Z|[+-]\d\d:?\d\d))?"
)
_ZONE_SLACK: Final = timedelta(days=1)

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Completed:
    """What a page says of its article; empty where it does not. `published` is aware UTC.

    `outcome` is that of a visit to a page; `canonical` the address that the page gives itself.
    """

    outcome: PageOutcome
    title: str = ""
    summary: str = ""
    text: str = ""
    author: str = ""
    section: str = ""
    canonical: str = ""
    published: datetime | None = None


def read_page(page: Fetched, asked: str, outlet: Outlet, latest: datetime) -> Completed:
    """Return what the page that came for the address `asked` says, judged as a live visit is.

    Dates after `latest` count as not stated; times without a zone are in the outlet's. Never
    raises: a page may hold anything.
    """
    judged = judge(page, asked, outlet, None)
    document = read_document(page.body, page.headers.get("content-type", ""))
    if judged.facts is NO_FACTS or document is None:
        return Completed(judged.outcome)
    facts = judged.facts
    return Completed(
        judged.outcome,
        title=facts.titles[0] if facts.titles else "",
        summary=_summary(document),
        text=judged.text,
        author=facts.author,
        section=facts.section,
        canonical=facts.canonical,
        published=_published(document, page.url, latest, outlet.timezone),
    )


def _summary(document: Document) -> str:
    for name in ("@property='og:description'", "@name='description'"):
        for meta in document.root.xpath(f"//meta[{name}][@content]")[:1]:
            if text := plain_text(meta.get("content") or "", LEAD_CHARS):
                return text
    return ""


def _published(document: Document, url: str, latest: datetime, zone: str) -> datetime | None:
    stated = _stated_dates(document)
    day = _day(stated, url, latest)
    if not day:
        return None
    # The library gives the day; a page that states the hour states it in the same place.
    texts = {text for text in _MOMENT.findall(stated) if text.startswith(day)}
    moments = [moment for text in texts if (moment := read_date(text, zone))]
    whole_day = datetime.combine(date.fromisoformat(day), time(), UTC)
    return min(moments, default=whole_day)


def _day(stated: str, url: str, latest: datetime) -> str:
    # Imported here because only back-filling needs it.
    from htmldate import find_date  # noqa: PLC0415

    try:
        found: str | None = find_date(
            stated,
            extensive_search=False,
            original_date=True,
            url=url,
            min_date=OLDEST.replace(tzinfo=None),
            max_date=(latest + _ZONE_SLACK).replace(tzinfo=None),
            deferred_url_extractor=True,
        )
    except Exception as error:  # noqa: BLE001  a page that breaks the library is left out, no more
        LOG.warning("No date from %s: %s: %s", url, type(error).__name__, error)
        return ""
    return found or ""


def _stated_dates(document: Document) -> str:
    """A page that holds nothing but the elements in which dates are stated as data."""
    head: list[str] = []
    body: list[str] = []
    for element in document.root.xpath(_DATED):
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in element.items())
        if element.tag in ("meta", "link"):
            head.append(f"<{element.tag}{attributes}>")
        else:
            words = escape(" ".join(element.itertext())[:60])
            body.append(f"<{element.tag}{attributes}>{words}</{element.tag}>")
    head += [f'<script type="application/ld+json">{text}</script>' for text in document.linked_data]
    return f"<html><head>{''.join(head)}</head><body>{''.join(body)}</body></html>"
