"""Snippets and passages: which parts of a text to mark, kept apart from how they are marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.domain.prediction import Passage

MARK_START: Final = "\ue000"
MARK_END: Final = "\ue001"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of plain text, to be marked or not; `labels` say what it is evidence for."""

    text: str
    marked: bool = False
    labels: tuple[str, ...] = ()


def plain_snippet(snippet: str) -> str:
    """Return the snippet without marks."""
    return snippet.replace(MARK_START, "").replace(MARK_END, "")


def snippet_parts(snippet: str) -> list[Part]:
    """Return the stretches of a snippet; marks without a partner lose their meaning."""
    parts = []
    rest = snippet
    while MARK_START in rest:
        before, _, rest = rest.partition(MARK_START)
        inside, found, after = rest.partition(MARK_END)
        parts.append(Part(plain_snippet(before)))
        parts.append(Part(plain_snippet(inside), marked=bool(found)))
        rest = after
    parts.append(Part(plain_snippet(rest)))
    return [part for part in parts if part.text]


def evidence_parts(text: str, passages: tuple[Passage, ...]) -> list[Part]:
    """Return `text` cut where evidence begins and ends; overlapping passages share labels."""
    found = [item for item in passages if 0 <= item.start < item.end <= len(text)]
    cuts = sorted({0, len(text), *(item.start for item in found), *(item.end for item in found)})
    parts = []
    for start, end in pairwise(cuts):
        labels = tuple(dict.fromkeys(_labels_over(found, start, end)))
        parts.append(Part(text[start:end], bool(labels), labels))
    return [part for part in parts if part.text]


def _labels_over(passages: list[Passage], start: int, end: int) -> Iterator[str]:
    for item in passages:
        if item.start <= start and end <= item.end:
            yield from sorted(item.labels, key=lambda label: -item.labels[label])
