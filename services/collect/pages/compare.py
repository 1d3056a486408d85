"""Whether a page that was read again says something else, or was only shown differently."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from services.collect.pages.boilerplate import is_invitation

HALF: Final = 0.5
_SHORT: Final = 80
_LINK_CHARS: Final = 160
_MAX_LINKS: Final = 15
_WORDS: Final = re.compile(r"\w+")
_ENDS_SENTENCE: Final = re.compile(r"[.!?…:;][\"'»”’)\]]*$")
_STAMP: Final = re.compile(
    r"^\W*(?:(?:last |first )?(?:updated|published|posted|modified|edited)\b"
    r"|(?:обновл|опубликова|измен[её]н|дата (?:публикации|обновления)))",
    re.IGNORECASE,
)
_TIME_WORDS: Final = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun|at|on"
    r"|am|pm|gmt|utc|est|edt|cet|msk|today|yesterday|now|just|ago|an?|updated|published"
    r"|january|february|march|april|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
    r"|(?:second|sec|minute|min|hour|hr|day|week|month|year)s?"
    r"|январ[ья]|феврал[ья]|марта?|апрел[ья]|ма[йя]|июн[ья]|июл[ья]|августа?|сентябр[ья]"
    r"|октябр[ья]|ноябр[ья]|декабр[ья]|понедельник|вторник|сред[аы]|четверг|пятниц[аы]|суббот[аы]"
    r"|воскресенье|мск|сегодня|вчера|назад|только|что|в|г|года?|лет|час(?:а|ов)?|мин(?:ут[ауы]?)?"
    r"|секунд[ауы]?|сек|дн(?:я|ей)|день|недел[яюьи]|месяц(?:а|ев)?)\b",
    re.IGNORECASE,
)
_COUNTER: Final = re.compile(
    r"(?:\b|(?<=\d))(?:views?|reads?|comments?|shares?|likes?|readers?|listens?|reactions?|reposts?"
    r"|просмотр\w*|коммента\w*|лайк\w*|репост\w*|реакци\w*|прочтени\w*|к|k|m|тыс|млн)\b",
    re.IGNORECASE,
)

Owns = Callable[[str], bool]
"""True for a line that the site, not the article, says."""


def materially_differs(before: str, after: str, owns: Owns = is_invitation) -> bool:
    """True when the two texts of one page differ in the words that are the article's own.

    White space, punctuation, case and Unicode form do not count, nor do lines of the site
    (`owns`), lines that only say when the page was updated or how often it was read, and
    links after the last sentence, which change by themselves.
    """
    return before != after and _substance(before, owns) != _substance(after, owns)


def is_truncated(before: str, after: str, owns: Owns = is_invitation) -> bool:
    """True when less than half of what the page said is left: a failure rather than an edit."""
    return len(_substance(after, owns)) < HALF * len(_substance(before, owns))


def _substance(text: str, owns: Owns) -> list[str]:
    lines = list(_without_links(text.splitlines(), owns))
    last = max((n for n, line in enumerate(lines) if not _is_link(line)), default=len(lines))
    lines = lines[: last + 1] if len(lines) - last <= _MAX_LINKS else lines
    return [word for line in lines for word in _words(line)]


def _without_links(lines: Iterable[str], owns: Owns) -> Iterator[str]:
    """The lines of the article; what reads like a link after a line of the site is one, too."""
    after_site = False
    for line in lines:
        if not line.strip() or _is_stamp(line):
            continue
        after_site = owns(line) or (after_site and _is_link(line))
        if not after_site:
            yield line


def _words(line: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", line).casefold()
    return _WORDS.findall(unicodedata.normalize("NFC", plain))


def _is_stamp(line: str) -> bool:
    """True for a short line of dates, times and counters alone."""
    if len(line) > _SHORT:
        return False
    rest = _COUNTER.sub(" ", _TIME_WORDS.sub(" ", line))
    rest = re.sub(r"[\d\W_]+", "", rest)
    return not rest or bool(_STAMP.match(line) and any(char.isdigit() for char in line))


def _is_link(line: str) -> bool:
    """True for a line that reads like a headline: short, and no sentence."""
    return len(line) <= _LINK_CHARS and not _ENDS_SENTENCE.search(line.strip())
