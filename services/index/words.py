"""Words as the index sees them: found in text, folded, and reduced to their stems.

Russian and English are inflected differently, and both occur in one headline ("саммит NATO"),
so the script of each word, not the language of the article, chooses its stemmer. Queries and
articles go through the same functions, which is all that a match needs.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

import Stemmer  # type: ignore[import-not-found, import-untyped, unused-ignore]

ANALYZER: Final = f"snowball {Stemmer.version()}, folding 1"
"""Names the rules below; an index built under another name has to be rebuilt."""

_LONGEST: Final = 64  # a "word" beyond this is a link or an encoded blob; its head will do
_WORD: Final = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*(?:['’][sS]\b)?")
_CYRILLIC: Final = re.compile(r"[\u0400-\u052f]")
_BREVE: Final = "\u0306"
_local = threading.local()


class Word(NamedTuple):
    """One word of a text: its place (character offsets) and its stem."""

    start: int
    end: int
    stem: str


def stems(text: str) -> list[str]:
    """Return the stems of the words of `text`, in order."""
    return [stem for stem in map(_stem, _WORD.findall(text)) if stem]


def words(text: str) -> Iterator[Word]:
    """Yield the words of `text` with their places, in order."""
    for match in _WORD.finditer(text):
        stem = _stem(match.group())
        if stem:
            yield Word(match.start(), match.end(), stem)


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    folded = _fold(word)
    language = "russian" if _CYRILLIC.search(folded) else "english"
    return str(_stemmer(language).stemWord(folded))


def _fold(word: str) -> str:
    """Drop case, possessive 's and marks: ё is е, é is e; й stays й, for it is a letter."""
    decomposed = unicodedata.normalize("NFKD", word[:_LONGEST].casefold().replace("’", "'"))
    decomposed = decomposed.removesuffix("'s")
    kept = "".join(
        char
        for place, char in enumerate(decomposed)
        if char.isalnum() or (char == _BREVE and place and decomposed[place - 1] in "иу")
    )
    return unicodedata.normalize("NFC", kept)


def _stemmer(language: str) -> Stemmer.Stemmer:
    """Return this thread's stemmer; they keep state and must not be shared."""
    found = getattr(_local, language, None)
    if found is None:
        found = Stemmer.Stemmer(language)
        setattr(_local, language, found)
    return found
