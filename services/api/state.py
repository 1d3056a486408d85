"""What every endpoint is given: the installation, and the query parameters that they share."""

from __future__ import annotations

from datetime import date
from typing import Annotated, cast

from fastapi import Depends, Query, Request

from services.context import Context


def the_context(request: Request) -> Context:
    """Return the installation that this app serves."""
    return cast("Context", request.app.state.context)


Installation = Annotated[Context, Depends(the_context)]
Outlets = Annotated[
    list[str], Query(description="outlet ids or names; any of them", examples=[["rt", "tass"]])
]
Groups = Annotated[list[str], Query(description="state, alternative or control; any of them")]
Since = Annotated[date | None, Query(description="first UTC day", examples=["2025-02-01"])]
Until = Annotated[date | None, Query(description="last UTC day", examples=["2025-03-31"])]
