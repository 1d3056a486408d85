"""Outlets: the catalogue, and how each feed is doing."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException

from services import queries
from services.api.outlet_schemas import HealthRow, OutletFull
from services.api.schemas import NOT_FOUND, PROBLEMS
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


@router.get("/{outlet_id}", summary="One outlet's collection", responses=NOT_FOUND)
def outlet(context: Installation, outlet_id: str) -> OutletFull:
    """Polls and entries by outcome, the feed's window, visits to pages, and six weeks of days:
    articles, how many were to be expected, and whether the day was observed at all."""
    for detail in queries.outlet_details(context, (outlet_id,)):
        return OutletFull.model_validate(queries.outlet_row(detail))
    raise HTTPException(404, f"The catalogue has no outlet {outlet_id}.")
