"""Copies of one story in several outlets: candidates by MinHash, then an exact check.

Candidates share a band of a MinHash, over the words of the title or over the shingles of lead
and text. What they have in common is then counted exactly, and judged by rules that ask for
less text where the titles agree and for more where they do not.
"""

from __future__ import annotations

import zlib
from datetime import timedelta
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from services.collect.identity.wording import Shingles, Wording

WINDOW: Final = timedelta(days=7)
"""Copies are published within this time of each other."""
TITLE_WINDOW: Final = timedelta(days=3)
"""The same where little more than the titles can be compared."""

TITLE_BANDS: Final = 8
TITLE_ROWS: Final = 3
BODY_BANDS: Final = 12
SHORT_BODY_BANDS: Final = 6  # the first of the same; the titles find most copies of a short one
BODY_ROWS: Final = 2
LONG_BODY: Final = 25  # shingles that make a text speak for itself
SHORT_BODY: Final = 4
CONTAINED: Final = 0.6  # of the shorter body's shingles, found in the longer one
SHARED: Final = 0.3  # Jaccard of the two bodies
SIMILAR_TITLE: Final = ((16, 0.5), (8, 0.6), (4, 0.65), (0, 0.75))
"""Jaccard of the words of the titles that is asked for, by shingles of the shorter body."""
SUBSTITUTED_TITLE: Final = 0.75  # asked for where the titles have words in place of others,
SUBSTITUTED_BODY: Final = 0.9  # and how much of the shorter body has to be in the longer one
LONG_TITLE_WORDS: Final = 5  # without articles, prepositions and the like
LONG_TITLE_CHARS: Final = 30
UNLIKE: Final = 0.15  # two long bodies with less in common tell two stories
_NONE: Final = np.empty(0, np.uint32)
_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
_BODY: Final = 1 << 8  # places of the bands over bodies; those over titles start at 0


def bands_of(wording: Wording) -> tuple[int, ...]:
    """Return the bands under which copies of an article are looked up, signed 32-bit integers.

    Empty when it has neither a body nor a title of `LONG_TITLE_WORDS`.
    """
    # Of the shortest form: a name at either end must not keep two copies apart.
    shortest = min(wording.titles, key=len)
    words = set(shortest)
    title = _NONE
    if len(words) >= LONG_TITLE_WORDS - 1:
        title = np.array([zlib.crc32(word.encode("utf-8", "replace")) for word in words])
    body = wording.body if len(wording.body) >= SHORT_BODY else _NONE
    bands = BODY_BANDS if len(body) >= LONG_BODY else SHORT_BODY_BANDS
    return (
        *_bands(title, TITLE_BANDS, TITLE_ROWS, 0),
        *_bands(body, bands, BODY_ROWS, _BODY),
    )


def is_copy(one: Wording, other: Wording) -> bool:
    """Return whether two articles, of whatever outlets, tell one story in the same words.

    Symmetric. Different languages, numbers in the titles that differ, and times further apart
    than `WINDOW` never do.
    """
    apart = abs(one.published - other.published)
    if apart > WINDOW or not _one_language(one, other):
        return False
    shared, contained, least = _overlap(one.body, other.body)
    if least >= LONG_BODY and contained >= CONTAINED and shared >= SHARED:
        return _numbers_agree(one, other)
    if apart > TITLE_WINDOW or not _same_numbers(one, other) or not _same_day(one, other):
        return False
    if least and contained >= CONTAINED and _similar_title(one, other, contained, least):
        return True
    return (least < LONG_BODY or contained >= UNLIKE) and _same_long_title(one, other)


def _similar_title(one: Wording, other: Wording, contained: float, least: int) -> bool:
    """Whether the titles agree enough for bodies that are short, but agree.

    Words in place of others ask for more than words put in or left out: agencies report the
    snow in Kuban and the snow in Altai in one sentence. Names in place of others never pass.
    """
    asked = next(similar for shingles, similar in SIMILAR_TITLE if least >= shingles)
    for i, j in _pairs(one, other):
        mine, theirs = frozenset(one.titles[i]), frozenset(other.titles[j])
        similar = len(mine & theirs) / max(1, len(mine | theirs))
        if mine <= theirs or theirs <= mine:
            if similar >= asked:
                return True
        elif similar >= SUBSTITUTED_TITLE and contained >= SUBSTITUTED_BODY:
            return not _names_differ(one, other, mine ^ theirs)
    return False


def _names_differ(one: Wording, other: Wording, words: frozenset[str]) -> bool:
    """True when one of `words` is a name, or where nothing tells names from other words."""
    if one.names is None and other.names is None:
        return True
    known = (one.names or frozenset()) | (other.names or frozenset())
    return not words.isdisjoint(known)


def _one_language(one: Wording, other: Wording) -> bool:
    return one.language == other.language or "und" in (one.language, other.language)


def _overlap(one: Shingles, other: Shingles) -> tuple[float, float, int]:
    """Jaccard, containment of the smaller in the larger, and the size of the smaller."""
    least = min(len(one), len(other))
    if not least:
        return 0.0, 0.0, 0
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common), common / least, least


def _pairs(one: Wording, other: Wording) -> list[tuple[int, int]]:
    """Which forms of the two titles to compare: never a guess at a name with another guess."""
    return [
        (i, j)
        for i in range(len(one.titles))
        for j in range(len(other.titles))
        if not i or not j or (one.named[i] and other.named[j])
    ]


def _same_numbers(one: Wording, other: Wording) -> bool:
    return any(one.numbers[i] == other.numbers[j] for i, j in _pairs(one, other))


def _numbers_agree(one: Wording, other: Wording) -> bool:
    """Where long texts agree, a headline may name fewer numbers, but no other ones."""
    return any(
        set(one.numbers[i]) <= set(other.numbers[j]) or set(one.numbers[i]) >= set(other.numbers[j])
        for i, j in _pairs(one, other)
    )


def _same_long_title(one: Wording, other: Wording) -> bool:
    return any(
        one.titles[i] == other.titles[j]
        and len(one.titles[i]) >= LONG_TITLE_WORDS
        and sum(map(len, one.titles[i])) >= LONG_TITLE_CHARS
        for i, j in _pairs(one, other)
    )


def _same_day(one: Wording, other: Wording) -> bool:
    """A headline that an agency uses every day is told apart by the date of its lead."""
    return not (one.day and other.day) or one.day == other.day


def _bands(hashes: Shingles, bands: int, rows: int, kind: int) -> list[int]:
    if not len(hashes):
        return []
    sketch = _empty_sketch(bands * rows).copy()
    sketch.update_batch(hashes.tolist())
    values = np.asarray(sketch.hashvalues, np.uint64).reshape(bands, rows)
    # One number for a band's rows and its place, then the finalizer of SplitMix64.
    mixed: NDArray[np.uint64] = (values * _FACTORS[:rows]).sum(axis=1, dtype=np.uint64)
    mixed += np.arange(kind, kind + bands, dtype=np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return [int(value) for value in (mixed >> np.uint64(32)).astype(np.uint32).view(np.int32)]


@cache
def _empty_sketch(size: int) -> Any:
    # Here, because the package takes a second to import and most commands never compare.
    from datasketch import MinHash  # noqa: PLC0415

    return MinHash(size, seed=1, hashfunc=int, scheme="affine32")
