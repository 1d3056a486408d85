"""How collection is doing: one status and one sentence for every outlet of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.alerts.gap_wording import length_words, rarity_words
from services.collect.health.silence import Gap, Patience
from services.context import Context
from services.domain.outlet import FeedState, Outlet
from services.queries.silence import Pasts, last_entry, open_gap, pasts

Status = Literal["ok", "failing", "silent", "never polled", "disabled"]
SILENT_AFTER = timedelta(days=3)
SILENT_PAUSES = 3
"""Where too little is known of an outlet for more: silent after three days, and after three
times its usual pause where it has one."""


@dataclass(frozen=True, slots=True)
class OutletHealth:
    """One outlet and the state of its feed. `last_day` is that of the last good poll with
    something new; `sentence` says for a reader what is the matter, or that nothing is.

    `last_entry` is when something new was last seen. `patience` is what its past says of its
    pace and gaps and `gap` the one that is open now; None while the past says too little.
    """

    outlet: Outlet
    state: FeedState | None
    articles: int
    last_day: date | None
    status: Status
    sentence: str
    last_entry: datetime | None = None
    patience: Patience | None = None
    gap: Gap | None = None

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
    past = pasts(context)
    return [
        _health(context, outlet, states.get(outlet.id), totals.get(outlet.id, 0), past)
        for outlet in context.catalogue.outlets
    ]


def any_feed_answers(context: Context) -> bool:
    """False when feeds were asked and not a single one answered the last time."""
    states = context.store.feed_states()
    enabled = [item.id for item in context.catalogue.outlets if item.enabled]
    ends = [states[name].outcome for name in enabled if name in states]
    asked = [end for end in ends if end is not None]
    return not asked or any(end.ok for end in asked)


def nothing_reachable(health: Sequence[OutletHealth]) -> bool:
    """True when feeds were asked and not a single one answered the last time."""
    asked = [item for item in health if item.asked]
    return bool(asked) and not any(item.answers for item in asked)


def _health(
    context: Context, outlet: Outlet, state: FeedState | None, articles: int, past: Pasts
) -> OutletHealth:
    gap = open_gap(context, state, past) if outlet.enabled else None
    last = last_entry(state, past)
    pause = SILENT_PAUSES * (past.usual_pause(outlet.id) or timedelta(0))
    overdue = last is None or context.clock() - last > max(SILENT_AFTER, pause)
    status, sentence = _judge(outlet, state, gap, overdue)
    return OutletHealth(
        outlet=outlet,
        state=state,
        articles=articles,
        last_day=state.last_new.date() if state and state.last_new else None,
        status=status,
        sentence=sentence,
        last_entry=last,
        patience=past.patience.get(outlet.id),
        gap=gap,
    )


def _judge(
    outlet: Outlet, state: FeedState | None, gap: Gap | None, overdue: bool
) -> tuple[Status, str]:
    if not outlet.enabled:
        return "disabled", "Switched off in the catalogue."
    if state is None or state.outcome is None:
        return "never polled", "Its feed has not been asked yet."
    if not state.outcome.ok:
        times = f" {state.failures} polls in a row have failed." if state.failures > 1 else ""
        return "failing", f"{state.sentence or 'The last poll failed.'}{times}"
    return _judge_silence(state, gap, overdue)


def _judge_silence(state: FeedState, gap: Gap | None, overdue: bool) -> tuple[Status, str]:
    if gap is not None and gap.silent:
        return "silent", _silent_sentence(gap)
    if gap is None and overdue:
        since = f"since {state.last_new.date()}" if state.last_new else "so far"
        return "silent", f"The feed answers, but has brought nothing new {since}."
    return "ok", state.sentence or "The feed answers."


def _silent_sentence(gap: Gap) -> str:
    return (
        f"The feed answers, but has brought nothing new for {length_words(gap.until - gap.since)}; "
        f"at this time of the week a gap this long comes by chance "
        f"{rarity_words(gap.days_between)}."
    )


def gap_words(health: OutletHealth) -> str:
    """Say how far the gap that is open now is from a silence; empty where that is not known."""
    gap, patience = health.gap, health.patience
    if gap is None or patience is None:
        return ""
    came = f"{gap.expected:.1f} articles would usually have come"
    if health.status == "failing":
        return f"{came} since the feed began to fail."
    words = f"{came} since the last one; {patience.limit:.1f} make a silence."
    if health.status == "silent" or gap.expected < patience.limit / 2:
        return words
    return f"{words} A gap this long comes by chance {rarity_words(gap.days_between)}."
