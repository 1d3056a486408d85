"""What changed between two wordings, word by word, for a reader.

Longer texts are compared by sentences first and by words inside what differs, so that a moved
paragraph does not hide one changed word, and so that the time stays bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, groupby
from typing import Final, Literal

Kind = Literal["kept", "removed", "added", "cut"]
"""`cut` stands for unchanged words that are not shown; its text is an ellipsis."""

ELLIPSIS: Final = "…"
CONTEXT_WORDS: Final = 14
"""Unchanged words that are shown on either side of a change."""

_ENDS: Final = frozenset(".!?…")
_TOKEN: Final = re.compile(r"\w+(?:[-'’]\w+)*|[^\w\s]")
_MOST_WORDS: Final = 1_500  # of one changed passage; above, it is shown as replaced whole
_ISLAND: Final = 2  # as few unchanged words between two changes are shown as changed with them


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of one kind; the texts of all pieces stand one after another."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or a punctuation mark; `before` is the white space in front of it."""

    before: str
    text: str


Run = tuple[Kind, list[_Token]]


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return how `before` became `after`; no pieces when only white space differs.

    Kept words stand as they do in `after`. What was removed comes before what replaced it.
    """
    old, new = _tokens(before), _tokens(after)
    if _words(old) == _words(new):
        return ()
    return tuple(_joined(_with_islands(_by_sentences(old, new))))


def shortened(pieces: Sequence[Piece], words: int = CONTEXT_WORDS) -> tuple[Piece, ...]:
    """Return the changed places with up to `words` unchanged words around them."""
    found: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.kind != "kept":
            found.append(piece)
            continue
        parts = piece.text.split()
        first, last = place == 0, place == len(pieces) - 1
        if len(parts) <= words * (1 if first or last else 2) + 1:
            found.append(piece)
            continue
        if not first:
            found.append(Piece("kept", _edge(piece.text, words, left=True)))
        found.append(Piece("cut", f"{'' if first else ' '}{ELLIPSIS}{'' if last else ' '}"))
        if not last:
            found.append(Piece("kept", _edge(piece.text, words, left=False).lstrip()))
    return tuple(found)


def _edge(text: str, words: int, *, left: bool) -> str:
    """Return the first, or the last, words of `text` with the white space at that end."""
    found = list(re.finditer(r"\S+", text))
    return text[: found[words - 1].end()] if left else text[found[-words].start() :]


def _tokens(text: str) -> list[_Token]:
    found, end = [], 0
    for match in _TOKEN.finditer(text):
        found.append(_Token(text[end : match.start()], match.group()))
        end = match.end()
    return found


def _words(tokens: Sequence[_Token]) -> tuple[str, ...]:
    return tuple(token.text for token in tokens)


def _sentences(tokens: Sequence[_Token]) -> list[list[_Token]]:
    """Cut where a sentence ends, as a rule: a mark that ends it with white space after it."""
    found: list[list[_Token]] = []
    ended = True
    for place, token in enumerate(tokens):
        if (ended and token.before) or "\n" in token.before or place == 0:
            found.append([])
        found[-1].append(token)
        ended = token.text in _ENDS or (ended and not token.text[0].isalnum())
    return found


def _by_sentences(old: list[_Token], new: list[_Token]) -> Iterator[Run]:
    one, other = _sentences(old), _sentences(new)
    # Sentences that come again and again are no landmarks, so that the time stays bounded.
    matcher = SequenceMatcher(None, [*map(_words, one)], [*map(_words, other)])
    for name, i, j, k, m in matcher.get_opcodes():
        then, now = [*chain(*one[i:j])], [*chain(*other[k:m])]
        if name == "equal":
            yield "kept", now
        elif max(len(then), len(now)) > _MOST_WORDS:
            yield "removed", then
            yield "added", now
        else:
            yield from _by_words(then, now)


def _by_words(old: list[_Token], new: list[_Token]) -> Iterator[Run]:
    matcher = SequenceMatcher(None, _words(old), _words(new))
    for name, i, j, k, m in matcher.get_opcodes():
        if name == "equal":
            yield "kept", new[k:m]
        else:
            yield "removed", old[i:j]
            yield "added", new[k:m]


def _with_islands(runs: Iterator[Run]) -> Iterator[Run]:
    """Show a few unchanged words between changes as changed: that reads better."""
    found = [(kind, tokens) for kind, tokens in runs if tokens]
    for place, (kind, tokens) in enumerate(found):
        inside = 0 < place < len(found) - 1
        if kind == "kept" and inside and len(tokens) <= _ISLAND and _long_around(found, place):
            yield "removed", tokens
            yield "added", tokens
        else:
            yield kind, tokens


def _long_around(found: list[Run], place: int) -> bool:
    """Say whether more words change on both sides than the island has."""
    size = len(found[place][1])
    return all(len(found[other][1]) > size for other in (place - 1, place + 1))


def _joined(runs: Iterator[Run]) -> Iterator[Piece]:
    """Join neighbouring runs: within one change, all that was removed comes first."""
    for kept, group in groupby(runs, key=lambda run: run[0] == "kept"):
        run = list(group)
        kinds: tuple[Kind, ...] = ("kept",) if kept else ("removed", "added")
        for kind in kinds:
            text = "".join(
                token.before + token.text for name, some in run if name == kind for token in some
            )
            if text:
                yield Piece(kind, text)
