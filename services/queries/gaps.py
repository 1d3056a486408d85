"""The gaps in the collection that deserve an alert, and the facts that such an alert tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from services.alerts.facts import GapFacts
from services.context import Context
from services.domain.alert import Alert, CollectionGap
from services.queries.health import OutletHealth, nothing_reachable, outlet_health
from services.queries.silence import FAILING_HOURS, FAILING_TIMES
from services.queries.words import group_title, scope_title


def open_gaps(context: Context) -> list[tuple[CollectionGap, str]]:
    """Return every gap that is too long to be chance, with the group of its outlet.

    When no feed at all answers, that is one gap (its outlet is empty) and not one of each.
    """
    health = outlet_health(context)
    if nothing_reachable(health):
        gap = _no_way_out([item for item in health if item.asked])
        return [(gap, "")] if gap else []
    return [(gap, item.outlet.group.value) for item in health if (gap := _gap_of(item)) is not None]


def _gap_of(item: OutletHealth) -> CollectionGap | None:
    state, gap = item.state, item.gap
    if state is None or gap is None or item.patience is None or not gap.silent:
        return None
    failing = item.status == "failing"
    if failing and (state.failures < FAILING_TIMES or gap.hours < FAILING_HOURS):
        return None
    return CollectionGap(
        outlet=item.outlet.id,
        trouble="failing" if failing else "silent",
        since=gap.since,
        noticed=gap.until,
        last_entry=item.last_entry,
        usual=item.patience.pace.daily,
        expected=item.patience.pace.expected(gap.since, gap.until),
        once_in_days=min(gap.days_between, 1e6),
        answer=state.sentence,
    )


def _no_way_out(asked: Sequence[OutletHealth]) -> CollectionGap | None:
    """All feeds fail, and one answered before: this machine's way out is the likeliest cause."""
    states = [item.state for item in asked if item.state]
    last = max((state.last_success for state in states if state.last_success), default=None)
    noticed = max((state.last_attempt for state in states if state.last_attempt), default=None)
    if last is None or noticed is None or noticed - last < timedelta(hours=FAILING_HOURS):
        return None
    if any(state.failures < FAILING_TIMES for state in states):
        return None
    paces = [item.patience.pace for item in asked if item.patience]
    return CollectionGap(
        outlet="",
        trouble="failing",
        since=last,
        noticed=noticed,
        last_entry=_latest(item.last_entry for item in asked),
        usual=sum(pace.daily for pace in paces),
        expected=sum(pace.expected(last, noticed) for pace in paces),
        once_in_days=1e6,
        answer=f"None of {len(asked)} feeds can be reached. {states[0].sentence}",
    )


def gap_facts(context: Context, alert: Alert) -> GapFacts:
    """Return what there is to tell about an alert whose `gap` is set."""
    gap = alert.gap
    if gap is None:
        raise ValueError(f"Alert {alert.id} is not about a gap in the collection.")
    outlet = context.catalogue.get(gap.outlet) if gap.outlet else None
    root = context.settings.public_url.rstrip("/")
    path = f"outlets/{gap.outlet}" if gap.outlet else "#health"
    return GapFacts(
        alert=alert,
        gap=gap,
        outlet=scope_title(context, f"outlet:{gap.outlet}") if gap.outlet else "",
        group=group_title(outlet.group.value) if outlet else "",
        page=f"{root}/{path}" if root else "",
        back=_back(context, gap),
    )


def _back(context: Context, gap: CollectionGap) -> datetime | None:
    """When something new was seen after the gap; None while there was nothing."""
    states = context.store.feed_states()
    if not gap.outlet:
        return _latest(s.last_success for s in states.values() if _after(s.last_success, gap))
    state = states.get(gap.outlet)
    if state is None:
        return None
    moment = state.last_success if gap.trouble == "failing" else state.last_entry
    return moment if _after(moment, gap) else None


def _after(moment: datetime | None, gap: CollectionGap) -> bool:
    return moment is not None and moment > gap.noticed


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((item for item in moments if item), default=None)
