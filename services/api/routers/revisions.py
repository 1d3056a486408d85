"""Revisions: what outlets changed after publication."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services import queries
from services.api.edit_schemas import EditList, EditRow
from services.api.schemas import PROBLEMS
from services.api.state import Groups, Installation, Outlets, Since, Until

router = APIRouter(prefix="/api/revisions", tags=["articles"], responses=PROBLEMS)


@router.get("", summary="Edits after publication")
def revisions(
    context: Installation,
    outlet: Outlets = [],  # noqa: B006 - FastAPI copies it
    group: Groups = [],  # noqa: B006
    since: Since = None,
    until: Until = None,
    reframed: Annotated[
        bool, Query(description="only edits after which the model gives other labels")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=200, description="edits on one page")] = 20,
    cursor: Annotated[str, Query(max_length=1000, description="'next' of the page before")] = "",
) -> EditList:
    """Newest first; `since` and `until` are days on which an edit was seen. Follow `next` until
    it is empty. A change of labels is a change of words as the model reads them; it does not
    say why the words were changed."""
    request = queries.edit_request(
        context,
        outlet=outlet,
        group=group,
        since=since,
        until=until,
        reframed=reframed,
        limit=limit,
        cursor=cursor,
    )
    page = context.store.edits(request)
    rows = tuple(EditRow.model_validate(queries.edit_row(edit)) for edit in page.edits)
    return EditList(edits=rows, next=page.next)
