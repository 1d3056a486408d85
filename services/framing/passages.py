"""From an article to the passages that are classified: headline with lead, then windows.

Windows are runs of two or three sentences of the text, the size of the passages that the
model was trained on. Offsets always index the text as given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_WINDOWS: Final = 24
WINDOW_SENTENCES: Final = 3
WINDOW_CHARACTERS: Final = 320  # a third sentence must fit in this
SENTENCE_CHARACTERS: Final = 500  # text without any full stop is cut here
TITLE_CHARACTERS: Final = 400
LEAD_CHARACTERS: Final = 600
TEXT_CHARACTERS: Final = 200_000  # what follows is not read

# The look-behind and the possessive quantifiers keep the search linear on hostile input.
_END: Final = re.compile(r"(?<![.!?…])[.!?…]++[\"'»”’)\]]*+(?=\s)|\n")
_ABBREVIATION_LIST: Final = (
    "mr mrs ms dr prof gen col lt sgt capt rep sen gov st jr sr vs etc "
    "jan feb mar apr jun jul aug sep sept oct nov dec u.s u.k u.n e.u d.c a.m p.m e.g i.e ph.d "
    "г гг в вв р руб коп тыс млн млрд трлн ул пр стр рис им акад проф доц др т.е т.д т.п т.к т.н "
    "см ср напр янв фев мар апр июн июл авг сен сент окт ноя дек св кв обл н.э"
)
_ABBREVIATIONS: Final = frozenset(_ABBREVIATION_LIST.split())
_LAST_WORD: Final = re.compile(r"[^\s(«“\"']+$")
_OPENING: Final = re.compile(r"[\s\"'«“‘(\[–—-]*")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text."""

    start: int
    end: int


def headline_text(title: str, lead: str) -> str:
    """Return the headline passage as the model reads it, in training and in use.

    The title closes with a full stop when it has none, so that the lead starts afresh.
    """
    title = " ".join(title[:TITLE_CHARACTERS].split())
    lead = " ".join(lead[:LEAD_CHARACTERS].split())
    if not lead:
        return title
    if title and title[-1] not in ".!?…:":
        title += "."
    return f"{title} {lead}".strip()


def sentences(text: str) -> list[Span]:
    """Split `text` into sentences; spans are in order, apart, and hold no outer white space.

    Every character outside the spans is white space. English and Russian abbreviations and
    initials do not end a sentence; a run without an end is cut at a space.
    """
    spans: list[Span] = []
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, start, match):
            spans.extend(_cut(text, start, match.end()))
            start = match.end()
    spans.extend(_cut(text, start, len(text)))
    return spans


def windows(text: str, limit: int = MAX_WINDOWS) -> list[Span]:
    """Group the sentences of `text` by two, or by three short ones.

    When there are more than `limit` windows, that many are chosen at even distances, the
    first always among them.
    """
    grouped: list[Span] = []
    pending: list[Span] = []
    for sentence in sentences(text[:TEXT_CHARACTERS]):
        long = pending and sentence.end - pending[0].start > WINDOW_CHARACTERS
        if len(pending) == WINDOW_SENTENCES or (long and len(pending) >= WINDOW_SENTENCES - 1):
            grouped.append(Span(pending[0].start, pending[-1].end))
            pending = []
        pending.append(sentence)
    if pending:
        grouped.append(Span(pending[0].start, pending[-1].end))
    if len(grouped) <= limit:
        return grouped
    return [grouped[position * len(grouped) // limit] for position in range(limit)]


def _ends_sentence(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match.group()
    if mark not in (".", "\n"):
        return True
    if mark == ".":
        last = _LAST_WORD.search(text, max(start, match.start() - 24), match.start())
        word = last.group() if last else ""
        if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()):
            return False
    follows = _OPENING.match(text, match.end(), match.end() + 24)
    position = follows.end() if follows else match.end()
    return position >= len(text) or not text[position].islower()


def _cut(text: str, start: int, end: int) -> list[Span]:
    """Trim white space and break what is too long for one passage."""
    spans = []
    while start < end:
        while start < end and text[start].isspace():
            start += 1
        stop = end
        if end - start > SENTENCE_CHARACTERS:
            space = text.rfind(" ", start + 1, start + SENTENCE_CHARACTERS)
            stop = space if space > start else start + SENTENCE_CHARACTERS
        last = stop
        while last > start and text[last - 1].isspace():
            last -= 1
        if last > start:
            spans.append(Span(start, last))
        start = stop
    return spans
