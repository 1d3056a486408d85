"""The page that lists what outlets changed after publication."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services import queries
from services.api.state import Installation
from services.api.web.templating import older_page, render
from services.context import Context
from services.errors import UsageError
from services.index.records import EditPage
from services.queries.edits import changes, in_words

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
EDITS = 30


@router.get("/revisions")
def revisions(
    request: Request,
    context: Installation,
    outlet: str = "",
    show: str = "all",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> HTMLResponse:
    """Every edit; with `show=reframed`, those after which the labels changed."""
    asked = {"outlet": outlet, "show": show, "since": since, "until": until}
    found, problem = _found(context, asked, cursor)
    listed = [(edit, changes(edit.before, edit.after)) for edit in (found.edits if found else ())]
    page = render(
        "revisions.html",
        request,
        context=context,
        asked=asked,
        outlets=[(item.id, item.name) for item in context.catalogue.outlets],
        found=[(edit, parts, in_words([item.part for item in parts])) for edit, parts in listed],
        older=older_page("/revisions", asked, found.next if found else ""),
        problem=problem,
    )
    page.status_code = 422 if problem else 200
    return page


def _found(context: Context, asked: dict[str, str], cursor: str) -> tuple[EditPage | None, str]:
    try:
        query = queries.edit_request(
            context,
            outlet=asked["outlet"],
            since=asked["since"],
            until=asked["until"],
            reframed=asked["show"] == "reframed",
            limit=EDITS,
            cursor=cursor,
        )
        return context.store.edits(query), ""
    except UsageError as error:
        return None, str(error)
