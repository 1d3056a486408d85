"""The stages that look for shifts, raise alerts and deliver them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from services.alerts import ledger, raising
from services.alerts.facts import Facts
from services.alerts.render import composer
from services.alerts.rules import load_rules
from services.context import Context
from services.detection import refresh_shifts
from services.domain.alert import Alert
from services.queries import alert_facts, gap_facts, open_gaps


def detect(context: Context) -> list[str]:
    """Look for shifts in the series up to yesterday; returns ids of new or raised ones.

    Today is left out: its share is still moving, and looking at it several times would
    spend the promise about false alarms.
    """
    return refresh_shifts(context, until=context.clock().date() - timedelta(days=1))


def raise_alerts(context: Context, shift_ids: Sequence[str] = ()) -> list[str]:
    """Open alerts for these shifts (none given: for all) where a rule asks for them.

    Nobody is told of what a back-fill found, nor of what began where the sample changed.
    """
    wanted = set(shift_ids)
    shifts = [
        shift
        for shift in context.store.shifts(context.model)
        if shift.is_news and (not wanted or shift.id in wanted)
    ]
    rules, store, now = context.store.rules(), context.store, context.clock()
    return [
        *raising.raise_alerts(shifts, rules, store, now),
        *raising.raise_gap_alerts(open_gaps(context), rules, store, now),
    ]


def adopt_rules(context: Context, path: Path) -> None:
    """Make the rules of this file the installation's rules.

    Raises ConfigurationError naming file and line, also for an outlet or signal that does not
    exist.
    """
    outlets = {outlet.id for outlet in context.catalogue.outlets}
    context.store.save_rules(
        load_rules(path, outlets=outlets, signals=set(context.codebook.signals))
    )


def deliver(context: Context, stop: Callable[[], bool] = lambda: False) -> ledger.DeliveryReport:
    """Send what is due; what fails is tried again later, what succeeds is never sent twice."""

    def facts(alert: Alert) -> Facts:
        return gap_facts(context, alert) if alert.gap else alert_facts(context, alert)

    message = composer(facts, context.settings.public_url)
    return ledger.deliver_due(
        context.store, context.senders, message, context.clock, context.owner, stop=stop
    )
