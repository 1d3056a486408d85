"""One visit to the page of an article."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol
from urllib.parse import urlsplit

from services.collect.http.fetcher import Fetched, Fetcher, FetchError
from services.collect.http.gate import NoTurnError
from services.collect.http.robots import Permission
from services.collect.identity.canonical import article_id_of
from services.collect.identity.stated import same_article
from services.collect.pages.boilerplate import is_invitation
from services.collect.pages.compare import is_truncated, materially_differs
from services.collect.pages.judge import Judged, judge
from services.collect.pages.planning import READ, after_failure, after_reading, after_refusal
from services.collect.pages.site import Site
from services.collect.text.language import detect_language
from services.domain.article import Article
from services.domain.outlet import Outlet
from services.domain.page import PageOutcome, PageVisit

_ACCEPT: Final = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_HASH_CHARS: Final = 32


class RobotsRules(Protocol):
    """What a visit needs to know of robots.txt."""

    def ask(self, url: str, outlet: Outlet | None = None) -> Permission:
        """May the page at `url` of `outlet` be fetched?"""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What a visit may compare the page with.

    `article` is the stored version: by its title a page about something else is told from the
    article, by its text an edit from the same text shown differently. `site` is what the
    outlet puts on its pages. Without `revisit` no visit is planned to look for edits.
    """

    article: Article | None = None
    site: Site | None = None
    revisit: bool = True

    @property
    def text(self) -> str:
        """The stored text."""
        return self.article.text if self.article is not None else ""

    def owns(self, line: str) -> bool:
        """True for a line of the site rather than of the article."""
        return self.site.owns(line) if self.site is not None else is_invitation(line)


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit brought: `visit` is to be remembered, with `text` where there is one.

    `text` is empty as well when the page says what is stored already. `same_as` is the id of
    another address of the article, as the page itself states it. `language` is that of title
    and text together; `author` and `section` are as the page states them.
    """

    visit: PageVisit
    text: str = ""
    same_as: str = ""
    language: str = ""
    author: str = ""
    section: str = ""


def visit(
    page_visit: PageVisit,
    outlet: Outlet,
    fetcher: Fetcher,
    robots: RobotsRules,
    now: datetime,
    known: Known = Known(),
) -> Visited:
    """Visit a page and say what came of it. Never raises for what a server or a page does.

    Only NoTurnError passes: the page was not asked for, and stays due.
    """
    outlet = as_asked(outlet, page_visit.url)
    try:
        permission = robots.ask(page_visit.url, outlet)
        if not permission.allowed:
            closed = after_failure if permission.again else after_refusal
            return Visited(closed(page_visit, permission.sentence, now))
        page = _fetch(page_visit.url, outlet, fetcher)
    except NoTurnError:
        raise
    except FetchError as error:
        return Visited(after_failure(page_visit, str(error), now))
    body_hash = hashlib.sha256(page.body).hexdigest()[:_HASH_CHARS]
    if body_hash == page_visit.body_hash and not _lacks_text(page_visit, known):
        return _unchanged(page_visit, known, now)
    judged = _not_repeated(
        judge(page, page_visit.url, outlet, known.article), body_hash, page_visit, known
    )
    if judged.outcome is PageOutcome.UNREACHABLE:
        return Visited(after_failure(page_visit, judged.sentence, now))
    taken = _taken(judged, replace(page_visit, body_hash=body_hash), outlet, known, now)
    return replace(taken, same_as=_same_as(page_visit.url, page.url, judged))


def as_asked(outlet: Outlet, url: str) -> Outlet:
    """Return `outlet` as it asks for `url`: its headers are for its own site and no other."""
    hosts = [urlsplit(item).netloc.removeprefix("www.") for item in (url, outlet.feed)]
    return outlet if hosts[0] == hosts[1] else replace(outlet, headers={})


def _fetch(url: str, outlet: Outlet, fetcher: Fetcher) -> Fetched:
    return fetcher.get(
        url,
        headers=outlet.headers,
        user_agent=outlet.user_agent,
        proxy=outlet.proxy,
        accept=_ACCEPT,
    )


def _same_as(asked: str, came_from: str, judged: Judged) -> str:
    """The id of another address of the article, as the page or a redirect to it states it."""
    if judged.outcome not in (PageOutcome.TEXT, PageOutcome.TEASER):
        return ""
    here, stated = article_id_of(came_from), judged.facts.canonical
    redirected = here != article_id_of(asked)
    led_there = redirected and article_id_of(stated) == here
    found = same_article(asked, stated, redirected=led_there) if stated else ""
    return found or (same_article(asked, came_from, redirected=True) if redirected else "")


def _lacks_text(page_visit: PageVisit, known: Known) -> bool:
    """True when the page was read before, but the stored version has no text of it."""
    return known.article is not None and not known.text and page_visit.outcome in READ


def _unchanged(page_visit: PageVisit, known: Known, now: datetime) -> Visited:
    """The page is as it was; one that held no article still holds none."""
    partial = page_visit.outcome in (PageOutcome.NO_TEXT, PageOutcome.TEASER)
    outcome = page_visit.outcome if partial else PageOutcome.UNCHANGED
    sentence = page_visit.sentence if partial else ""
    return Visited(after_reading(page_visit, outcome, sentence, now, revisit=known.revisit))


def _not_repeated(judged: Judged, body_hash: str, page_visit: PageVisit, known: Known) -> Judged:
    """The page as judged, unless the same came for other articles of the outlet as well."""
    if known.site is None or not judged.text:
        return judged
    # The text, too: pages that repeat may differ in a number drawn for each request.
    text_hash = hashlib.sha256(judged.text.encode("utf-8", "replace")).hexdigest()
    repeats = [known.site.repeats(item, page_visit.article_id) for item in (body_hash, text_hash)]
    if not any(repeats):
        return judged
    said = "The same page came for several articles, so that it is none of them."
    return replace(judged, outcome=PageOutcome.NO_TEXT, sentence=said, text="")


def _taken(
    judged: Judged, page_visit: PageVisit, outlet: Outlet, known: Known, now: datetime
) -> Visited:
    """What to remember of a page that was read."""
    text = judged.text
    if known.site is not None and text:
        if not page_visit.visits:
            known.site.learn(text)
        text = known.site.without(text)
    if known.text and is_truncated(known.text, text, known.owns):
        said = judged.sentence or "Most of the stored text is missing from the page."
        return Visited(after_failure(page_visit, said, now))
    if known.text and not materially_differs(known.text, text, known.owns):
        same = replace(page_visit, outcome=judged.outcome, sentence=judged.sentence)
        return _unchanged(same, known, now)
    done = after_reading(page_visit, judged.outcome, judged.sentence, now, revisit=known.revisit)
    title = known.article.title if known.article is not None else ""
    return Visited(
        done,
        text,
        language=detect_language(f"{title}. {text}", outlet.language) if text else "",
        author=judged.facts.author,
        section=judged.facts.section,
    )
