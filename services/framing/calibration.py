"""From logits to calibrated probabilities, and from probabilities to labels.

A softmax head is divided by a temperature and shifted by one bias for each class; a frame's
logit goes through a slope and an intercept (Platt, 1999). The decision numbers are kept
apart from the probabilities, because the label that is best for macro-F1 (rare classes count
as much as common ones) is not always the most probable one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.domain.codebook import FRAMES, RELATIONS, US

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """Calibration of one softmax head: p = softmax(logits / temperature + bias);
    the label is the class with the largest p · weight.
    """

    temperature: float
    bias: tuple[float, ...]
    weight: tuple[float, ...]

    def probabilities(self, logits: FloatArray) -> FloatArray:
        """Map logits [n, classes] to probabilities of the same shape; each row sums to 1."""
        scaled = logits / self.temperature + np.asarray(self.bias)
        scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        result: FloatArray = scaled / scaled.sum(axis=-1, keepdims=True)
        return result

    def decide(self, probabilities: FloatArray) -> int:
        """Return the position of the label that these class probabilities, [classes], earn."""
        return int(np.argmax(probabilities * np.asarray(self.weight)))


@dataclass(frozen=True, slots=True)
class Calibration:
    """All numbers for one language. `slope`, `intercept` and `threshold` have one entry
    per frame: p = sigmoid(slope · logit + intercept); the frame is given from threshold on.
    """

    us: Choice
    relations: Choice
    slope: tuple[float, ...]
    intercept: tuple[float, ...]
    threshold: tuple[float, ...]

    def frame_probabilities(self, logits: FloatArray) -> FloatArray:
        """Map frame logits [n, frames] to independent probabilities of the same shape."""
        scaled = logits * np.asarray(self.slope) + np.asarray(self.intercept)
        result: FloatArray = 1.0 / (1.0 + np.exp(-np.clip(scaled, -40.0, 40.0)))
        return result

    def to_record(self) -> dict[str, Any]:
        """Return the numbers as plain JSON values."""
        return {
            "us": _choice_record(self.us),
            "relations": _choice_record(self.relations),
            "frames": {
                "slope": list(self.slope),
                "intercept": list(self.intercept),
                "threshold": list(self.threshold),
            },
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Calibration:
        """Read what `to_record` wrote; KeyError or ValueError when it does not fit."""
        frames = record["frames"]
        return cls(
            us=_choice(record["us"], len(US)),
            relations=_choice(record["relations"], len(RELATIONS)),
            slope=_numbers(frames["slope"], len(FRAMES)),
            intercept=_numbers(frames["intercept"], len(FRAMES)),
            threshold=_numbers(frames["threshold"], len(FRAMES)),
        )


def _choice_record(choice: Choice) -> dict[str, Any]:
    return {
        "temperature": choice.temperature,
        "bias": list(choice.bias),
        "weight": list(choice.weight),
    }


def _choice(record: Mapping[str, Any], classes: int) -> Choice:
    temperature = float(record["temperature"])
    if not temperature > 0:
        raise ValueError(f"temperature {temperature} is not above 0")
    return Choice(
        temperature, _numbers(record["bias"], classes), _numbers(record["weight"], classes)
    )


def _numbers(values: Sequence[float], count: int) -> tuple[float, ...]:
    numbers = tuple(float(value) for value in values)
    if len(numbers) != count or not all(np.isfinite(numbers)):
        raise ValueError(f"{count} finite numbers were expected, found {numbers}")
    return numbers
