"""What becomes an alert, and who is to be told: the first half of the ledger's work.

Nothing that is there already is written again, so every caller passes all that is recent on
every round: a crash before a call is made good by the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from services.alerts.rules import matching, matching_gap
from services.domain.alert import Alert, Channel, CollectionGap, Delivery, DeliveryStatus, Rule
from services.domain.identity import delivery_id, digest, gap_id
from services.domain.shift import Level, Shift
from services.errors import UsageError
from services.index.store import Store

MAX_AGE: Final = timedelta(days=60)
"""Shifts whose alarm lies further back raise no alert.

Importing years of archives finds years of shifts. They belong on the page: a mail about one
is no news, and hundreds at once would bury the one that is. Two months leave room for all
that delays a true alarm: an outage of weeks, late pages, a slow machine after an upgrade.
"""


def raise_alerts(
    shifts: Iterable[Shift],
    rules: Sequence[Rule],
    store: Store,
    now: datetime,
    *,
    max_age: timedelta = MAX_AGE,
) -> list[str]:
    """Write one alert for each shift that a rule asks for; returns the ids of new deliveries.

    Nothing that is there already is written again, so the caller passes every recent shift
    on every round: a crash before this call is made good by the next one. A shift that
    reaches the alert level after the watch level brings in the rules that waited for it.
    """
    alerts: list[Alert] = []
    deliveries: list[Delivery] = []
    for shift in shifts:
        if now.date() - shift.alarm_date > max_age:
            continue
        wanted = matching(shift, rules)
        if not wanted:
            continue
        alert = Alert(shift.id, shift.id, shift.series, shift.direction, shift.level, now)
        alerts.append(alert)
        deliveries.extend(_deliveries(alert, wanted, now))
    return store.add_alerts(alerts, deliveries) if alerts else []


def raise_gap_alerts(
    gaps: Iterable[tuple[CollectionGap, str]], rules: Sequence[Rule], store: Store, now: datetime
) -> list[str]:
    """Write one alert for each gap in the collection; returns the ids of new deliveries.

    Each gap comes with the group of its outlet. A gap is known by its outlet and the last entry
    before it, so that the caller passes those that are open on every round, however they have
    grown. They are written even if nobody asked for them: the alert is also the record that
    these days were not observed.
    """
    alerts: list[Alert] = []
    deliveries: list[Delivery] = []
    for gap, group in gaps:
        name = gap_id(gap.outlet, gap.last_entry or gap.since)
        alert = Alert(name, "", "", "", Level.ALERT, now, gap=gap)
        alerts.append(alert)
        deliveries.extend(_deliveries(alert, matching_gap(gap.outlet, group, rules), now))
    return store.add_alerts(alerts, deliveries) if alerts else []


def raise_test_alert(rules: Sequence[Rule], store: Store, now: datetime) -> Alert:
    """Queue one test message for every target of every enabled rule; returns the alert.

    `deliver_due` sends the messages, each tried once; `store.deliveries([alert.id])` then
    says how each went. Raises UsageError when no rule is enabled.
    """
    enabled = [rule for rule in rules if rule.enabled]
    if not enabled:
        raise UsageError("No alert rule is enabled, so there is nobody to send a test to.")
    name = digest("test alert", now.isoformat())
    alert = Alert(name, "", "", "up", Level.ALERT, now, test=True)
    store.add_alerts([alert], _deliveries(alert, enabled, now))
    return alert


def _deliveries(alert: Alert, rules: Sequence[Rule], now: datetime) -> list[Delivery]:
    """One delivery for each target, however many rules name it.

    The rule takes no part in the id: renaming a rule, or a second rule for the same address,
    must not repeat the message.
    """
    found: dict[str, Delivery] = {}
    for rule in rules:
        targets: list[tuple[Channel, str]] = [("email", target) for target in rule.emails]
        targets += [("webhook", target) for target in rule.webhooks]
        for channel, target in targets:
            key = delivery_id(alert.id, "", channel, same_target(channel, target))
            row = Delivery(
                key, alert.id, rule.name, channel, target, DeliveryStatus.PENDING, 0, now
            )
            found.setdefault(key, row)
    return list(found.values())


def same_target(channel: Channel, target: str) -> str:
    """Return `target` in the form in which two spellings of one target are equal.

    Letter case does not tell mailboxes apart in practice; in an address on the web it may.
    """
    return target.casefold() if channel == "email" else target
