"""Whether this process can do its work, and figures, for people and for whatever watches it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services import queries
from services.api import metrics
from services.api.schemas import HealthAnswer
from services.api.state import Installation

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    summary="Health of this installation",
    responses={
        503: {"model": HealthAnswer, "description": "The store or the model is not usable."}
    },
)
def healthz(context: Installation, response: Response) -> HealthAnswer:
    """`ok`; `degraded` when feeds have not been asked for long or none answers, while the page
    stays useful; `failed`, with status 503, when the store or the model cannot be used."""
    answer = queries.process_health(context)
    response.status_code = 503 if answer.status == "failed" else 200
    response.headers["Cache-Control"] = "no-store"
    return HealthAnswer.model_validate(answer)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus' text format."}},
)
def prometheus(request: Request, context: Installation) -> Response:
    """Polls and entries by outlet and outcome, time since the last success and the last new
    entry, what waits, deliveries by status. Taken from the store, whichever process is asked."""
    body = metrics.exposition(context, request.app.version)
    return Response(body, media_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})
