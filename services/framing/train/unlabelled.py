"""Texts without codes, which an ensemble of models labels so that one model can learn more.

News headlines of Russian state outlets in English, and Russian headlines with their
translations: two wordings of one thing share one target, which ties the languages together.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.framing.passages import headline_text
from services.framing.train.data import (
    EVAL_FILES,
    read_eval_rows,
    read_headlines,
    read_pairs,
    wording,
)

ENGLISH: Final = 8_000
RUSSIAN: Final = 10_000


def read_unlabelled(shared: Path, seed: int) -> list[list[str]]:
    """Return texts as lists of wordings: [title and lead, title] or [Russian, English].

    Nothing that stands in an evaluation set is among them.
    """
    generator = random.Random(seed)
    held_out = {row.key for name in EVAL_FILES for row in read_eval_rows(shared, name)}
    english = [item for item in read_headlines(shared) if wording(item[0]) not in held_out]
    pairs = [pair for pair in read_pairs(shared) if wording(pair.ru) not in held_out]
    texts = [
        [headline_text(title, lead), title]
        for title, lead in generator.sample(english, min(ENGLISH, len(english)))
    ]
    texts += [[p.ru, p.en] for p in generator.sample(pairs, min(RUSSIAN, len(pairs)))]
    return texts


def first_wordings(texts: Sequence[Sequence[str]], position: int) -> list[str]:
    """Return the wording at `position` of each text."""
    return [wordings[position] for wordings in texts]
