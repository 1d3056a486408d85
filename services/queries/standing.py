"""Where each group stands: the last 28 days beside the 28 days before, and its newest shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.context import Context
from services.domain.outlet import Group
from services.domain.series import DayCounts, SeriesKey, ShareInterval, group_scope
from services.domain.shift import Shift
from services.queries.buckets import Bucket, total
from services.queries.history import reference_scopes, within
from services.queries.names import SIGNAL
from services.queries.words import group_title, label_title, scope_title
from services.shifts.series import share_interval

STANDING_DAYS: Final = 28
RECENT: Final = timedelta(days=60)
KEY_LABELS: Final = {
    "thaw": ("relations=detente", "frame=dialogue"),
    "chill": ("relations=confrontation", "us=hostile"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A label's share now and before; None where there was no article."""

    label: str
    title: str
    now: ShareInterval | None
    before: ShareInterval | None


@dataclass(frozen=True, slots=True)
class SignalStanding:
    """One signal in one group; `shift` is its newest shift if its alarm is recent.

    With a shift, `before` in the comparisons means its baseline, else the 28 days before.
    """

    name: str
    title: str
    comparisons: tuple[Comparison, ...]
    shift: Shift | None


@dataclass(frozen=True, slots=True)
class GroupStanding:
    """One group. `reference` names the outlet whose reference history stands in, or is empty.

    `n` counts articles about the United States in the days `since` to `until`, `now` all
    their labels, and `before` those of as many days before. `days` counts the days with such
    articles, from the first one on.
    """

    group: str
    title: str
    reference: str
    since: date
    until: date
    n: int
    signals: tuple[SignalStanding, ...]
    now: Bucket | None
    before: Bucket | None
    days: int = STANDING_DAYS

    @property
    def judged(self) -> bool:
        """True when there are days enough for a baseline, without which nothing can shift."""
        return self.days >= STANDING_DAYS

    @property
    def known(self) -> bool:
        """True when there is anything to say about the group."""
        return self.n > 0


def standings(
    context: Context,
    own: Mapping[str, Sequence[DayCounts]],
    past: Mapping[str, Sequence[DayCounts]],
    shifts: Sequence[Shift],
    until: date,
) -> tuple[GroupStanding, ...]:
    """Return every group's standing on `until`.

    `own` and `past` are collected and reference rows about the US by scope. The reference
    stands in only for a group of which nothing was collected in the days compared.
    """
    found = []
    for group in Group:
        scope = group_scope(group.value)
        rows = own.get(scope, ())
        instead = "" if _compared(rows, until) else _stand_in(context, past, scope, until)
        if instead:
            rows = past[instead]
        found.append(_standing(context, group.value, scope, instead, rows, shifts, until))
    return tuple(found)


def last_day(histories: Mapping[str, Sequence[DayCounts]], scopes: Sequence[str]) -> date | None:
    """Return the newest day with articles in these scopes."""
    return max((rows[-1].day for scope in scopes if (rows := histories.get(scope))), default=None)


def _compared(rows: Sequence[DayCounts], until: date) -> list[DayCounts]:
    return within(rows, until - timedelta(days=2 * STANDING_DAYS - 1), until)


def _stand_in(
    context: Context, past: Mapping[str, Sequence[DayCounts]], scope: str, until: date
) -> str:
    """The reference outlet with most articles in the days compared; empty when none has any."""
    sizes = {
        name: sum(row.n for row in _compared(past.get(name, ()), until))
        for name in reference_scopes(context, scope)
    }
    best = max(sizes, key=lambda name: sizes[name], default="")
    return best if best and sizes[best] else ""


def _standing(
    context: Context,
    group: str,
    scope: str,
    instead: str,
    rows: Sequence[DayCounts],
    shifts: Sequence[Shift],
    until: date,
) -> GroupStanding:
    since = until - timedelta(days=STANDING_DAYS - 1)
    now = within(rows, since, until)
    before = [row for row in _compared(rows, until) if row.day < since]
    signals = []
    for name, signal in context.codebook.signals.items():
        key = SeriesKey(f"{SIGNAL}{name}", instead or scope, signal.about)
        shift = _recent(shifts, str(key), until)
        # Once something moved, what it moved from says more than the month before.
        base = within(rows, shift.baseline.since, shift.baseline.until) if shift else before
        comparisons = tuple(
            Comparison(
                label,
                label_title(context, label),
                share_interval(now, label),
                share_interval(base, label),
            )
            for label in KEY_LABELS.get(name, signal.labels[:2])
        )
        signals.append(SignalStanding(name, signal.title, comparisons, shift))
    return GroupStanding(
        days=sum(row.n > 0 for row in rows),
        group=group,
        title=group_title(group),
        reference=scope_title(context, instead) if instead else "",
        since=since,
        until=until,
        n=sum(row.n for row in now),
        signals=tuple(signals),
        now=total(now),
        before=total(before),
    )


def _recent(shifts: Sequence[Shift], series: str, until: date) -> Shift | None:
    found = [
        shift
        for shift in shifts
        if shift.series == series and until - RECENT <= shift.alarm_date <= until
    ]
    return max(found, key=lambda shift: shift.alarm_date, default=None)
