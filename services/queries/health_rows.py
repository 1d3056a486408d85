"""The health of outlets as plain JSON rows: what the command line prints and the API answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.queries.health import OutletHealth
from services.queries.outlet import Counts, OutletDay, OutletDetail

Json = dict[str, Any]
_TIMES = ("last_attempt", "last_success", "next_poll", "failing_since")


def health_row(health: OutletHealth) -> Json:
    """Return one outlet of the catalogue with the health of its feed."""
    outlet, state = health.outlet, health.state
    gap, patience = health.gap, health.patience
    last = health.last_day
    return {
        "id": outlet.id,
        "name": outlet.name,
        "group": outlet.group.value,
        "language": outlet.language,
        "feed": outlet.feed,
        "address": state.address if state else "",
        "reason": outlet.reason,
        "source": outlet.source,
        "certainty": outlet.certainty.value,
        "enabled": outlet.enabled,
        "status": health.status,
        "outcome": state.outcome.value if state and state.outcome else None,
        "sentence": health.sentence,
        "articles": health.articles,
        "last_day": last.isoformat() if last else None,
        "last_new": _time(health.last_entry),
        **{name: _time(getattr(state, name) if state else None) for name in _TIMES},
        "failures": state.failures if state else 0,
        "interval": round(state.interval) if state else 0,
        "usual_a_day": round(patience.pace.daily, 2) if patience else None,
        "gap": {
            "since": gap.since.isoformat(),
            "until": gap.until.isoformat(),
            "hours": round((gap.until - gap.since).total_seconds() / 3600, 1),
            "expected": round(gap.expected, 2),
            "limit": round(patience.limit, 2),
            "once_in_days": round(min(gap.days_between, 1e6), 2),
            "too_long": gap.silent,
        }
        if gap and patience
        else None,
    }


def outlet_row(detail: OutletDetail, *, days: bool = True) -> Json:
    """Return one outlet with everything about its collection; `days` with the last weeks."""
    state, patience = detail.health.state, detail.health.patience
    row = health_row(detail.health) | {
        "today": _counts(detail.today),
        "week": _counts(detail.week),
        "pages": {
            "outcomes": dict(detail.pages.outcomes),
            "text_share": _rounded(detail.pages.text_share),
        },
        "window": {
            "seconds": round(state.window) if state else 0,
            "sentence": detail.window,
            "last_gap": _time(state.gap) if state else None,
        },
        "moving_to": state.moved_to if state else "",
        "usual_week": [round(float(value), 3) for value in patience.pace.week] if patience else [],
    }
    return row | {"days": [_day(item) for item in detail.days]} if days else row


def _counts(counts: Counts) -> Json:
    return {"polls": dict(counts.polls), "entries": dict(counts.entries), "gaps": counts.gaps}


def _day(item: OutletDay) -> Json:
    seen = item.articles > 0 or item.observed != "no"
    return {
        "day": item.day.isoformat(),
        "articles": item.articles if seen else None,
        "expected": round(item.expected, 2),
        "observed": item.observed,
        "polls_ok": item.polls_ok,
        "polls_failed": item.polls_failed,
        "polls": dict(item.results),
        "entries": dict(item.entries),
        "gaps": item.gaps,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def tallied(counts: Mapping[str, int]) -> str:
    """Return `12 ok, 3 timeout`, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in ordered if number)
