"""Stories: what several outlets carry in the same words, and who published first."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from services import queries
from services.api.schemas import PROBLEMS
from services.api.state import Groups, Installation, Outlets, Since, Until
from services.api.story_schemas import StoryList, StoryRow

router = APIRouter(prefix="/api/stories", tags=["articles"], responses=PROBLEMS)


@router.get("", summary="Stories that several outlets carry")
def stories(
    context: Installation,
    outlet: Outlets = [],  # noqa: B006 - FastAPI copies it
    group: Groups = [],  # noqa: B006
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, Query(ge=1, le=200, description="stories at most")] = 20,
) -> StoryList:
    """Stories first published on these days (the last seven where none are named), those with
    the most outlets first. Who was first follows from the times that the outlets state; that
    does not make it the source. In a group's series a story counts once, as its first outlet
    there told it."""
    found = queries.stories(
        context, outlet=outlet, group=group, since=since, until=until, limit=limit
    )
    rows = tuple(StoryRow.model_validate(queries.story_row(context, story)) for story in found)
    return StoryList(stories=rows)
