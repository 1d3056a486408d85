"""Outlets: the catalogue, and how each feed is doing."""

from __future__ import annotations

from fastapi import APIRouter

from services import queries
from services.api.schemas import PROBLEMS, HealthRow
from services.api.state import Installation

router = APIRouter(prefix="/api/outlets", tags=["outlets"], responses=PROBLEMS)


@router.get("", summary="Outlets and their health")
def outlets(context: Installation) -> list[HealthRow]:
    """Every outlet of the catalogue: its group with the reason for it, and its feed's health
    with a sentence that says what is the matter."""
    return [
        HealthRow.model_validate(queries.health_row(item))
        for item in queries.outlet_health(context)
    ]
