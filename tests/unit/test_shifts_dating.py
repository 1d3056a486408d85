"""Dating a change: the day, its interval, and the order of two groups."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from services.domain.series import Signal
from services.domain.shift import Direction
from services.shifts.dating import date_onset
from services.shifts.lag import follow_on
from services.shifts.targets import monitored
from tests.support.day_counts import drawn
from tests.support.records import make_shift


@pytest.mark.parametrize(("before", "after", "sign"), [(0.1, 0.4, 1), (0.5, 0.2, -1)])
def test_the_interval_holds_the_planted_day_as_often_as_it_says(
    before: float, after: float, sign: int
) -> None:
    hits, errors = 0, []
    for seed in range(200):
        n, k = drawn([before] * 60 + [after] * 20, 8, seed)
        onset = date_onset(n.astype(float), k[:, None].astype(float), sign)
        hits += onset.low <= 60 <= onset.high
        errors.append(abs(onset.best - 60))
    assert hits >= 190
    assert np.median(errors) <= 1


def test_moods_make_the_interval_wider() -> None:
    def width(scatter: float) -> float:
        widths = []
        for seed in range(40):
            n, k = drawn([0.2] * 40 + [0.4] * 20, 30, seed, scatter=scatter)
            onset = date_onset(n.astype(float), k[:, None].astype(float), 1)
            widths.append(onset.high - onset.low)
        return float(np.mean(widths))

    assert width(0.15) > 2 * width(0.0)


def test_labels_of_a_signal_date_it_together_and_only_those_that_move_speak() -> None:
    n, moved = drawn([0.1] * 50 + [0.5] * 15, 10, 1)
    _, same = drawn([0.3] * 65, 10, 2)
    _, fell = drawn([0.5] * 30 + [0.1] * 35, 10, 3)
    k = np.stack([moved, same, fell], axis=1).astype(float)
    onset = date_onset(n.astype(float), k, 1)
    assert abs(onset.best - 50) <= 1


def test_the_search_starts_where_it_is_told_to() -> None:
    n, k = drawn([0.1] * 30 + [0.5] * 30 + [0.6] * 20, 10, 1)
    assert abs(date_onset(n.astype(float), k[:, None].astype(float), 1).best - 30) <= 1
    assert date_onset(n.astype(float), k[:, None].astype(float), 1, first=45).best >= 45


def test_two_days_are_enough_and_one_has_no_change() -> None:
    two = date_onset(np.array([10.0, 10.0]), np.array([[0.0], [9.0]]), 1)
    assert (two.best, two.low, two.high) == (1, 1, 1)
    assert date_onset(np.array([10.0]), np.array([[3.0]]), 1).best == 0


def _shift(scope: str, onset: str, spread: int = 2, **fields: object):  # type: ignore[no-untyped-def]
    when = date.fromisoformat(onset)
    return make_shift(
        id=f"{scope}-{onset}",
        series=f"signal=thaw|{scope}|us",
        direction=fields.pop("direction", Direction.UP),
        onset=when,
        onset_low=when - timedelta(days=spread),
        onset_high=when + timedelta(days=spread),
        **fields,
    )


def test_the_follower_is_named_with_its_lag() -> None:
    leader = _shift("group:state", "2025-02-15")
    follower = _shift("group:alternative", "2025-02-24")
    (found,) = follow_on([follower, leader])
    assert (found.leader, found.follower) == (leader.series, follower.series)
    assert (found.days, found.low, found.high) == (9, 5, 13)
    assert found.certain


def test_overlapping_intervals_leave_the_order_open() -> None:
    (found,) = follow_on(
        [_shift("group:state", "2025-02-15"), _shift("group:alternative", "2025-02-17")]
    )
    assert found.days == 2
    assert not found.certain


def test_only_the_same_kind_of_shift_within_sixty_days_follows() -> None:
    state = _shift("group:state", "2025-02-15")
    assert follow_on([state, _shift("group:alternative", "2025-04-20")]) == []
    falling = _shift("group:alternative", "2025-02-24", direction=Direction.DOWN)
    assert follow_on([state, falling]) == []
    assert follow_on([state, _shift("outlet:rt", "2025-02-24")]) == []
    assert follow_on([state, _shift("group:state", "2025-03-01")]) == []


def test_each_follower_is_paired_with_the_nearest_leader() -> None:
    first, second, third = (
        _shift(scope, onset)
        for scope, onset in (
            ("group:state", "2025-02-15"),
            ("group:alternative", "2025-02-24"),
            ("group:control", "2025-03-10"),
        )
    )
    assert [(item.leader_id, item.follower_id) for item in follow_on([third, first, second])] == [
        (first.id, second.id),
        (second.id, third.id),
    ]


def test_what_is_watched_by_default() -> None:
    thaw = Signal("thaw", "A thaw", "us", ("relations=detente",))
    groups = {"state": ("rt", "tass"), "control": ("bbc-world",)}
    targets = monitored({"thaw": thaw}, groups, ("rt", "tass", "bbc-world"))
    written = [str(item.target) for item in targets]
    assert len(written) == len(set(written)) == 1 * (2 + 1 + 3) + 2 * (2 + 4 + 19)
    state = next(item for item in targets if item.target == (thaw, "group:state"))
    assert state.members == ("outlet:rt", "outlet:tass")
    everything = next(item for item in targets if item.target == (thaw, "all"))
    assert everything.members == ("outlet:bbc-world", "outlet:rt", "outlet:tass")
    single = next(item for item in targets if item.target == (thaw, "outlet:rt"))
    assert single.members == ()
