"""Calibration numbers: written and read back, refused when they do not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from services.domain.codebook import FRAMES
from services.framing.calibration import Calibration, Choice

_ONE = Calibration(
    us=Choice(1.5, (0.1, -0.2, 0.0, 0.3), (1.0, 2.0, 1.0, 1.0)),
    relations=Choice(0.8, (0.0,) * 4, (1.0,) * 4),
    slope=(1.1,) * len(FRAMES),
    intercept=(-0.2,) * len(FRAMES),
    threshold=(0.4,) * len(FRAMES),
)


def test_numbers_survive_being_written() -> None:
    assert Calibration.from_record(_ONE.to_record()) == _ONE


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        ("us", "temperature", 0.0),
        ("us", "bias", [0.0, 0.0, 0.0]),
        ("frames", "threshold", [float("nan")] * len(FRAMES)),
        ("frames", "slope", [1.0]),
    ],
)
def test_numbers_that_do_not_fit_are_refused(head: str, field: str, value: Any) -> None:
    record = _ONE.to_record()
    record[head][field] = value
    with pytest.raises(ValueError, match=r"expected|temperature"):
        Calibration.from_record(record)


def test_a_choice_weighs_rare_classes_when_it_decides() -> None:
    choice = _ONE.us
    assert choice.decide(np.array([0.4, 0.25, 0.2, 0.15])) == 1
    assert choice.decide(np.array([0.6, 0.2, 0.1, 0.1])) == 0


def test_probabilities_of_extreme_logits_are_finite() -> None:
    logits = np.array([[1e4, -1e4, 0.0, 0.0]])
    assert _ONE.us.probabilities(logits)[0].tolist() == [1.0, 0.0, 0.0, 0.0]
    frames = _ONE.frame_probabilities(np.full((1, len(FRAMES)), -1e4))
    assert np.isfinite(frames).all()
