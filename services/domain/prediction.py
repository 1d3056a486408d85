"""What the classifier says about one article: labels, probabilities and the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.domain.codebook import FRAMES, RELATIONS, US


class FramingOutcome(StrEnum):
    """How classification of one article ended; every article ends in exactly one."""

    CLASSIFIED = "classified"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    NO_TEXT = "no_text"


@dataclass(frozen=True, slots=True)
class Passage:
    """A headline with its lead, or a window of two or three sentences of the text.

    `start` and `end` are character offsets into `Article.text`; the headline passage has
    `start == end == -1`. `labels` maps a label such as `frame=dialogue` to the probability
    (0 to 1) that this passage carries it; only the labels it is evidence for are listed.
    """

    text: str
    start: int
    end: int
    labels: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Prediction:
    """The framing of one content version of one article by one model.

    `us_p`, `relations_p` (each sums to 1) and `frames_p` (independent) map a name to a
    calibrated probability. They are empty, and `us` and `relations` are None, unless
    `outcome` is CLASSIFIED. `id` is a function of (article id, content hash, model id).
    """

    id: str
    article_id: str
    content_hash: str
    model: str
    outcome: FramingOutcome
    created: datetime
    language: str
    us: str | None = None
    us_p: Mapping[str, float] | None = None
    relations: str | None = None
    relations_p: Mapping[str, float] | None = None
    frames: tuple[str, ...] = ()
    frames_p: Mapping[str, float] | None = None
    evidence: tuple[Passage, ...] = ()

    @property
    def about_us(self) -> bool:
        """True when the text is about the United States at all."""
        return self.us is not None and self.us != "absent"

    def labels(self) -> tuple[str, ...]:
        """The labels given, as `us=…`, `relations=…`, `frame=…`; empty when unclassified."""
        if self.us is None or self.relations is None:
            return ()
        return (
            f"us={self.us}",
            f"relations={self.relations}",
            *(f"frame={name}" for name in self.frames),
        )

    def probabilities(self) -> tuple[float, ...]:
        """All 27 probabilities in the order of `codebook.LABELS`; empty when unclassified."""
        if self.us_p is None or self.relations_p is None or self.frames_p is None:
            return ()
        return (
            *(self.us_p[name] for name in US),
            *(self.relations_p[name] for name in RELATIONS),
            *(self.frames_p[name] for name in FRAMES),
        )
