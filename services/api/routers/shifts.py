"""Shifts: moments at which a series left its baseline."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query

from services import queries
from services.api.schemas import NOT_FOUND, PROBLEMS, ShiftRow
from services.api.state import Installation, Since, Until
from services.domain.shift import Shift

router = APIRouter(prefix="/api/shifts", tags=["shifts"], responses=PROBLEMS)


@router.get("", summary="Detected shifts")
def shifts(
    context: Installation,
    label: Annotated[
        str | None, Query(description="only this label", examples=["us=hostile"])
    ] = None,
    signal: Annotated[str | None, Query(description="only this signal", examples=["thaw"])] = None,
    group: Annotated[str | None, Query(description="state, alternative or control")] = None,
    outlet: Annotated[str | None, Query(description="one outlet, by id or name")] = None,
    about: Annotated[
        Literal["all", "us"] | None, Query(description="among all articles, or those about the US")
    ] = None,
    since: Since = None,
    until: Until = None,
    baseline_from: Annotated[
        Since, Query(description="first day of a baseline of your own")
    ] = None,
    baseline_to: Annotated[Until, Query(description="last day of a baseline of your own")] = None,
) -> list[ShiftRow]:
    """Newest first. With a baseline of your own, or for a series that is not watched all the
    time, the detector runs for this answer."""
    baseline = queries.baseline_days(baseline_from, baseline_to)
    found = queries.shifts(
        context,
        label=label,
        signal=signal,
        group=group,
        outlet=outlet,
        since=since,
        until=until,
        baseline=baseline,
        about=about,
    )
    return [_row(shift) for shift in found]


@router.get("/{shift_id}", summary="One shift", responses=NOT_FOUND)
def detail(context: Installation, shift_id: Annotated[str, Path(max_length=64)]) -> ShiftRow:
    """A stored shift, or one of the reference history."""
    found = queries.find_shift(context, shift_id)
    if found is None:
        raise HTTPException(404, f"There is no shift {shift_id}.")
    return _row(found)


def _row(shift: Shift) -> ShiftRow:
    return ShiftRow.model_validate(queries.shift_row(shift))
