"""From the probabilities of passages to those of the article.

The headline with its lead is what most readers see and what the model was trained on, so
the body can add to what it says and never takes away: an article about sanctions that closes
with background is still about sanctions. Headline and body are two witnesses, combined as a
noisy-or in which the body's word counts by half (`BODY_WEIGHT`). The body's word is the mean
over its strongest quarter of windows, two at least: a plain mean is diluted by background,
a maximum grows with the length of the text. With the headline alone, the article's
probabilities are exactly the headline's.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.framing.calibration import FloatArray

BODY_WEIGHT: Final = 0.5
_STRONGEST: Final = 4  # one window in so many
_AT_LEAST: Final = 2


def combine_independent(passages: FloatArray, headline: bool) -> FloatArray:
    """Combine independent probabilities, [passages, labels] to [labels].

    `headline` says that row 0 is the headline passage.
    """
    if not headline:
        return _strongest(passages)
    first: FloatArray = passages[0]
    if len(passages) == 1:
        return first
    result: FloatArray = first + (1 - first) * BODY_WEIGHT * _strongest(passages[1:])
    return result


def combine_choice(passages: FloatArray, headline: bool) -> FloatArray:
    """Combine the probabilities of one choice, [passages, classes] to [classes].

    The last class is `absent`. Whether the subject is present is combined as an independent
    probability; which way it goes is the mean over passages, weighted by presence, the
    headline counting as much as the whole body. The result sums to 1.
    """
    if len(passages) == 1:
        only: FloatArray = passages[0]
        return only
    present = 1.0 - passages[:, -1:]
    together = float(combine_independent(present, headline)[0])
    share = np.ones((len(passages), 1))
    if headline:
        share[1:] = 1.0 / (len(passages) - 1)
    direction = (passages[:, :-1] * share).sum(axis=0)  # already weighted by presence
    direction = direction / max(float(direction.sum()), 1e-12)
    return np.append(direction * together, 1.0 - together)


def _strongest(passages: FloatArray) -> FloatArray:
    count = min(len(passages), max(_AT_LEAST, -(-len(passages) // _STRONGEST)))
    result: FloatArray = np.sort(passages, axis=0)[-count:].mean(axis=0)
    return result
