"""What the page says first: one sentence on what moved, one with the figures, one on doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.domain.shift import Direction, Level, Shift
from services.queries.standing import STANDING_DAYS, Comparison, GroupStanding
from services.queries.words import capital, day, interval


@dataclass(frozen=True, slots=True)
class Headline:
    """`title` is a sentence without its full stop; the others are whole sentences."""

    title: str
    figures: str
    certainty: str


_MOVES = {
    ("thaw", Direction.UP): "have moved towards détente with the United States",
    ("thaw", Direction.DOWN): "have moved away from détente with the United States",
    ("chill", Direction.UP): "have turned more confrontational towards the United States",
    ("chill", Direction.DOWN): "have turned less confrontational towards the United States",
}


def headline(groups: Sequence[GroupStanding], empty: bool) -> Headline:
    """Return the page's first words; `empty` says that nothing was ever collected here."""
    known = [group for group in groups if group.known]
    if not known:
        return Headline(
            "Nothing has been collected yet",
            "As soon as feeds answer, this page compares what outlets write about the United "
            "States with what they wrote before.",
            "",
        )
    moved = [(group, shift) for group in known for shift in _shifts(group)]
    title = _moved(moved) if moved else _unmoved(known, empty)
    return Headline(title, " ".join(_figures(group) for group in known[:2]), _certainty(moved))


def verdict(group: GroupStanding, name: str) -> str:
    """Return a signal's state in a few words: `rising since about 16 February 2025`."""
    shift = next((item.shift for item in group.signals if item.name == name), None)
    if shift is None:
        return "no shift"
    word = "rising" if shift.direction is Direction.UP else "falling"
    sign = "" if shift.level is Level.ALERT else "early sign: "
    return f"{sign}{word} since about {day(shift.onset)}"


def _shifts(group: GroupStanding) -> list[Shift]:
    """The group's recent shifts; where there is an alert, early signs keep silent."""
    found = [item.shift for item in group.signals if item.shift]
    alerts = [shift for shift in found if shift.level is Level.ALERT]
    return sorted(alerts or found, key=lambda shift: shift.onset)


def _moved(moved: Sequence[tuple[GroupStanding, Shift]]) -> str:
    alerts = [pair for pair in moved if pair[1].level is Level.ALERT] or moved
    clauses = [_clause(group, shift) for group, shift in alerts[:2]]
    return capital("; ".join(clauses))


def _clause(group: GroupStanding, shift: Shift) -> str:
    name = shift.series.partition("|")[0].removeprefix("signal=")
    move = _MOVES.get((name, shift.direction), f"show a shift in “{name}”")
    may = "" if shift.level is Level.ALERT else "may "
    # "may have moved": the early sign is a possibility, and is said as one.
    return f"{_who(group)} {may}{move} since about {day(shift.onset)}"


def _unmoved(known: Sequence[GroupStanding], empty: bool) -> str:
    first = known[0]
    if empty:
        return (
            f"No recent shift in the reference history: up to {day(first.until)}, "
            f"{first.reference} wrote about the United States as it had the month before"
        )
    return "No shift: outlets write about the United States much as they did a month ago"


def _who(group: GroupStanding) -> str:
    return group.reference or group.title


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
        f"{capital(_who(group))}: in the {STANDING_DAYS} days to {day(group.until)}, "
        f"{'; '.join(shown)}, among {group.n:,} articles about the United States."
    )


def _against(item: Comparison) -> str:
    words = f"{item.title.lower()} in {interval(item.now)}" if item.now else ""
    if item.before is None:
        return words
    return f"{words}, {interval(item.before)} in the {STANDING_DAYS} days before"


def _certainty(moved: Sequence[tuple[GroupStanding, Shift]]) -> str:
    words = "In brackets: 95 % intervals. "
    if any(shift.level is Level.ALERT for _, shift in moved):
        return words + (
            "An alert means that, without a real change, so strong a sign would be expected in "
            "one series at most once in 5,000 days with articles."
        )
    if moved:
        return words + (
            "This is an early sign: one false alarm in about a year of articles is accepted for "
            "each series at this level."
        )
    return words + (
        "The absence of a shift does not prove that nothing changed: changes smaller than five "
        "points, or of a few days, may not show."
    )
