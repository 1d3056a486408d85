"""Series: the share of a label over time, with intervals."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from services import queries
from services.api.schemas import PROBLEMS, PointRow, SeriesAnswer
from services.api.state import Installation, Since, Until

router = APIRouter(prefix="/api/series", tags=["series"], responses=PROBLEMS)


@router.get("", summary="One series")
def series(
    context: Installation,
    label: Annotated[
        str,
        Query(description="a label or signal of the codebook", examples=["relations=detente"]),
    ],
    group: Annotated[str | None, Query(description="state, alternative or control")] = None,
    outlet: Annotated[str | None, Query(description="one outlet, by id or name")] = None,
    about: Annotated[
        Literal["all", "us"], Query(description="among all articles, or those about the US")
    ] = "all",
    since: Since = None,
    until: Until = None,
    every: Annotated[
        Literal["day", "week", "month"], Query(description="a point for each")
    ] = "day",
    reference: Annotated[bool, Query(description="with the reference history")] = True,
) -> SeriesAnswer:
    """The share k/n for each day, week or month with its 95 % interval.

    Periods without an article are left out: no articles is not a share of 0. The reference
    history stands apart: it comes from samples and is context, not a measurement by this
    installation.
    """
    key = queries.series_key(context, label, group, outlet, about)
    found = queries.series(context, key, since, until, every, reference)
    return SeriesAnswer(
        series=str(found.key),
        model=context.model,
        points=tuple(PointRow.model_validate(queries.point_row(point)) for point in found.points),
        reference=tuple(
            PointRow.model_validate(queries.point_row(point)) for point in found.reference
        ),
        note=found.note,
    )
