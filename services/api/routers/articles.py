"""Articles: search with filters, one article in full."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query

from services import queries
from services.api.schemas import NOT_FOUND, PROBLEMS, ArticleFull, ArticlePage, ArticleRow
from services.api.state import Groups, Installation, Outlets, Since, Until

router = APIRouter(prefix="/api/articles", tags=["articles"], responses=PROBLEMS)

Outcome = Literal["", "classified", "unsupported_language", "no_text"]
Came = Literal["", "live", "imported", "backfilled"]


@router.get("", summary="Search articles")
def search(
    context: Installation,
    q: Annotated[
        str,
        Query(
            max_length=1000,
            description='words that must all occur; "a phrase" in quotation marks; -word excludes',
            examples=["arms control"],
        ),
    ] = "",
    outlet: Outlets = [],  # noqa: B006 - FastAPI copies it
    group: Groups = [],  # noqa: B006
    us: Annotated[list[str], Query(description="portrayal of the US; any of them")] = [],  # noqa: B006
    relations: Annotated[list[str], Query(description="relations; any of them")] = [],  # noqa: B006
    frame: Annotated[list[str], Query(description="frames; all of them")] = [],  # noqa: B006
    language: Annotated[list[str], Query(description="ISO 639-1 codes; any of them")] = [],  # noqa: B006
    outcome: Annotated[Outcome, Query(description="how classification ended")] = "",
    origin: Annotated[Came, Query(description="how the article came here")] = "",
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, Query(ge=1, le=200, description="articles on one page")] = 20,
    cursor: Annotated[str, Query(max_length=1000, description="'next' of the page before")] = "",
) -> ArticlePage:
    """Newest first. Follow `next` until it is empty; pages neither repeat nor skip an article,
    also when new articles come in between."""
    request = queries.search_request(
        context,
        text=q,
        outlet=outlet,
        group=group,
        us=us,
        relations=relations,
        frame=frame,
        language=language,
        outcome=outcome,
        origin=origin,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )
    page = context.store.search(request)
    return ArticlePage(
        total=page.total,
        articles=tuple(ArticleRow.model_validate(queries.hit_row(hit)) for hit in page.hits),
        next=page.next,
    )


@router.get("/{article_id}", summary="One article in full", responses=NOT_FOUND)
def detail(context: Installation, article_id: Annotated[str, Path(max_length=64)]) -> ArticleFull:
    """With its text, what the model says, the passages that speak for it and every version."""
    found = queries.article_detail(context, article_id)
    if found is None:
        raise HTTPException(404, f"There is no article {article_id}.")
    return ArticleFull.model_validate(queries.detail_row(found))
