"""Which shifts are marked on the charts, under which number, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.api.web.charts.onsets import Mark
from services.context import Context
from services.domain.series import SCOPE_ALL, SeriesKey, is_own
from services.domain.shift import Direction, Level, Shift
from services.queries.overview import Overview
from services.queries.words import label_title, scope_title

CONFRONTATION: Final = ("signal=chill", "relations=confrontation")
DETENTE: Final = ("signal=thaw", "relations=detente")
MARKS_SHOWN: Final = 8
MOVE_DAYS: Final = 28


def numbered(view: Overview) -> dict[str, int]:
    """Return a number for each shift that the charts mark, in the order of onsets."""
    chosen = [*chosen_for(view, CONFRONTATION), *chosen_for(view, DETENTE)]
    ordered = sorted(chosen, key=lambda shift: (shift.onset, shift.id))
    return {shift.id: number for number, shift in enumerate(ordered, start=1)}


def chosen_for(view: Overview, labels: Sequence[str]) -> list[Shift]:
    """Return the shifts to mark on a chart of `labels`, in the order of onsets.

    Groups, and the outlets of the reference history: an outlet's own shift would only repeat
    its group's. Of several that tell of one move (same scope and direction within MOVE_DAYS)
    the first in the order of `labels`, alerts first; at most MARKS_SHOWN, alerts and newer ones.
    """
    window = view.window
    found = [
        (SeriesKey.parse(shift.series), shift)
        for shift in view.shifts
        if window.since <= shift.onset <= window.until
    ]
    ranked = sorted(
        (
            (key, shift)
            for key, shift in found
            if key.label in labels and _shown(key, shift) and _fits(key, view)
        ),
        key=lambda pair: (pair[1].level is not Level.ALERT, labels.index(pair[0].label)),
    )
    kept: list[tuple[SeriesKey, Shift]] = []
    for key, shift in ranked:
        if not any(_same_move(key, shift, *other) for other in kept):
            kept.append((key, shift))
    newest = sorted(
        (shift for _, shift in kept),
        key=lambda shift: (shift.level is Level.ALERT, shift.onset),
        reverse=True,
    )
    return sorted(newest[:MARKS_SHOWN], key=lambda shift: shift.onset)


def mark(context: Context, shift: Shift, number: int) -> Mark:
    """Return the mark of one shift on a chart."""
    key = SeriesKey.parse(shift.series)
    arrow = "↑" if shift.direction is Direction.UP else "↓"
    name = key.scope.removeprefix("group:")
    if key.scope.startswith("outlet:"):
        name = scope_title(context, key.scope)
    return Mark(
        number=number,
        colour=colour_of(context, key.scope),
        onset=shift.onset,
        low=shift.onset_low,
        high=shift.onset_high,
        words=f"{name} {arrow} {shift.onset:%b %Y}{', change of sample' if shift.seam else ''}",
        href=f"/shifts/{shift.id}",
    )


def colour_of(context: Context, scope: str) -> str:
    """Return the class name that colours a scope: its group's."""
    kind, _, name = scope.partition(":")
    if kind == "outlet":
        outlet = context.catalogue.get(name)
        return outlet.group.value if outlet else ""
    return name


def shift_words(context: Context, shift: Shift) -> str:
    """Return a shift in words: `Détente rises in Russian state outlets`."""
    key = SeriesKey.parse(shift.series)
    verb = "rises" if shift.direction is Direction.UP else "falls"
    return f"{label_title(context, key.label)} {verb} in {scope_title(context, key.scope)}"


def _shown(key: SeriesKey, shift: Shift) -> bool:
    if key.scope == SCOPE_ALL:
        return False
    return not is_own(shift.source) or not key.scope.startswith("outlet:")


def _fits(key: SeriesKey, view: Overview) -> bool:
    return key.label.startswith("signal=") or key.about == view.about


def _same_move(key: SeriesKey, shift: Shift, other: SeriesKey, known: Shift) -> bool:
    return (
        other.scope == key.scope
        and known.direction == shift.direction
        and abs((known.onset - shift.onset).days) <= MOVE_DAYS
    )
