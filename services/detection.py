"""The stage between counts and alerts: watch every target, keep the shifts in the store true.

A shift keeps the id of its first detection while later articles move its onset by some days:
somebody may have been told about it under that id. A shift that late articles have undone is
withdrawn, unless somebody was told; then it stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from services.context import Context
from services.domain.codebook import LABEL_INDEX
from services.domain.identity import ONSET_WINDOW_DAYS, digest
from services.domain.series import (
    ABOUTS,
    SCOPE_ALL,
    DayCounts,
    Observation,
    SeriesKey,
    is_own,
)
from services.domain.shift import Direction, Level, Shift
from services.shifts.panel import History
from services.shifts.series import first_told
from services.shifts.targets import monitored
from services.shifts.watch import detect

EVIDENCE_ARTICLES: Final = 8
COUNTS_META: Final = "counts_token"
DETECTED_META: Final = "detected_token"
_OPPOSITE: Final = {
    "relations=detente": ("relations=confrontation",),
    "relations=confrontation": ("relations=detente",),
    "us=hostile": ("us=favourable",),
    "us=favourable": ("us=hostile",),
}
_OPPOSITE_SIGNAL: Final = {"thaw": "chill", "chill": "thaw"}


def refresh_shifts(context: Context, until: date) -> list[str]:
    """Watch all targets up to `until`; returns ids of shifts that are new or reached ALERT.

    Does nothing when neither the counts nor the last day have changed since the last time.
    """
    token = "|".join((context.store.get_meta(COUNTS_META), until.isoformat(), context.model))
    if context.store.get_meta(DETECTED_META) == token:
        return []
    stored = {shift.id: shift for shift in context.store.shifts(context.model)}
    found = _matched(list(_detected(context, until)), stored.values())
    fresh = [_with_evidence(context, shift) for shift in found if _differs(shift, stored)]
    context.store.save_shifts(fresh)
    told = {alert.shift_id for alert in context.store.alerts(limit=1_000_000)}
    kept = {shift.id for shift in found} | told
    context.store.delete_shifts([name for name in stored if name not in kept])
    context.store.set_meta(DETECTED_META, token)
    return [shift.id for shift in fresh if _news(shift, stored)]


def histories(context: Context) -> dict[str, dict[str, list[DayCounts]]]:
    """Return all day counts of the active model: about → scope → days in order.

    An outlet's days are preceded by its reference history where the same model labelled it,
    so that a new installation has a baseline where the two meet.
    """
    found: dict[str, dict[str, list[DayCounts]]] = {about: {} for about in ABOUTS}
    for row in context.store.day_counts(context.model):
        found[row.about].setdefault(row.scope, []).append(row)
    if context.reference.model == context.model:
        for about in ABOUTS:
            for scope, rows in context.reference.histories(about).items():
                if own := found[about].get(scope):
                    own[:0] = [row for row in rows if row.day < own[0].day]
    return found


def _detected(context: Context, until: date) -> Iterable[Shift]:
    counts = histories(context)
    tables = {about: History(scopes) for about, scopes in counts.items()}
    outlets = [outlet.id for outlet in context.catalogue.outlets]
    targets = monitored(context.codebook.signals, context.catalogue.groups(), outlets)
    for watched in targets:
        target = watched.target
        about, scope = (
            (target.about, target.scope)
            if isinstance(target, SeriesKey)
            else (target[0].about, target[1])
        )
        own = [row.day for row in counts[about].get(scope, ()) if is_own(row.source)]
        if own:
            shifts = detect(tables[about], target, watched.members, until=until)
            # What happened within the reference history is not news of this installation.
            yield from (shift for shift in shifts if shift.alarm_date >= own[0])


def _matched(found: list[Shift], stored: Iterable[Shift]) -> list[Shift]:
    """Give a shift that is already known the id under which it is known."""
    known: dict[tuple[str, Direction], list[Shift]] = {}
    for shift in stored:
        known.setdefault((shift.series, shift.direction), []).append(shift)
    named: dict[str, Shift] = {}
    for shift in found:
        candidate = _named(shift, known.get((shift.series, shift.direction), []))
        if candidate.id in named:  # two shifts of one series began within the same fortnight
            alarm = candidate.alarm_date.isoformat()
            candidate = replace(candidate, id=digest("alert", candidate.id, alarm))
        named[candidate.id] = candidate
    return list(named.values())


def _named(shift: Shift, candidates: list[Shift]) -> Shift:
    window = timedelta(days=ONSET_WINDOW_DAYS)
    near = [item for item in candidates if abs(item.onset - shift.onset) <= window]
    if not near:
        return shift
    same = min(near, key=lambda item: (abs(item.onset - shift.onset), item.id))
    candidates.remove(same)  # one stored shift answers to one found shift
    return replace(shift, id=same.id)


def _differs(shift: Shift, stored: Mapping[str, Shift]) -> bool:
    old = stored.get(shift.id)
    return old is None or replace(shift, evidence=old.evidence) != old


def _news(shift: Shift, stored: Mapping[str, Shift]) -> bool:
    old = stored.get(shift.id)
    return old is None or (shift.level is Level.ALERT and old.level is Level.WATCH)


def _with_evidence(context: Context, shift: Shift) -> Shift:
    """Name the articles between onset and alarm that speak for the shift most."""
    key = SeriesKey.parse(shift.series)
    labels = _speaking(context, key.label, shift.direction)
    if not labels:
        return shift
    days = [
        shift.onset + timedelta(days=step)
        for step in range((shift.alarm_date - shift.onset).days + 1)
    ]
    members = _members(context, key.scope)
    inside = (
        item
        for item in context.store.observations(days, context.model)
        if members is None or item.outlet in members
    )
    ranked = sorted(
        (
            item
            for item in first_told(inside, members)
            if (key.about == "all" or item.about_us)
            and any(label in item.labels for label in labels)
        ),
        key=lambda item: (-_strength(item, labels), item.article_id),
    )
    return replace(shift, evidence=tuple(item.article_id for item in ranked[:EVIDENCE_ARTICLES]))


def _speaking(context: Context, label: str, direction: Direction) -> tuple[str, ...]:
    """The labels whose articles show the movement: a falling label is shown by its opposite."""
    kind, _, name = label.partition("=")
    if kind == "signal":
        wanted = name if direction is Direction.UP else _OPPOSITE_SIGNAL.get(name, "")
        signal = context.codebook.signals.get(wanted)
        return signal.labels if signal else ()
    return (label,) if direction is Direction.UP else _OPPOSITE.get(label, ())


def _members(context: Context, scope: str) -> frozenset[str] | None:
    """The outlets of a scope; None stands for every outlet."""
    if scope == SCOPE_ALL:
        return None
    kind, _, name = scope.partition(":")
    return frozenset(context.catalogue.in_group(name) if kind == "group" else (name,))


def _strength(item: Observation, labels: Sequence[str]) -> float:
    return sum(item.probabilities[LABEL_INDEX[label]] for label in labels)
