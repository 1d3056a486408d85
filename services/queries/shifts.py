"""Shifts: those that the pipeline stored, those of the reference history, and any other
series looked at on the spot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from services.context import Context
from services.domain.series import (
    ABOUTS,
    SCOPE_ALL,
    Histories,
    SeriesKey,
    group_scope,
    outlet_scope,
)
from services.domain.shift import Level, Shift
from services.errors import UsageError
from services.queries.cache import derived
from services.queries.history import collected, reference, reference_scopes
from services.queries.names import (
    SIGNAL,
    about_name,
    check_days,
    group_name,
    outlet_ids,
    parse_label,
)
from services.shifts.baseline import DetectorConfig
from services.shifts.evidence import Run
from services.shifts.panel import History
from services.shifts.series import merged
from services.shifts.targets import RELATIONS_WATCHED, Target, monitored, series_of
from services.shifts.watch import run

SAMPLE_BASELINE_DAYS: Final = 168
Baseline = tuple[date | None, date | None]


def shifts(
    context: Context,
    *,
    label: str | None = None,
    signal: str | None = None,
    group: str | None = None,
    outlet: str | None = None,
    since: date | None = None,
    until: date | None = None,
    baseline: Baseline | None = None,
    about: str | None = None,
) -> list[Shift]:
    """Return shifts, newest alarm first; those given must all hold.

    `since` and `until` bound the time from onset to alarm. Stored shifts and those of the
    reference history are listed unless a `baseline` of one's own is given, or a label that
    is not watched all the time: then the detector runs on the spot.
    """
    check_days(since, until)
    name = _name(label, signal)
    scope = _scope(context, group, outlet)
    among = about_name(about) if about else None
    if baseline is None and (name is None or _is_watched(context, name, scope, among)):
        found: Iterable[Shift] = (
            shift
            for shift in known_shifts(context)
            if _matches(SeriesKey.parse(shift.series), name, scope, among)
        )
    else:
        found = _detected(context, name, scope, among, baseline)
    kept = [shift for shift in found if _overlaps(shift, since, until)]
    return sorted(kept, key=lambda shift: (shift.alarm_date, shift.id), reverse=True)


def known_shifts(context: Context) -> list[Shift]:
    """Return the stored shifts and those of the reference history, each once."""
    stored = {shift.id: shift for shift in context.store.shifts(context.model)}
    return list(({shift.id: shift for shift in reference_shifts(context)} | stored).values())


def find_shift(context: Context, shift_id: str) -> Shift | None:
    """Return the stored or reference shift of that id."""
    return next((shift for shift in known_shifts(context) if shift.id == shift_id), None)


def reference_shifts(context: Context) -> tuple[Shift, ...]:
    """Return the alerts that each outlet's reference history would have raised.

    Looked at are signals, confrontation, détente and hostile portrayal. Early signs are left
    out: what became of them is known by now.
    """

    def detect() -> tuple[Shift, ...]:
        histories = {about: History(reference(context, about)) for about in ABOUTS}
        return tuple(
            shift
            for scope in reference_scopes(context, SCOPE_ALL)
            for target in _reference_targets(context, scope)
            for shift in run(
                histories[series_of(target).about], target, config=_reference_config(context, scope)
            ).shifts
            if shift.level is Level.ALERT
        )

    mark = f"{context.reference.model} {context.catalogue.digest}"
    return derived(context).get("reference shifts", mark, detect)


def _reference_targets(context: Context, scope: str) -> list[Target]:
    labels = [(label, about) for label in RELATIONS_WATCHED for about in ABOUTS]
    return [
        *((signal, scope) for signal in context.codebook.signals.values()),
        *(SeriesKey(label, scope, about) for label, about in labels),
        SeriesKey("us=hostile", scope, "us"),
    ]


def _reference_config(context: Context, scope: str) -> DetectorConfig:
    """A thin sample takes half a year to hold as many articles as a whole feed in a month."""
    sampled = any(
        source.sampled and outlet_scope(source.outlet) == scope
        for source in context.reference.sources
    )
    return DetectorConfig(baseline_days=SAMPLE_BASELINE_DAYS) if sampled else DetectorConfig()


def watch(
    context: Context,
    target: Target,
    config: DetectorConfig | None = None,
    until: date | None = None,
) -> Run:
    """Run the detector over all that is known of `target`.

    Days of the reference history stand in where nothing was collected, if the active model
    labelled them: a change of model must never look like a change of messaging.
    """
    key = series_of(target)
    members = members_of(context, key.scope)
    history: Histories = collected(context, (key.scope, *members), key.about)
    if context.reference.model == context.model:
        history = merged(reference(context, key.about), history)
    return run(History(history), target, members, config, until)


def members_of(context: Context, scope: str) -> tuple[str, ...]:
    """Return the outlet scopes that make up a group or all outlets; empty for one outlet."""
    if scope.startswith("outlet:"):
        return ()
    if scope == SCOPE_ALL:
        return tuple(outlet_scope(outlet.id) for outlet in context.catalogue.outlets)
    members = context.catalogue.in_group(scope.removeprefix("group:"))
    return tuple(outlet_scope(name) for name in members)


def target_of(context: Context, key: SeriesKey) -> Target:
    """Return what the detector is to watch for a series key."""
    if key.label.startswith(SIGNAL):
        return context.codebook.signals[key.label.removeprefix(SIGNAL)], key.scope
    return key


def baseline_days(since: date | None, until: date | None) -> Baseline | None:
    """Return the baseline that two optional days describe; UsageError when one is missing."""
    if since is None and until is None:
        return None
    if since is None or until is None:
        raise UsageError("A baseline of your own needs both its first and its last day.")
    check_days(since, until)
    return since, until


def _detected(
    context: Context,
    name: str | None,
    scope: str | None,
    among: str | None,
    baseline: Baseline | None,
) -> list[Shift]:
    chosen = baseline_days(*baseline) if baseline else None
    config = DetectorConfig(
        baseline=(chosen[0], chosen[1]) if chosen and chosen[0] and chosen[1] else None
    )
    scopes = [scope] if scope else [*map(group_scope, context.catalogue.groups()), SCOPE_ALL]
    names = [name] if name else [f"{SIGNAL}{item}" for item in context.codebook.signals]
    return [
        shift
        for where in scopes
        for what in names
        for key in _keys(context, what, where, among)
        for shift in watch(context, target_of(context, key), config).shifts
    ]


def _keys(context: Context, name: str, scope: str, among: str | None) -> list[SeriesKey]:
    if name.startswith(SIGNAL):
        about = context.codebook.signals[name.removeprefix(SIGNAL)].about
        return [SeriesKey(name, scope, about)] if among in (None, about) else []
    return [SeriesKey(name, scope, about) for about in ABOUTS if among in (None, about)]


def _is_watched(context: Context, name: str, scope: str | None, among: str | None) -> bool:
    """True when the pipeline itself keeps an eye on every series that is asked for."""
    groups = context.catalogue.groups()
    outlets = [outlet.id for outlet in context.catalogue.outlets]
    keys = {series_of(item.target) for item in monitored(context.codebook.signals, groups, outlets)}
    if scope is None:
        return any(key.label == name for key in keys)
    return any(
        key.label == name and key.scope == scope and among in (None, key.about) for key in keys
    )


def _name(label: str | None, signal: str | None) -> str | None:
    if label and signal:
        raise UsageError("Ask for a label or for a signal, not for both.")
    if signal:
        return parse_label(signal if signal.startswith(SIGNAL) else f"{SIGNAL}{signal}")
    return parse_label(label) if label else None


def _scope(context: Context, group: str | None, outlet: str | None) -> str | None:
    if group and outlet:
        raise UsageError("Shifts are of one group or one outlet: name one of the two.")
    if group:
        return group_scope(group_name(group))
    return outlet_scope(outlet_ids(context, (outlet,))[0]) if outlet else None


def _matches(key: SeriesKey, name: str | None, scope: str | None, among: str | None) -> bool:
    return name in (None, key.label) and scope in (None, key.scope) and among in (None, key.about)


def _overlaps(shift: Shift, since: date | None, until: date | None) -> bool:
    return (since is None or shift.alarm_date >= since) and (until is None or shift.onset <= until)
