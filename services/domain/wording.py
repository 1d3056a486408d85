"""Whether a title and a lead say something else, or are only shown differently."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_QUOTES: Final = dict.fromkeys(map(ord, "'`´‘’‚‛“”„‟«»‹›"), '"')
_NUMBER: Final = r"\d[\d.,\u00a0\u202f ]{0,15}"
_COUNTED: Final = (
    r"(?:comments?|views|likes|reactions|reposts"
    r"|просмотр\w{0,4}|комментари\w{1,3}|лайк\w{0,3}|репост\w{0,3}|реакци\w{1,2})"
)
# After a bare word only where nothing follows: "views 2 candidates" counts no views.
_COUNTER: Final = re.compile(
    rf"\b{_COUNTED}\s*(?:[:(\[|–—-]\s*{_NUMBER}[kmкм]?\b|\s{_NUMBER}[kmкм]?\b(?!\s*\w))"
    rf"|\b\d[\d.,]{{0,15}}\s?(?:[kmкм]|тыс\.?|млн)?\s?{_COUNTED}\b"
)
_CLOCK: Final = re.compile(
    r"\b\d{1,2}:\d\d(?::\d\d)?(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?"
    r"|\b(?:\d{1,3}|an?)\s?(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)\s+ago\b"
    r"|\b\d{1,3}\s?(?:секунд[ауы]?|сек|минут[ауы]?|мин|час(?:а|ов)?|дн(?:я|ей)|день)\.?\s+назад\b"
)


def same_wording(title: str, lead: str, other_title: str, other_lead: str) -> bool:
    """True when two versions of a title and a lead are the same to a reader.

    White space, case, Unicode form and most punctuation do not count. In a title quotation
    marks, question and exclamation marks do (they can turn what it says), and so does every
    number. In a lead, counters of comments and views, times of day and "5 minutes ago" do not
    count, since they change by themselves.
    """
    return _title_words(title) == _title_words(other_title) and (
        lead == other_lead or _lead_words(lead) == _lead_words(other_lead)
    )


def _title_words(title: str) -> list[str]:
    return _words(title.translate(_QUOTES), kept='"?!')


def _lead_words(lead: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", lead).casefold()
    return _words(_CLOCK.sub(" ", _COUNTER.sub(" ", plain)))


def _words(text: str, kept: str = "") -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    marked = "".join(
        f" {char} " if char in kept else char if _says(char) else " "
        for char in unicodedata.normalize("NFC", plain)
    )
    return marked.split()


def _says(char: str) -> bool:
    """True for letters, marks, digits and signs of currencies."""
    category = unicodedata.category(char)
    return category[0] in "LMN" or category == "Sc"
