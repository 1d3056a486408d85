"""The gate of `make eval`: a score below its floor, or not measured, fails with a sentence."""

from __future__ import annotations

import json

from tests.eval.framing_scores import FLOORS, shortfalls

_FLOORS = {"en": {"us": {"macro_f1": 0.7}}}


def test_a_score_at_its_floor_passes() -> None:
    assert shortfalls({"en": {"us": {"macro_f1": 0.7}}}, _FLOORS) == []


def test_a_score_below_its_floor_is_named() -> None:
    (sentence,) = shortfalls({"en": {"us": {"macro_f1": 0.6999}}}, _FLOORS)
    assert sentence == "en us macro_f1 is 0.6999, below 0.7."


def test_a_score_that_was_not_measured_fails() -> None:
    (sentence,) = shortfalls({"ru": {}}, _FLOORS)
    assert "en us macro_f1 was not measured" in sentence


def test_the_pinned_floors_hold_at_least_what_was_promised() -> None:
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))["en"]
    assert floors["us"]["macro_f1"] >= 0.70
    assert floors["relations"]["macro_f1"] >= 0.68
    assert floors["frames"]["micro_f1"] >= 0.55
