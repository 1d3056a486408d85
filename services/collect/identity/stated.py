"""What a page says of its own address (rel=canonical, og:url), or a redirect: when to trust it.

A template that states one address on every page, or the home page, would make one article of
a whole site. So a statement counts only where both addresses name the same article in
themselves: by the same number, or by the words of the slug.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from services.collect.identity.canonical import identity_url
from services.collect.identity.redirectors import is_redirector
from services.collect.identity.variants import names_article, site_of
from services.domain.identity import article_id

_NUMBER: Final = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_DATE: Final = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])")
_DAY: Final = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})(?:[/-](\d{1,2}))?(?![\d])")
_WORD: Final = re.compile(r"[^\W_]+")
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2})?", re.IGNORECASE)
_SIMILAR: Final = 0.6  # of the words of two slugs, found in both
_SLUG_WORDS: Final = 3


def same_article(page_url: str, stated: str, *, redirected: bool = False) -> str:
    """Return the id of `stated` where it is another address of the article at `page_url`.

    Empty where it is the same address, another site's (a reprint says so of its source), a home
    page or a section, in another language, or an article with another number or slug. With
    `redirected` the server itself led from one to the other: then an address that does not name
    its article (`?p=12`, a redirector's) is believed as well.
    """
    page, other = identity_url(page_url), identity_url(stated)
    if not page or not other or page == other:
        return ""
    here, there = urlsplit(page), urlsplit(other)
    if is_redirector(stated) or not names_article(there.path, there.query):
        return ""
    if is_redirector(page_url):
        return article_id(other) if redirected else ""
    if site_of(here.hostname or "") != site_of(there.hostname or "") or _languages_differ(
        here, there
    ):
        return ""
    return article_id(other) if _agree(here, there, redirected) else ""


def agree(one_url: str, other_url: str) -> bool:
    """False where two addresses of a site name two articles by different numbers."""
    one, other = (_numbers(urlsplit(identity_url(url))) for url in (one_url, other_url))
    return not one or not other or one[-1] == other[-1]


def _agree(here: SplitResult, there: SplitResult, redirected: bool) -> bool:
    mine, theirs = _numbers(here), _numbers(there)
    if mine and theirs:
        return mine[-1] == theirs[-1]
    days = [_DAY.findall(parts.path) for parts in (here, there)]
    if days[0] and days[1] and days[0] != days[1]:
        return False  # what appears every day under one slug
    slugs = [_slug(parts) for parts in (here, there)]
    if slugs[0] == slugs[1] and len(slugs[0]) >= _SLUG_WORDS - 1:
        return True
    words = [set(slug) for slug in slugs]
    if min(map(len, words)) >= _SLUG_WORDS:
        return len(words[0] & words[1]) >= _SIMILAR * max(map(len, words))
    return redirected and not names_article(here.path, here.query)


def _numbers(parts: SplitResult) -> list[str]:
    """The numbers that may name an article, in their order; days written in one are none."""
    found = _NUMBER.findall(f"{unquote(parts.path)}?{parts.query}")
    return [number for number in found if not _DATE.fullmatch(number)]


def _slug(parts: SplitResult) -> list[str]:
    last = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return _WORD.findall((last.rpartition(".")[0] or last).casefold())


def _languages_differ(here: SplitResult, there: SplitResult) -> bool:
    """True where one address is in a part of the site for a language, and the other is not."""
    steps = [
        {
            step.lower()
            for step in [*(parts.hostname or "").split(".")[:-2], *parts.path.split("/")[1:3]]
            if _LANGUAGE.fullmatch(step)
        }
        for parts in (here, there)
    ]
    return steps[0] != steps[1]
