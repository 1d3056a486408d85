"""`framewatch alerts`: the ledger, and a test alert through every channel."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from services import pipeline
from services.alerts.payload import gap_row
from services.alerts.raising import raise_test_alert
from services.cli.options import Data, Json, settings_for
from services.cli.output import clean, print_json, say, table
from services.context import open_context
from services.domain.alert import Alert, Delivery, DeliveryStatus

app = typer.Typer(
    help="The alert ledger, and a test of every channel.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_alerts(
    data: Data = None,
    limit: Annotated[int, typer.Option(min=1, help="How many alerts at most.")] = 50,
    as_json: Json = False,
) -> int:
    """List alerts, newest first, and what became of each message."""
    with open_context(settings_for(data)) as context:
        alerts = context.store.alerts(limit)
        deliveries = context.store.deliveries([alert.id for alert in alerts])
        # A shift may have risen from watch to alert since it was first told.
        present = {shift.id: shift.level for shift in context.store.shifts(context.model)}
        levels = {alert.id: present.get(alert.shift_id, alert.level) for alert in alerts}
    by_alert: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_alert.setdefault(delivery.alert_id, []).append(delivery)
    if as_json:
        print_json(
            [
                {
                    "id": alert.id,
                    "kind": alert.kind,
                    "series": alert.series,
                    "direction": alert.direction,
                    "level": str(levels[alert.id]),
                    "created": alert.created.isoformat(),
                    "test": alert.test,
                    "gap": gap_row(alert.gap) if alert.gap else None,
                    "deliveries": [_delivery_row(item) for item in by_alert.get(alert.id, [])],
                }
                for alert in alerts
            ]
        )
        return 0
    rows = []
    for alert in alerts:
        sent = by_alert.get(alert.id, [])
        what = _what(alert, levels[alert.id])
        lines = [
            f"{item.channel} to {item.target}: {item.status}, {item.attempts} tries. {item.error}"
            for item in sent
        ]
        rows.append((f"{alert.created:%Y-%m-%d %H:%M}", what, "; ".join(lines) or "no rule"))
    table("Alerts, newest first", ("opened (UTC)", "what", "messages"), rows)
    return 0


def _what(alert: Alert, level: str) -> str:
    if alert.test:
        return "test"
    if alert.gap is None:
        return f"{alert.series} {alert.direction} ({level})"
    who = alert.gap.outlet or "every feed"
    return f"{who} {alert.gap.trouble} since {alert.gap.since:%Y-%m-%d %H:%M}"


@app.command("test")
def send_test_alert(
    data: Data = None,
    rules: Annotated[
        Path | None,
        typer.Option("--rules", metavar="FILE", help="Rules to use instead of the stored ones."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Send one test alert, marked as a test, to every target of every rule."""
    settings = settings_for(data, rules=rules)
    with open_context(settings) as context:
        if settings.rules:
            pipeline.adopt_rules(context, settings.rules)
        known = context.store.rules()
        if not known:
            say(
                "There are no alert rules yet. Write a rules file (the README shows one) and "
                "name it with --rules or FRAMEWATCH_RULES.",
                "bold red",
            )
            return 1
        alert = raise_test_alert(known, context.store, context.clock())
        pipeline.deliver(context)
        results = context.store.deliveries([alert.id])
        _tell(results, as_json)
    return 0 if results and all(item.status is DeliveryStatus.SENT for item in results) else 1


def _tell(results: list[Delivery], as_json: bool) -> None:
    if as_json:
        print_json([_delivery_row(item) for item in results])
        return
    rows = [
        (item.channel, item.target, str(item.status), clean(item.error) or "–") for item in results
    ]
    table("Test alert", ("channel", "target", "status", "what happened"), rows)


def _delivery_row(item: Delivery) -> dict[str, Any]:
    return {
        "id": item.id,
        "rule": item.rule,
        "channel": item.channel,
        "target": item.target,
        "status": str(item.status),
        "attempts": item.attempts,
        "next_try": item.next_try.isoformat(),
        "sent_at": item.sent_at.isoformat() if item.sent_at else None,
        "error": item.error,
    }
