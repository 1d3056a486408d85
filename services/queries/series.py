"""One series: the share of a label over time, collected and reference apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.context import Context
from services.domain.series import DayCounts, SeriesKey, SeriesPoint
from services.queries.buckets import Every, gather, points
from services.queries.history import (
    collected,
    reference_note,
    reference_scopes,
    within,
)
from services.queries.history import reference as reference_histories
from services.queries.names import SIGNAL, check_days


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """`points` were collected here; `reference` points carry their own outlet's key and name
    their source. `note` says what to bear in mind; empty when there is nothing.
    """

    key: SeriesKey
    points: tuple[SeriesPoint, ...]
    reference: tuple[SeriesPoint, ...]
    note: str


def series(
    context: Context,
    key: SeriesKey,
    since: date | None = None,
    until: date | None = None,
    every: Every = "day",
    reference: bool = True,
) -> SeriesResult:
    """Return the points of `key` from `since` to `until`, one for each period with articles."""
    check_days(since, until)
    outlets = reference_scopes(context, key.scope) if reference else []
    own = collected(context, sorted({key.scope, *outlets}), key.about, since, until)
    rows = own[key.scope]
    known = reference_histories(context, key.about) if reference else {}
    past: list[SeriesPoint] = []
    for scope in outlets:
        days = {row.day for row in own[scope]}  # collected here: the reference stands back
        before = within(known.get(scope, ()), since, until)
        found = [row for row in before if row.day not in days]
        past += _points(context, found, replace(key, scope=scope), every)
    notes = [reference_note(context)] if past else []
    if key.label.startswith(SIGNAL):
        notes.insert(0, "The share of a signal is the mean of the shares of its labels.")
    return SeriesResult(
        key=key,
        points=tuple(_points(context, rows, key, every)),
        reference=tuple(sorted(past, key=lambda point: (str(point.key), point.day))),
        note=" ".join(notes),
    )


def labels_of(context: Context, label: str) -> tuple[str, ...]:
    """Return the labels that a label or signal stands for."""
    if label.startswith(SIGNAL):
        return context.codebook.signals[label.removeprefix(SIGNAL)].labels
    return (label,)


def _points(
    context: Context, rows: Sequence[DayCounts], key: SeriesKey, every: Every
) -> list[SeriesPoint]:
    return points(gather(rows, every), key, labels_of(context, key.label))
