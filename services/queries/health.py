"""How collection is doing: one status and one sentence for every outlet of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.context import Context
from services.domain.outlet import FeedState, Outlet

Status = Literal["ok", "failing", "silent", "never polled", "disabled"]
SILENT_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class OutletHealth:
    """One outlet and the state of its feed. `last_day` is that of the last good poll with
    something new; `sentence` says for a reader what is the matter, or that nothing is.
    """

    outlet: Outlet
    state: FeedState | None
    articles: int
    last_day: date | None
    status: Status
    sentence: str

    @property
    def asked(self) -> bool:
        """True when the feed is watched and was asked at least once."""
        return self.status not in ("disabled", "never polled")

    @property
    def answers(self) -> bool:
        """True when the feed answered the last time, with news or without."""
        return self.status in ("ok", "silent")


def outlet_health(context: Context) -> list[OutletHealth]:
    """Return the health of every outlet, in the order of the catalogue."""
    states = context.store.feed_states()
    totals = context.store.stats(context.model).articles_by_outlet
    now = context.clock()
    return [
        _health(outlet, states.get(outlet.id), totals.get(outlet.id, 0), now)
        for outlet in context.catalogue.outlets
    ]


def nothing_reachable(health: list[OutletHealth]) -> bool:
    """True when feeds were asked and not a single one answered the last time."""
    asked = [item for item in health if item.asked]
    return bool(asked) and not any(item.answers for item in asked)


def _health(outlet: Outlet, state: FeedState | None, articles: int, now: datetime) -> OutletHealth:
    status, sentence = _judge(outlet, state, now)
    last = state.last_new.date() if state and state.last_new else None
    return OutletHealth(outlet, state, articles, last, status, sentence)


def _judge(outlet: Outlet, state: FeedState | None, now: datetime) -> tuple[Status, str]:
    if not outlet.enabled:
        return "disabled", "Switched off in the catalogue."
    if state is None or state.outcome is None:
        return "never polled", "Its feed has not been asked yet."
    if not state.outcome.ok:
        times = f" {state.failures} polls in a row have failed." if state.failures > 1 else ""
        return "failing", f"{state.sentence or 'The last poll failed.'}{times}"
    if state.last_new is None or now - state.last_new > SILENT_AFTER:
        since = f"since {state.last_new.date()}" if state.last_new else "so far"
        return "silent", f"The feed answers, but has brought nothing new {since}."
    return "ok", state.sentence or "The feed answers."
