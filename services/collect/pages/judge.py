"""What a page that answered holds: the article, its beginning, a guard page or something else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from services.collect.feeds.guards import refuse_guard
from services.collect.feeds.parsed import FeedError
from services.collect.http.fetcher import Fetched
from services.collect.pages.document import Document, read_document
from services.collect.pages.extract import MIN_TEXT_CHARS, Hints, extract_text
from services.collect.pages.facts import PageFacts, read_facts
from services.collect.pages.paywall import is_teaser
from services.collect.text.encoding import decode
from services.domain.article import Article
from services.domain.identity import story_key
from services.domain.outlet import Outlet, PollOutcome
from services.domain.page import PageOutcome

_STEM: Final = 5
_MIN_STEMS: Final = 3
_MORE_THAN_LEAD: Final = 15
_GUARD_BYTES: Final = 40_000
_HTML: Final = re.compile(r"\b(?:html|xhtml\+xml)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"\w{4,}")
_MISSING: Final = re.compile(
    r"\b404\b|(?:page|article|story|content) (?:was |is |could )?(?:not |no longer )"
    r"(?:be )?(?:found|available|exists?)|not found$"
    r"|(?:страниц\w+|материал\w*|стать\w+|новост\w+) (?:не (?:найден\w*|существует)|удал[её]н\w*)"
    r"|ошибка 404",
    re.IGNORECASE,
)
_HOME: Final = re.compile(
    r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?/?)?(?:index\.\w{3,5}|home|main)?/?", re.IGNORECASE
)


NO_FACTS: Final = PageFacts()


@dataclass(frozen=True, slots=True)
class Judged:
    """What a page is; `text` is empty unless the outcome is TEXT or TEASER."""

    outcome: PageOutcome
    sentence: str = ""
    text: str = ""
    facts: PageFacts = NO_FACTS


def judge(page: Fetched, asked: str, outlet: Outlet, article: Article | None) -> Judged:
    """Say what the page that came for the address `asked` is. Never raises.

    `article` is what is known of the article; its title tells whether the page speaks of it.
    """
    kind = page.headers.get("content-type", "text/html")
    if not _HTML.search(kind):
        return _no_text(f"The address leads to {kind[:60]}, not to a web page.")
    if _is_home(page.url) and not _is_home(asked):
        return _no_text("The address leads to the site's home page by now.")
    document = read_document(page.body, kind)
    if document is None:
        judged = _no_text("The page is empty.")
    else:
        judged = _judge_document(document, page.url, outlet, article)
    # A page without an article may be one of the known walls; then that is what to say.
    wall = _wall(page.body, kind) if judged.outcome is PageOutcome.NO_TEXT else ""
    return replace(judged, outcome=PageOutcome.UNREACHABLE, sentence=wall) if wall else judged


def _judge_document(
    document: Document, url: str, outlet: Outlet, article: Article | None
) -> Judged:
    facts = read_facts(document, url)
    text = text_of(document, url, outlet.text_hints, facts)
    about = _speaks_of(article, text, facts)
    if about is not True and any(_MISSING.search(title) for title in facts.titles):
        return _no_text("The site says that the page is not there.", facts)
    if not text:
        return _no_text("There is no article text on the page.", facts)
    if about is False:
        return _no_text("The page speaks of something else than the article.", facts)
    if not is_teaser(text, facts, document.root):
        return Judged(PageOutcome.TEXT, "", text, facts)
    shown = text if _says_more(text, article) else ""
    said = "Only the beginning of the article is free to read."
    return Judged(PageOutcome.TEASER, said, shown, facts)


def text_of(document: Document, url: str, hints: Hints, facts: PageFacts) -> str:
    """Return the article text of a page without its title; empty when there is none."""
    text = extract_text(document, url, hints)
    if len(text.split()) < len(facts.body.split()) // 2:
        text = facts.body  # stated in JSON-LD, while the page itself is put together by scripts
    text = without_title(text, facts.titles)
    return text if len(text) >= MIN_TEXT_CHARS else ""


def without_title(text: str, titles: Iterable[str]) -> str:
    """Return `text` without its first line where that is one of the page's titles.

    A headline that the site tries out in several wordings is no edit of the text.
    """
    first, _, rest = text.partition("\n")
    known = {story_key(title) for title in titles}
    return rest if story_key(first) in known else text


def _no_text(sentence: str, facts: PageFacts = NO_FACTS) -> Judged:
    return Judged(PageOutcome.NO_TEXT, sentence, "", facts)


def _wall(body: bytes, kind: str) -> str:
    """The sentence of a guard page, consent wall or notice; empty when it is none."""
    try:
        refuse_guard(decode(body[:_GUARD_BYTES], kind))
    except FeedError as notice:
        if notice.outcome is not PollOutcome.NOT_A_FEED:
            return str(notice).replace("the feed", "the page")
    return ""


def _is_home(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.query and bool(_HOME.fullmatch(parts.path))


def _speaks_of(article: Article | None, text: str, facts: PageFacts) -> bool | None:
    """Whether a word of the article's title stands on the page; None when that is no proof."""
    wanted = _stems(article.title) if article is not None else set()
    if len(wanted) < _MIN_STEMS:
        return None
    return bool(wanted & _stems(" ".join((*facts.titles, text))))


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold())}


def _says_more(text: str, article: Article | None) -> bool:
    lead = article.lead if article is not None else ""
    return len(text.split()) > len(lead.split()) + _MORE_THAN_LEAD
