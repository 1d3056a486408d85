"""Errors as problem documents (RFC 9457): a status, and one sentence that says what to do."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from services.api.security import HEADERS
from services.api.web.templating import render
from services.errors import FramewatchError, RetryableError, UsageError

LOG = logging.getLogger("framewatch.api")
TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    422: "The request is wrong",
    500: "Failed",
    503: "Not available now",
}
INTERNAL = (
    "Something failed inside Framewatch that should not have. The log of the process says more."
)


def install(app: FastAPI) -> None:
    """Turn every error of `app` into a problem: JSON for programs, a page for readers."""
    app.add_exception_handler(FramewatchError, _on_framewatch)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unforeseen)


def status_of(error: FramewatchError) -> int:
    """Return the HTTP status that an error of ours stands for."""
    if isinstance(error, RetryableError):
        return 503
    return 422 if isinstance(error, UsageError) else 500


def _on_framewatch(request: Request, error: Exception) -> Response:
    headers = {}
    if isinstance(error, RetryableError):
        headers["Retry-After"] = str(math.ceil(error.retry_after or 5))
    status = status_of(error) if isinstance(error, FramewatchError) else 500
    if status == 500:
        LOG.error("%s %s: %s", request.method, request.url.path, error)
    return _answer(request, status, str(error), headers)


def _on_validation(request: Request, error: Exception) -> Response:
    sentences = _sentences(error.errors()) if isinstance(error, RequestValidationError) else ""
    return _answer(request, 422, sentences)


def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        return _answer(request, 500, INTERNAL)
    detail = str(error.detail)
    if error.status_code == 404 and detail == "Not Found":
        detail = f"There is nothing at {request.url.path}."
    return _answer(request, error.status_code, detail, dict(error.headers or {}))


def _on_unforeseen(request: Request, error: Exception) -> Response:
    LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    # This handler answers outside the middleware, so that the headers are set here.
    return _answer(request, 500, INTERNAL, dict(HEADERS))


def _sentences(errors: Sequence[Any]) -> str:
    """One sentence for each wrong parameter."""
    found = []
    for item in errors:
        where, *name = [str(part) for part in item["loc"]]
        found.append(f"The {where} parameter '{'.'.join(name)}' is wrong: {item['msg']}.")
    return " ".join(found)


def _answer(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    title = TITLES.get(status, "Failed")
    if _wants_page(request):
        page = render("error.html", request, title=title, status=status, detail=detail)
        page.status_code = status
        page.headers.update(headers or {})
        return page
    return JSONResponse(
        {"title": title, "status": status, "detail": detail},
        status,
        headers,
        media_type="application/problem+json",
    )


def _wants_page(request: Request) -> bool:
    path = request.url.path
    if path.startswith(("/api/", "/static/")) or path in ("/healthz", "/metrics", "/openapi.json"):
        return False
    return "text/html" in request.headers.get("accept", "")
