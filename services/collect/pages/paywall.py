"""Whether a page shows the whole article or only its beginning."""

from __future__ import annotations

import re
from typing import Final

from lxml.html import HtmlElement

from services.collect.pages.facts import PageFacts

SHORT_WORDS: Final = 250
"""An invitation to subscribe stands on many pages; with less text than this it is the end."""
_LONG_ENOUGH: Final = 0.7
_TOO_SHORT: Final = 0.5
_OPEN_WORDS: Final = 400
_INVITATION: Final = re.compile(
    r"(subscribe|sign up|sign in|log in|register|become a (?:member|subscriber)|start (?:a|your) "
    r"(?:free )?trial)\b.{0,60}\b(?:to|and) (?:continue|keep|finish|read|unlock"
    r"|get (?:full )?access)"
    r"|(?:this|the) (?:article|story|content) is (?:only |exclusively )?(?:available |reserved )?"
    r"(?:to|for) (?:our )?(?:paid |paying |premium )?(?:subscribers|members)"
    r"|(?:continue|keep) reading (?:with|by|for|after) .{0,40}(?:subscri|trial|account|member)"
    r"|you(?:'|\u2019)ve reached your (?:monthly )?(?:article )?limit|already a subscriber\?"
    r"|subscribers only|for subscribers only|exclusive to subscribers"
    r"|(?:оформите|купите|активируйте) подписку|подпишитесь,? чтобы (?:про)?читать"
    r"|чтобы (?:продолжить|дочитать|прочитать|читать)\b.{0,60}(?:подпи|войдите|зарегистр|авториз)"
    r"|(?:материал|статья|текст|продолжение)\b.{0,40}\bдоступ\w+ (?:только )?(?:по подписке"
    r"|подписчикам|для подписчиков|зарегистрированным)|только для подписчиков|доступно по подписке"
    r"|(?:войдите|авторизуйтесь|зарегистрируйтесь),? чтобы (?:продолжить|читать|прочитать|дочитать)"
    r"|дочитать по подписке|уже (?:есть подписка|подписаны)\?",
    re.IGNORECASE,
)


def invites_to_subscribe(text: str) -> bool:
    """True when `text` says, in English or Russian, that reading on needs a subscription."""
    return bool(_INVITATION.search(text))


def is_teaser(text: str, facts: PageFacts, root: HtmlElement) -> bool:
    """True when the page says of itself that there is more to the article than `text`.

    A site may call all its articles closed and show them all the same: then the length it
    states, or the words in the part it calls closed, say that nothing is missing.
    """
    words = len(text.split())
    if facts.words:
        if words >= _LONG_ENOUGH * facts.words:
            return False
        if words < _TOO_SHORT * facts.words:
            return True
    if facts.closed:
        closed = [_words_in(root, name) for name in facts.closed_classes]
        return max(closed) < SHORT_WORDS // 2 if closed else words < _OPEN_WORDS
    return words < SHORT_WORDS and invites_to_subscribe(" ".join(root.itertext()))


def _words_in(root: HtmlElement, name: str) -> int:
    found = root.find_class(name)[:5]
    return max((len(" ".join(item.itertext()).split()) for item in found), default=0)
