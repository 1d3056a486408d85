"""From passages to the article: probabilities stay probabilities, the headline weighs most."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from services.framing.aggregate import combine_choice, combine_independent
from services.framing.calibration import FloatArray

_PARTS = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 25), st.just(4)), elements=st.floats(0.001, 1.0)
)


@settings(deadline=None)
@given(_PARTS, st.booleans())
def test_a_choice_stays_a_distribution(parts: FloatArray, headline: bool) -> None:
    combined = combine_choice(parts / parts.sum(axis=1, keepdims=True), headline)
    assert combined.sum() == pytest.approx(1.0)
    assert (combined >= -1e-12).all()


@settings(deadline=None)
@given(_PARTS)
def test_the_body_adds_to_the_headline_and_never_takes_away(parts: FloatArray) -> None:
    combined = combine_independent(parts, headline=True)
    assert (combined <= 1).all()
    assert (combined >= parts[0]).all()


@settings(deadline=None)
@given(_PARTS)
def test_a_body_alone_stays_within_its_passages(parts: FloatArray) -> None:
    combined = combine_independent(parts, headline=False)
    assert (combined <= parts.max(axis=0) + 1e-12).all()
    assert (combined >= parts.min(axis=0) - 1e-12).all()


@settings(deadline=None)
@given(_PARTS)
def test_one_passage_speaks_for_itself(parts: FloatArray) -> None:
    only = parts[:1] / parts[:1].sum()
    assert combine_choice(only, headline=True).tolist() == only[0].tolist()
    assert combine_independent(only, headline=True).tolist() == only[0].tolist()


def test_background_in_the_body_does_not_hide_the_headline() -> None:
    headline, background = [0.9, 0.02, 0.03, 0.05], [0.02, 0.02, 0.06, 0.9]
    combined = combine_choice(np.array([headline, *[background] * 12]), headline=True)
    assert combined.argmax() == 0


def test_a_frame_all_over_the_body_is_heard_over_a_silent_headline() -> None:
    passages = np.array([[0.05], *[[0.9]] * 8])
    assert combine_independent(passages, headline=True)[0] > 0.4


def test_one_odd_window_of_many_does_not_make_the_article() -> None:
    passages = np.array([[0.02], [0.9], *[[0.02]] * 20])
    assert combine_independent(passages, headline=True)[0] < 0.2
