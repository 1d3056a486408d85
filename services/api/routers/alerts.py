"""Alerts: the ledger of what was told to whom."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services import queries
from services.alerts.payload import gap_row
from services.api.schemas import PROBLEMS, AlertRow, DeliveryRow, GapRow
from services.api.state import Installation

router = APIRouter(prefix="/api/alerts", tags=["alerts"], responses=PROBLEMS)


@router.get("", summary="Alerts and their deliveries")
def alerts(
    context: Installation,
    limit: Annotated[int, Query(ge=1, le=500, description="alerts at most")] = 100,
) -> list[AlertRow]:
    """Newest first. Targets are masked: enough to recognise them, not enough to use them."""
    return [
        AlertRow(
            id=entry.alert.id,
            kind=entry.alert.kind,
            shift_id=entry.alert.shift_id,
            series=entry.alert.series,
            direction=entry.alert.direction,
            level=entry.alert.level,
            created=entry.alert.created,
            test=entry.alert.test,
            gap=GapRow.model_validate(gap_row(entry.alert.gap)) if entry.alert.gap else None,
            deliveries=tuple(DeliveryRow.model_validate(delivery) for delivery in entry.deliveries),
        )
        for entry in queries.alert_ledger(context, limit)
    ]
