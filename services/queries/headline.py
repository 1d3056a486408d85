"""What the page says first: one sentence on what moved, one with the figures, one on doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.domain.shift import Direction, Level, Shift
from services.queries.standing import STANDING_DAYS, Comparison, GroupStanding
from services.queries.words import capital, day, interval, percent


@dataclass(frozen=True, slots=True)
class Headline:
    """`title` is a sentence without its full stop; the others are whole sentences."""

    title: str
    figures: str
    certainty: str


_TOO_EARLY: Final = "Too early to say whether outlets have changed their tone"
_NO_BASELINE: Final = (
    f"A shift is measured against a baseline of {STANDING_DAYS} days with articles, and no group "
    "has one yet. 'framewatch backfill' brings in what an outlet published before."
)
_WARM: Final = {("thaw", Direction.UP), ("chill", Direction.DOWN)}
_COLD: Final = {("thaw", Direction.DOWN), ("chill", Direction.UP)}
_MOVES: Final = {
    ("thaw", Direction.UP): "moved towards détente with the United States",
    ("thaw", Direction.DOWN): "moved away from détente with the United States",
    ("chill", Direction.UP): "turned more confrontational towards the United States",
    ("chill", Direction.DOWN): "turned less confrontational towards the United States",
}


@dataclass(frozen=True, slots=True)
class _Move:
    """One group's move: the shift that is told, and whether the group warms (or cools)."""

    group: GroupStanding
    shift: Shift
    warm: bool | None

    @property
    def who(self) -> str:
        return self.group.reference or self.group.title

    @property
    def has(self) -> str:
        """The verb that goes with `who`: a reference history is of one outlet or of several."""
        single = self.group.reference and " and " not in self.group.reference
        return "has" if single else "have"


def headline(
    groups: Sequence[GroupStanding], empty: bool, earlier: Shift | None = None
) -> Headline:
    """Return the page's first words; `empty` says that nothing was ever collected here, and
    `earlier` is the last alert of all, however long ago.
    """
    known = [group for group in groups if group.known]
    if not known:
        return Headline(
            "Nothing has been collected yet",
            "As soon as feeds answer, this page compares what outlets write about the United "
            "States with what they wrote before.",
            "",
        )
    moves = sorted(
        (move for group in known if (move := _move(group))), key=lambda move: move.shift.onset
    )
    if not moves and not any(group.judged for group in known):
        most = max(known, key=lambda group: group.n)
        return Headline(_TOO_EARLY, _figures(most), _NO_BASELINE)
    judged = [group for group in known if group.judged] or known
    title = _moved(moves) if moves else _unmoved(judged, empty, earlier)
    return Headline(title, _figures(moves[0].group if moves else judged[0]), _certainty(moves))


def verdict(group: GroupStanding, name: str) -> str:
    """Return a signal's state in a few words: `rising since about 16 February 2025`."""
    shift = next((item.shift for item in group.signals if item.name == name), None)
    if shift is None:
        return "no recent shift"
    word = "rising" if shift.direction is Direction.UP else "falling"
    sign = "" if shift.level is Level.ALERT else "early sign: "
    if shift.seam:
        sign = "where samples meet: "
    return f"{sign}{word} since about {day(shift.onset)}"


def _move(group: GroupStanding) -> _Move | None:
    """The move of a group to tell: an alert before an early sign, then the earlier onset."""
    found = [item.shift for item in group.signals if item.shift and _agrees(item.shift)]
    if not found:
        return None
    told = min(found, key=lambda shift: (shift.level is not Level.ALERT, shift.onset))
    kinds = {_kind(shift) for shift in found if shift.level is told.level}
    warm = True if kinds <= _WARM else False if kinds <= _COLD else None
    # Of two signals that say the same, détente is the more telling word.
    thaw = [shift for shift in found if _kind(shift)[0] == "thaw" and shift.level is told.level]
    return _Move(group, thaw[0] if thaw and warm is not None else told, warm)


def _agrees(shift: Shift) -> bool:
    """True when the mean share moved as the detector says, which watches every label by itself.

    A signal in which one label rose while the others fell is listed, but is no headline.
    """
    return (shift.current.share > shift.baseline.share) == (shift.direction is Direction.UP)


def _kind(shift: Shift) -> tuple[str, Direction]:
    return shift.series.partition("|")[0].removeprefix("signal="), shift.direction


def _moved(moves: Sequence[_Move]) -> str:
    first = moves[0]
    words = _clause(first)
    for other in moves[1:2]:
        days = (other.shift.onset - first.shift.onset).days
        same = other.warm is not None and other.warm == first.warm
        if same and other.shift.level is first.shift.level:
            later = f"about {days} days later" if days > 1 else "at about the same time"
            words += f"; {other.who} followed {later}" if days > 1 else f"; {other.who} {later}"
        else:
            words += f"; {_clause(other)}"
    return capital(words)


def _clause(move: _Move) -> str:
    shift = move.shift
    done = _MOVES.get(_kind(shift), f"shifted in “{_kind(shift)[0]}”")
    has = "has" if move.group.reference else "have"
    may = has if shift.level is Level.ALERT and shift.seam is None else "may have"
    return f"{move.who} {may} {done} since about {day(shift.onset)}"


def _unmoved(known: Sequence[GroupStanding], empty: bool, earlier: Shift | None) -> str:
    first = known[0]
    if empty:
        return (
            f"No recent shift in the reference history: up to {day(first.until)}, "
            f"{first.reference} wrote about the United States as it had the month before"
        )
    none = f"No new shift since {day(earlier.onset)}" if earlier else "No shift"
    return f"{none}: outlets write about the United States much as they did a month ago"


def _figures(group: GroupStanding) -> str:
    shown = [
        _against(item)
        for signal in group.signals
        for item in signal.comparisons[:1]
        if item.now is not None
    ]
    if not shown:
        return ""
    return (
        f"Among {group.n:,} articles about the United States in "
        f"{group.reference or group.title}, in the {STANDING_DAYS} days to {day(group.until)}: "
        f"{'; '.join(shown)}."
    )


def _against(item: Comparison) -> str:
    words = f"{item.title.lower()} in {interval(item.now)}" if item.now else ""
    return words if item.before is None else f"{words}, against {percent(item.before.share)} before"


def _certainty(moves: Sequence[_Move]) -> str:
    words = "In brackets: 95 % intervals. "
    seams = [move.shift.seam for move in moves if move.shift.seam]
    if seams:
        return words + (
            f"On {day(seams[0])} back-filled articles give way to those collected as they were "
            "published: a shift that began within two weeks of it may be no more than the change "
            "of sample."
        )
    if any(move.shift.level is Level.ALERT for move in moves):
        return words + (
            "An alert means that, without a real change, so strong a sign would be expected in "
            "one series at most once in 5,000 days with articles."
        )
    if moves:
        return words + (
            "This is an early sign: one false alarm in about a year of articles is accepted for "
            "each series at this level."
        )
    return words + (
        "The absence of a shift does not prove that nothing changed: changes smaller than five "
        "points, or of a few days, may not show."
    )
