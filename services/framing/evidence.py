"""The passages that speak most for the labels an article was given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from services.domain.prediction import Passage

MAX_EVIDENCE: Final = 3
_UNTOLD: Final = frozenset({"us=absent", "relations=absent"})


def strongest(
    passages: Sequence[tuple[str, int, int]],
    given: Sequence[str],
    carried: Sequence[Mapping[str, float]],
) -> tuple[Passage, ...]:
    """Choose up to three passages, the best first.

    `passages` are (text, start, end); `given` are the article's labels; `carried[i]` maps
    the labels that passage i would earn by itself to their probabilities. A passage is
    evidence for the labels that it shares with the article, `absent` apart. Each passage is
    worth the probabilities of its labels, of which a label already shown counts half.
    """
    wanted = [label for label in given if label not in _UNTOLD]
    candidates = []
    for (text, start, end), labels in zip(passages, carried, strict=True):
        shared = {label: labels[label] for label in wanted if label in labels}
        if shared:
            candidates.append(Passage(text=text, start=start, end=end, labels=shared))
    chosen: list[Passage] = []
    shown: set[str] = set()
    while candidates and len(chosen) < MAX_EVIDENCE:
        best = max(candidates, key=lambda passage: _worth(passage, shown))
        candidates.remove(best)
        chosen.append(best)
        shown.update(best.labels)
    return tuple(chosen)


def _worth(passage: Passage, shown: set[str]) -> float:
    return sum(p / 2 if label in shown else p for label, p in passage.labels.items())
