"""The web application: the API, the page and its static files, one process, no outside resource."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

from services.api import problems
from services.api.routers import (
    alerts,
    articles,
    codebook,
    health,
    outlets,
    revisions,
    series,
    shifts,
    stories,
)
from services.api.security import SecurityHeaders
from services.api.web import outlets as outlet_pages
from services.api.web import pages
from services.api.web import revisions as revision_pages
from services.api.web.templating import HERE, environment
from services.context import Context
from services.errors import FramewatchError
from services.queries.history import reference
from services.queries.shifts import reference_shifts

DESCRIPTION = """\
How outlets frame the United States and the New Cold War: articles with labels and evidence,
shares over time with intervals, detected shifts, the health of collection, and the ledger of
alerts. Days are UTC. Errors are problem documents whose `detail` is a sentence.

Labels are given by a machine from the words of a text. They describe texts, never persons,
and say nothing about whether a text is true.
"""


def create_app(context: Context) -> FastAPI:
    """Return the application that serves this installation.

    `app.state.demo` may be set to what the demo wants to show: an object with `banner`,
    `mails` (when, to, subject, html), `webhooks` (when, url, id, payload) and `report`.
    """
    app = FastAPI(
        title="Framewatch",
        version=_version(),
        description=DESCRIPTION,
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere; see /api instead
        redoc_url=None,
    )
    app.state.context = context
    app.state.demo = None
    for module in (articles, revisions, stories, series, shifts, outlets, alerts, codebook, health):
        app.include_router(module.router)
    app.include_router(pages.router)
    app.include_router(revision_pages.router)
    app.include_router(outlet_pages.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_middleware(GZipMiddleware, minimum_size=2048, compresslevel=5)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    _prepare(context)
    return app


def _prepare(context: Context) -> None:
    """Derive what never changes while the process runs, so that no reader waits for it."""
    for name in environment().list_templates():
        environment().get_template(name)
    # A damaged model or reference is told on every page that needs it, not by failing here.
    with suppress(FramewatchError):
        reference_shifts(context)
        reference(context, "all")


def _version() -> str:
    try:
        return version("framewatch")
    except PackageNotFoundError:
        return "0"
