"""The ledger of alerts as readers may see it, and the facts that an alert mail tells."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from services.context import Context
from services.domain.alert import Alert, Delivery

_ALL: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One alert with its deliveries; their targets are masked."""

    alert: Alert
    deliveries: tuple[Delivery, ...]


def alert_ledger(context: Context, limit: int = 100, *, told: bool = False) -> list[LedgerEntry]:
    """Return the newest alerts with what became of each message.

    `told`: only those that somebody asked to hear of; gaps in the collection are written down
    without that.
    """
    alerts = context.store.alerts(_ALL if told else limit)
    if told:
        heard = {delivery.alert_id for delivery in context.store.deliveries()}
        alerts = [alert for alert in alerts if alert.id in heard][:limit]
    found: dict[str, list[Delivery]] = {alert.id: [] for alert in alerts}
    for delivery in context.store.deliveries([alert.id for alert in alerts]) if alerts else []:
        shown = mask_target(delivery.target)
        # Servers like to repeat the address in their refusal.
        error = delivery.error.replace(delivery.target, shown)
        masked = replace(delivery, target=shown, error=error)
        found.setdefault(delivery.alert_id, []).append(masked)
    return [LedgerEntry(alert, tuple(found[alert.id])) for alert in alerts]


def mask_target(target: str) -> str:
    """Return enough of a target to recognise it: `r…@example.org`, `https://example.org/…`."""
    if "://" in target:
        parts = urlsplit(target)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}/…"
    name, at, host = target.rpartition("@")
    return f"{name[:1]}…{at}{host}" if at else f"{target[:1]}…"
