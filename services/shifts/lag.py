"""Who moved first: the same shift in several groups or outlets, by its onsets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.domain.series import SeriesKey
from services.domain.shift import Shift


@dataclass(frozen=True, slots=True)
class FollowOn:
    """`follower` moved `days` after `leader`, within [low, high] days given both intervals.

    `leader` and `follower` are series as they are written; `leader_id` and `follower_id` the
    shifts. With `low` <= 0 the order of the two is not certain.
    """

    leader: str
    follower: str
    leader_id: str
    follower_id: str
    days: int
    low: int
    high: int

    @property
    def certain(self) -> bool:
        """True when even the intervals leave no doubt about the order."""
        return self.low > 0


def follow_on(shifts: Iterable[Shift], within: int = 60) -> list[FollowOn]:
    """Pair each shift with the nearest earlier one of another scope of the same kind.

    Same label (or signal), about and direction; groups are compared with groups and outlets
    with outlets; the onsets lie at most `within` days apart. Ordered by the leader's onset.
    """
    ordered = sorted(shifts, key=lambda shift: (shift.onset, shift.id))
    found = []
    for position, follower in enumerate(ordered):
        earlier = [
            shift
            for shift in ordered[:position]
            if _comparable(shift, follower) and (follower.onset - shift.onset).days <= within
        ]
        if earlier:
            found.append((earlier[-1], follower))
    found.sort(key=lambda pair: (pair[0].onset, pair[1].onset, pair[1].id))
    return [_follow_on(leader, follower) for leader, follower in found]


def _comparable(one: Shift, other: Shift) -> bool:
    first, second = SeriesKey.parse(one.series), SeriesKey.parse(other.series)
    return (
        one.direction == other.direction
        and first.label == second.label
        and first.about == second.about
        and first.scope != second.scope
        and first.scope.partition(":")[0] == second.scope.partition(":")[0]
    )


def _follow_on(leader: Shift, follower: Shift) -> FollowOn:
    return FollowOn(
        leader=leader.series,
        follower=follower.series,
        leader_id=leader.id,
        follower_id=follower.id,
        days=(follower.onset - leader.onset).days,
        low=(follower.onset_low - leader.onset_high).days,
        high=(follower.onset_high - leader.onset_low).days,
    )
