"""The e-Shiryaev-Roberts detector keeps its promise and sees what it should see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.shifts.detector import (
    advance,
    bet_fractions,
    downward_ratio,
    follow,
    upward_ratio,
)

BETS = bet_fractions()
shares = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=150)


def _ratios(values: list[float] | np.ndarray, bound: float, direction: int = 1) -> np.ndarray:
    x = np.asarray(values, dtype=np.float64)[:, None]
    ratio = upward_ratio if direction > 0 else downward_ratio
    return ratio(x, np.full_like(x, bound))[:, None, :]


def _evidence(values: list[float] | np.ndarray, bound: float, direction: int = 1) -> np.ndarray:
    return follow(_ratios(values, bound, direction), BETS, np.inf, np.inf)[0].evidence


def test_bets_reach_from_nearly_nothing_to_nearly_everything() -> None:
    assert 0.0 < BETS[0] < 0.05
    assert 0.9999 < BETS[-1] < 1.0
    assert np.all(np.diff(BETS) > 0)
    assert np.all(np.diff(BETS) < 0.02)


@settings(deadline=None, max_examples=60)
@given(st.floats(0.01, 0.99), st.integers(1, 300))
def test_evidence_equals_the_days_when_every_day_is_exactly_at_the_bound(
    bound: float, days: int
) -> None:
    assert _evidence([bound] * days, bound) == pytest.approx(np.arange(1, days + 1), rel=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.floats(0.01, 0.99), shares)
def test_evidence_never_passes_the_days_while_no_day_is_above_the_bound(
    bound: float, values: list[float]
) -> None:
    below = [min(value, bound) for value in values]
    days = np.arange(1, len(below) + 1)
    assert np.all(_evidence(below, bound) <= days * (1 + 1e-9))


@settings(deadline=None, max_examples=60)
@given(st.floats(0.02, 0.98), shares, st.data())
def test_a_higher_share_never_lowers_the_evidence(
    bound: float, values: list[float], data: st.DataObject
) -> None:
    where = data.draw(st.integers(0, len(values) - 1))
    raised = list(values)
    raised[where] = data.draw(st.floats(values[where], 1.0))
    assert np.all(_evidence(raised, bound) >= _evidence(values, bound) * (1 - 1e-9))


@settings(deadline=None, max_examples=60)
@given(st.floats(0.02, 0.98), shares)
def test_downward_is_upward_on_the_articles_without_the_label(
    bound: float, values: list[float]
) -> None:
    mirrored = [1.0 - value for value in values]
    assert _evidence(values, bound, -1) == pytest.approx(_evidence(mirrored, 1.0 - bound))


@settings(deadline=None, max_examples=60)
@given(shares, st.integers(0, 149))
def test_evidence_of_a_day_uses_no_later_day(values: list[float], cut: int) -> None:
    cut = min(cut, len(values))
    assert np.array_equal(_evidence(values, 0.3)[:cut], _evidence(values[:cut], 0.3))


def test_the_mean_growth_under_the_null_is_at_most_one_a_day() -> None:
    """E[S_t] <= t, the inequality that the promise rests on, for dependent bounded shares."""
    random = np.random.default_rng(7)
    runs, days, bound = 4000, 12, 0.3
    state = np.zeros((runs, 1, len(BETS)))
    mood = np.zeros(runs)
    for _ in range(days):
        # Strongly dependent days: the spread of today depends on yesterday's share.
        spread = np.where(mood > bound, 0.3, 0.05)
        mood = bound + spread * random.choice([-1.0, 1.0], runs)
        block, states = advance(
            state, upward_ratio(mood, np.full(runs, bound))[None, :, None], BETS
        )
        state = states[-1]
    error = block[-1].std() / np.sqrt(runs)
    assert block[-1].mean() < days + 4 * error


@pytest.mark.parametrize(("bound", "articles"), [(0.25, 1), (0.05, 3), (0.5, 10)])
def test_the_average_run_to_a_watch_is_at_least_365_days_at_the_bound(
    bound: float, articles: int
) -> None:
    """The worst case that the promise allows: shares whose mean is exactly the bound."""
    random = np.random.default_rng(11)
    runs, longest = 250, 1200
    values = random.binomial(articles, bound, (longest, runs)) / articles
    evidence, state = [], np.zeros((runs, 1, len(BETS)))
    for start in range(0, longest, 60):
        ratios = upward_ratio(values[start : start + 60], np.full(runs, bound))
        block, states = advance(state, ratios[:, :, None], BETS)
        evidence.append(block)
        state = states[-1]
    reached = np.concatenate(evidence) >= 365.0
    lengths = np.where(reached.any(axis=0), reached.argmax(axis=0) + 1, longest)
    assert lengths.mean() >= 365.0


def test_where_no_share_could_be_beyond_the_bound_evidence_does_not_pile_up() -> None:
    assert _evidence([0.0] * 5000, 0.0, -1).max() < 10.0
    assert _evidence([1.0] * 5000, 1.0).max() < 10.0


def test_the_evidence_of_a_signal_is_the_mean_of_its_labels() -> None:
    random = np.random.default_rng(3)
    values = random.random((120, 3))
    bounds = np.array([0.4, 0.5, 0.6])
    together = follow(upward_ratio(values, bounds[None, :])[:, None, :], BETS, np.inf, np.inf)[0]
    apart = [_evidence(values[:, label], bounds[label]) for label in range(3)]
    assert together.evidence == pytest.approx(np.mean(apart, axis=0))


def test_two_detectors_side_by_side_do_what_each_does_alone() -> None:
    values = np.concatenate([np.full(80, 0.2), np.full(15, 0.35), np.full(60, 0.2)])
    up, down = _ratios(values, 0.22), _ratios(values, 0.18, -1)
    both = follow(np.concatenate([up, down], axis=1), BETS, 100.0, np.inf)
    alone = [follow(one, BETS, 100.0, np.inf)[0] for one in (up, down)]
    for beside, single in zip(both, alone, strict=True):
        assert beside.episodes == single.episodes
        assert np.array_equal(beside.evidence, single.evidence)


def test_a_watch_that_fades_is_closed_and_the_next_one_starts_from_nothing() -> None:
    values = np.concatenate([np.full(60, 0.05), np.full(12, 0.3), np.full(150, 0.02)])
    values = np.concatenate([values, values])
    path = follow(_ratios(values, 0.2), BETS, watch=20.0, alert=5000.0)[0]
    assert path.alert is None
    assert len(path.episodes) == 2
    first, second = path.episodes
    assert first.closed is not None
    assert first.opened < first.closed < second.opened
    after = path.evidence[first.closed + 1]
    assert after == pytest.approx(_evidence([values[first.closed + 1]], 0.2)[0])


def test_an_alarm_can_be_held_back_but_not_brought_forward() -> None:
    values = np.concatenate([np.full(40, 0.1), np.full(60, 0.6)])
    free = follow(_ratios(values, 0.2), BETS, 365.0, 5000.0)[0]
    held = follow(_ratios(values, 0.2), BETS, 365.0, 5000.0, lambda _, __, day: day >= 70)[0]
    never = follow(_ratios(values, 0.2), BETS, 365.0, 5000.0, lambda *_: False)[0]
    assert free.alert is not None
    assert free.alert < 60
    assert (held.alert, held.episodes[0].opened) == (70, 70)
    assert (never.alert, never.episodes) == (None, ())
    assert len(never.evidence) == 100


def test_a_large_change_takes_days_and_a_timid_grid_takes_twice_as_long() -> None:
    values = np.concatenate([np.full(60, 0.2), np.full(100, 0.4)])
    bold = follow(_ratios(values, 0.25), BETS, 365.0, 5000.0)[0]
    timid = follow(_ratios(values, 0.25), np.linspace(0.005, 0.3, 200), 365.0, 5000.0)[0]
    assert bold.alert is not None
    assert timid.alert is not None
    assert bold.alert - 59 <= 22
    assert timid.alert - bold.alert >= 14
