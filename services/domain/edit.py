"""What an outlet changed in an article after it was published."""

from __future__ import annotations

from dataclasses import dataclass

from services.domain.article import Article, Revision
from services.domain.prediction import Prediction


@dataclass(frozen=True, slots=True)
class Edit:
    """Two versions of one article that follow each other, and how each is framed.

    `article` is the article as it stands now, which later edits may have changed again. A
    prediction is None while its version waits for the model. Labels are compared only where the
    text of both versions is known, or of neither: a text that came later says more on its own.
    """

    article: Article
    before: Revision
    after: Revision
    framing_before: Prediction | None
    framing_after: Prediction | None

    @property
    def lost(self) -> tuple[str, ...]:
        """Labels that the earlier version carried and the later one does not."""
        return self._only(self.framing_before, self.framing_after)

    @property
    def gained(self) -> tuple[str, ...]:
        """Labels that the later version carries and the earlier one did not."""
        return self._only(self.framing_after, self.framing_before)

    @property
    def comparable(self) -> bool:
        """True when both versions are labelled, on the same kind of material."""
        like = bool(self.before.text) == bool(self.after.text)
        return like and all(
            prediction is not None and bool(prediction.labels())
            for prediction in (self.framing_before, self.framing_after)
        )

    @property
    def reframed(self) -> bool:
        """True when both versions are labelled and their labels differ."""
        return bool(self.lost or self.gained)

    def _only(self, one: Prediction | None, other: Prediction | None) -> tuple[str, ...]:
        if one is None or other is None or not self.comparable:
            return ()
        known = set(other.labels())
        return tuple(label for label in one.labels() if label not in known)
