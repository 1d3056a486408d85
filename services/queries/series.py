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
from services.queries.observed import with_observed

NOT_OBSERVED_NOTE = (
    "Days marked as not observed hold no figure, which is not zero: nothing was seen of them. The "
    "last day is not over."
)


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
    """Return the points of `key` from `since` to `until`, one for each period with articles.

    From the first poll on there is one for every period of which is known whether it was
    observed: of those without articles, n = 0 means none with "yes" and nothing with "no".
    """
    check_days(since, until)
    outlets = reference_scopes(context, key.scope) if reference else []
    own = collected(context, sorted({key.scope, *outlets}), key.about, since, until)
    rows = own[key.scope]
    known = reference_histories(context, key.about) if reference else {}
    past: list[SeriesPoint] = []
    for scope in outlets:
        days = {row.day for row in own[scope]}  # collected here: the reference stands back
        before = within(known.get(scope, ()), since, until)
        kept = [row for row in before if row.day not in days]
        past += _points(context, kept, replace(key, scope=scope), every)
    found = with_observed(context, _points(context, rows, key, every), key, since, until, every)
    notes = [reference_note(context)] if past else []
    if any(point.observed == "no" or point.missing for point in found):
        notes.append(NOT_OBSERVED_NOTE)
    if key.label.startswith(SIGNAL):
        notes.insert(0, "The share of a signal is the mean of the shares of its labels.")
    return SeriesResult(
        key=key,
        points=tuple(found),
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
