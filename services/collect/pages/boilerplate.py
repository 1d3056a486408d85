"""Lines that a site puts on all its pages: known ones by their wording, others by repetition.

Extraction takes most of them off; what it leaves would look like what the outlet writes, and
would look like an edit when it changes. Only short lines are ever taken off: paragraphs that an
outlet repeats (the background to a war, say) are its message.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from services.domain.identity import digest

MAX_LINE_CHARS: Final = 160
MIN_PAGES: Final = 5
"""A line is the site's once it stood on so many pages, and on MIN_SHARE of those seen."""
MIN_SHARE: Final = 0.1
WINDOW: Final = 100
"""After so many pages counts are halved, so that what is remembered stays small."""
MAX_KNOWN: Final = 300
_HASH_CHARS: Final = 12
_WORDS: Final = re.compile(r"\w+")
_INVITES: Final = re.compile(
    r"""^\W*(?:
    (?:read|see|watch|listen|learn)\ (?:more|also|next|now|the\ full)\b|see\ also\b|more\ on\ this\b
    |related(?:\ (?:articles?|stor(?:y|ies)|posts?|news|topics?|videos?|content|coverage))?
    \s*(?:[:|]|$)
    |(?:subscribe|sign\ up)\ (?:to|for|now|here)\b|(?:follow|join|like|support)\ (?:us|our)\b
    |you\ can\ share\ this\ (?:story|article)|share\ (?:this|on|via)\b|click\ here\b
    |(?:advertisement|advertising|sponsored|recommended|most\ read|trending|latest\ news)\W*$
    |(?:photo|image|picture|video)(?:\ (?:credit|source|by))?\s*[:©]|©|all\ rights\ reserved
    |download\ (?:our|the)\ app|(?:copy|print)\ (?:link|article)?\W*$|loading\W*$
    |(?:чита(?:йте|ть)|смотр(?:ите|еть)|слуша(?:йте|ть))\ (?:также|ещ[её]|далее|нас|подробнее)\b
    |(?:материалы?\ )?по\ теме\b|подробнее\W*$|ещ[её]\ по\ теме
    |(?:подпис(?:ывайтесь|аться|ывайся)|подпишитесь)\b|(?:под)?пишите\ нам\b
    |следите\ за\b.{0,40}(?:канал|новост|telegram|соцсет)|присоединяйтесь\b
    |наш(?:и|его|ем|а)?\ (?:телеграм|telegram|канал|группа)\b|поделиться\b|реклама\W*$
    |(?:фото|видео|источник\ фото|изображение)\s*[:©]|нашли\ (?:ошибку|опечатку)\b
    |выделите\ (?:текст|е[её]|ошибку|фрагмент)\b|скачать\ приложение\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_invitation(line: str) -> bool:
    """True for a short line that points elsewhere: "Read also: …", "Subscribe to our channel"."""
    return len(line) <= MAX_LINE_CHARS and bool(_INVITES.match(line))


class SiteLines:
    """What one outlet puts on its pages. Not safe to share between threads.

    `text()` is what to remember between runs: what is taken off once is taken off always, so
    that a page which did not change gives the same text again.
    """

    def __init__(self, remembered: str = "") -> None:
        self._pages = 0
        self._counts: Counter[str] = Counter()
        self._known: dict[str, None] = {}
        if remembered:
            self._load(remembered)

    def learn(self, text: str) -> None:
        """Count the lines of one more article; call once for each article."""
        self._pages += 1
        self._counts.update({_key(line) for line in text.splitlines() if _is_short(line)})
        for key, pages in self._counts.items():
            if pages >= MIN_PAGES and pages >= MIN_SHARE * self._pages:
                self._known.setdefault(key)
        for key in list(self._known)[:-MAX_KNOWN]:
            del self._known[key]
        if self._pages >= WINDOW:
            self._pages //= 2
            halves = {key: pages // 2 for key, pages in self._counts.items() if pages > 1}
            self._counts = Counter(halves)

    def owns(self, line: str) -> bool:
        """True for a line that the site puts on its pages."""
        return is_invitation(line) or (_is_short(line) and _key(line) in self._known)

    def without(self, text: str) -> str:
        """Return `text` without the site's own lines."""
        return "\n".join(line for line in text.splitlines() if not self.owns(line))

    def text(self) -> str:
        """What is known, as text to remember."""
        counts = {key: pages for key, pages in self._counts.items() if pages > 1}
        return json.dumps([self._pages, counts, list(self._known)], separators=(",", ":"))

    def _load(self, remembered: str) -> None:
        try:
            pages, counts, known = json.loads(remembered)
            self._pages = int(pages)
            self._counts = Counter({str(key): int(n) for key, n in counts.items()})
            self._known = dict.fromkeys(_strings(known))
        except (ValueError, TypeError, AttributeError):
            return  # another version wrote it: learnt again


def _strings(items: Iterable[object]) -> list[str]:
    return [str(item) for item in items]


def _is_short(line: str) -> bool:
    return 0 < len(line) <= MAX_LINE_CHARS


def _key(line: str) -> str:
    return digest("line", " ".join(_WORDS.findall(line.casefold())))[:_HASH_CHARS]
