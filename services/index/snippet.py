"""The passage of an article that shows why it was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.index.query_text import Phrase
from services.index.words import Word, words

MARK_START: Final = "\ue000"
MARK_END: Final = "\ue001"
_NO_MARKS: Final = str.maketrans("", "", MARK_START + MARK_END)
_WIDTH: Final = 240  # characters of a snippet, marks and dots not counted
_BEFORE: Final = 60  # of them before the first match
_SEARCHED: Final = 20_000  # characters of a long text in which matches are looked for

Span = tuple[int, int]


def make_snippet(title: str, lead: str, text: str, phrases: Sequence[Phrase]) -> str:
    """Return up to about 240 characters of the lead or text, else of the title.

    Matched words stand between U+E000 and U+E001, which occur nowhere else in the result.
    The part with most different phrases wins; without phrases, the start of lead or text.
    """
    parts = [part.translate(_NO_MARKS)[:_SEARCHED] for part in (lead, text, title)]
    if phrases:
        found = [_matches(part, phrases) for part in parts]
        scores = [len({number for number, _ in matches}) for matches in found]
        best = scores.index(max(scores))
        if scores[best]:
            return _cut(parts[best], [span for _, span in found[best]])
    return _cut(parts[0] or parts[1], [])


def _matches(text: str, phrases: Sequence[Phrase]) -> list[tuple[int, Span]]:
    """Return (number of the phrase, span) of each occurrence, in order, none overlapping."""
    found = list(words(text))
    starts: dict[str, list[int]] = {}
    for number, phrase in enumerate(phrases):
        starts.setdefault(phrase[0], []).append(number)
    matches: list[tuple[int, Span]] = []
    place = 0
    while place < len(found):
        candidates = starts.get(found[place].stem, ())
        hits = [number for number in candidates if _stands_at(found, place, phrases[number])]
        if not hits:
            place += 1
            continue
        longest = max(hits, key=lambda number: len(phrases[number]))
        last = place + len(phrases[longest]) - 1
        matches.append((longest, (found[place].start, found[last].end)))
        place = last + 1
    return matches


def _stands_at(found: Sequence[Word], place: int, phrase: Phrase) -> bool:
    if place + len(phrase) > len(found):
        return False
    return all(found[place + step].stem == stem for step, stem in enumerate(phrase))


def _cut(text: str, spans: Sequence[Span]) -> str:
    start = 0
    if spans and spans[0][0] > _WIDTH - _BEFORE:
        start = text.find(" ", spans[0][0] - _BEFORE, spans[0][0]) + 1 or spans[0][0]
    end = len(text)
    if end - start > _WIDTH:
        limit = max(start + _WIDTH, spans[0][1] if spans else 0)
        space = text.rfind(" ", start + _WIDTH // 2, limit)
        end = space if space > 0 and (not spans or space >= spans[0][1]) else limit
    pieces = ["… " if start else ""]
    place = start
    for first, last in spans:
        if last > end:
            break
        pieces += (text[place:first], MARK_START, text[first:last], MARK_END)
        place = last
    pieces += (text[place:end], " …" if end < len(text) else "")
    return "".join(pieces)
