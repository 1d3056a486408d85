"""The pages of outlets and of alerts: how the collection went, and who was told of what."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from services import queries
from services.api.state import Installation
from services.api.web.charts import days
from services.api.web.drawn import NARROW, WIDE, Drawn
from services.api.web.templating import render
from services.context import Context
from services.domain.alert import Alert
from services.queries.outlet import OutletDay, OutletDetail
from services.queries.words import day as day_words

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
ALERTS = 200
SEEN = {
    "yes": "",
    "partly": "seen in part",
    "no": "not observed",
    "unknown": "before the first poll",
}


@router.get("/outlets/{outlet_id}")
def outlet(request: Request, context: Installation, outlet_id: str) -> HTMLResponse:
    """One outlet: what came and what was to be expected, its feed, its polls."""
    for detail in queries.outlet_details(context, (outlet_id,)):
        return render(
            "outlet.html",
            request,
            context=context,
            detail=detail,
            drawn=days_chart(detail),
            gaps=gap_alerts(context, outlet_id),
            seen=SEEN,
        )
    raise HTTPException(404, f"The catalogue has no outlet {outlet_id}.")


@router.get("/alerts")
def alerts(request: Request, context: Installation) -> HTMLResponse:
    """Every alert, told or not."""
    entries = queries.alert_ledger(context, ALERTS)
    return render("alerts.html", request, context=context, entries=entries, limit=ALERTS)


def days_chart(detail: OutletDetail) -> Drawn:
    """Return the articles of the last weeks beside those that were to be expected."""
    outlet = detail.health.outlet
    title = f"Articles a day of {outlet.name}"
    known = [_day(item) for item in detail.days]
    unseen = sum(item.unseen for item in known)
    description = (
        f"From {day_words(known[0].day)} to {day_words(known[-1].day)}; {unseen} days were not "
        "observed."
    )
    return Drawn(
        title,
        days.draw("days", title, known, WIDE, 190, description),
        days.draw("days-narrow", title, known[-28:], NARROW, 170, description),
        ("day", "articles", "usual", "observed", "polls that succeeded", "polls that failed"),
        tuple(_row(item) for item in reversed(detail.days)),
    )


def gap_alerts(context: Context, outlet: str) -> list[Alert]:
    """Return the gaps in the outlet's collection that were noticed, newest first."""
    known = context.store.alerts(limit=1_000_000)
    return [alert for alert in known if alert.gap is not None and alert.gap.outlet in (outlet, "")]


def _day(item: OutletDay) -> days.Day:
    words = f"{day_words(item.day)}: {_came(item)}, {_usual(item)} usual"
    if SEEN[item.observed]:
        words += f", {SEEN[item.observed]}"
    return days.Day(item.day, item.articles, item.expected, item.observed, words)


def _came(item: OutletDay) -> str:
    if item.observed == "no" and not item.articles:
        return "–"
    return f"{item.articles:,}"


def _usual(item: OutletDay) -> str:
    return f"{item.expected:.0f}" if item.expected else "–"


def _row(item: OutletDay) -> tuple[str, ...]:
    return (
        *(str(item.day), _came(item), _usual(item), SEEN[item.observed] or "yes"),
        *(f"{item.polls_ok:,}", f"{item.polls_failed:,}"),
    )
