"""The pages for readers; everything on them is made on the server and works without script."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from services import queries
from services.api.security import MAIL_POLICY
from services.api.state import Installation
from services.api.web import detail
from services.api.web.marks import shift_words
from services.api.web.templating import older_page, render
from services.api.web.views import drawn
from services.context import Context
from services.domain.article import Origin
from services.domain.codebook import FRAMES, RELATIONS, US
from services.domain.outlet import Group
from services.domain.prediction import FramingOutcome
from services.errors import UsageError
from services.index.records import SearchPage, SearchQuery
from services.queries.overview import WINDOWS, overview
from services.queries.words import ORIGIN_TITLES

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
NEWEST = 8
ALERTS = 10


@router.get("/")
def home(
    request: Request, context: Installation, window: str = "", about: str = "us"
) -> HTMLResponse:
    """The state of the New Cold War at a glance."""
    view = overview(context, window, about)
    charts = drawn(context, view)
    health = queries.outlet_health(context)
    return render(
        "home.html",
        request,
        context=context,
        view=view,
        drawn=charts,
        windows=WINDOWS,
        newest=context.store.search(SearchQuery(limit=NEWEST)),
        ledger=queries.alert_ledger(context, ALERTS, told=True),
        health=health,
        now=context.clock(),
        asked=sum(item.asked for item in health),
        good=sum(item.answers for item in health),
        unreachable=queries.nothing_reachable(health),
        demo=getattr(request.app.state, "demo", None),
    )


@router.get("/search")
def search(
    request: Request,
    context: Installation,
    q: str = "",
    outlet: str = "",
    group: str = "",
    us: str = "",
    relations: str = "",
    frame: str = "",
    language: str = "",
    outcome: str = "",
    origin: str = "",
    since: str = "",
    until: str = "",
    cursor: str = "",
) -> HTMLResponse:
    """Search with filters; a wrong query is explained beside the form."""
    asked = {
        "q": q,
        "outlet": outlet,
        "group": group,
        "us": us,
        "relations": relations,
        "frame": frame,
        "language": language,
        "outcome": outcome,
        "origin": origin,
        "since": since,
        "until": until,
    }
    found, problem = _found(context, asked, cursor)
    page = render(
        "search.html",
        request,
        context=context,
        asked=asked,
        older=older_page("/search", asked, found.next if found else ""),
        found=found,
        problem=problem,
        choices=_choices(context),
    )
    page.status_code = 422 if problem else 200
    return page


def _found(context: Context, asked: dict[str, str], cursor: str) -> tuple[SearchPage | None, str]:
    named: dict[str, Any] = {("text" if name == "q" else name): asked[name] for name in asked}
    try:
        return context.store.search(queries.search_request(context, **named, cursor=cursor)), ""
    except UsageError as error:
        return None, str(error)


def _choices(context: Context) -> dict[str, list[tuple[str, str]]]:
    labels = context.codebook.labels
    languages = sorted({item.language for item in context.catalogue.outlets})
    return {
        "outlet": [(item.id, item.name) for item in context.catalogue.outlets],
        "group": [(item.value, item.value) for item in Group],
        "us": [(name, labels[f"us={name}"].en) for name in US],
        "relations": [(name, labels[f"relations={name}"].en) for name in RELATIONS],
        "frame": [(name, labels[f"frame={name}"].en) for name in FRAMES],
        "language": [(name, name) for name in languages],
        "outcome": [(item.value, item.value.replace("_", " ")) for item in FramingOutcome],
        "origin": [(item.value, ORIGIN_TITLES[item]) for item in Origin],
    }


@router.get("/articles/{article_id}")
def article(request: Request, context: Installation, article_id: str) -> HTMLResponse:
    """One article: its text with the evidence marked, its labels, its versions."""
    found = queries.article_detail(context, article_id)
    if found is None:
        raise HTTPException(404, f"There is no article {article_id}.")
    return render(
        "article.html",
        request,
        context=context,
        found=found,
        versions=queries.versions(context, found),
        story=queries.carried(context, article_id),
        probabilities=detail.probabilities(context, found.prediction),
    )


@router.get("/shifts/{shift_id}")
def shift(request: Request, context: Installation, shift_id: str) -> HTMLResponse:
    """One shift: its chart, its figures, the articles that speak for it."""
    found = queries.find_shift(context, shift_id)
    if found is None:
        raise HTTPException(404, f"There is no shift {shift_id}.")
    return render(
        "shift.html",
        request,
        context=context,
        shift=found,
        charts=detail.shift_charts(context, found),
        evidence=detail.evidence(context, found),
        words=shift_words(context, found),
    )


@router.get("/demo/mails/{number}")
def mail(request: Request, number: int) -> Response:
    """One mail that the demo's sink received, shut in its frame."""
    demo = getattr(request.app.state, "demo", None)
    mails = demo.mails if demo else []
    if not 0 <= number < len(mails):
        raise HTTPException(404, f"There is no mail {number}.")
    return HTMLResponse(
        mails[number][3],
        headers={"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"},
    )


@router.get("/api")
def api(request: Request, context: Installation) -> HTMLResponse:
    """What programs can ask, from the OpenAPI document."""
    return render("api.html", request, context=context, document=request.app.openapi())
