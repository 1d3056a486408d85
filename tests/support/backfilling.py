"""An installation that watches one site with a past, and back-fills it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services import pipeline
from services.collect.backfill.found import FoundOutcome, Span
from services.collect.backfill.request import Request
from services.collect.backfill.tally import Tally
from services.context import Context
from services.domain.article import Article
from services.index.opening import open_store
from services.index.records import SearchQuery
from services.outlets.catalogue import load_catalogue
from services.settings import load_settings
from tests.support.past_site import PastSite

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
SPAN = Span(date(2025, 1, 1), date(2025, 2, 28))
JANUARY = date(2025, 1, 10)
FEBRUARY = date(2025, 2, 10)


def open_context(folder: Path, site: PastSite) -> Context:
    settings = load_settings(
        data=folder,
        host_pause=0,
        archive_pause=0,
        archive_url=site.archive,
        allow_networks=("127.0.0.0/8",),
    )
    catalogue = replace(load_catalogue(), outlets=(site.outlet(),))
    return Context(settings, open_store(settings.store_path), catalogue, clock=lambda: NOW)


def run(context: Context, *, stop_after: int = 0, **fields: object) -> Tally:
    """Back-fill the one outlet; `stop_after` new articles the user presses Ctrl-C."""
    request = Request(context.catalogue.outlets[0], SPAN, sources=("sitemap",), only_gaps=False)
    request = replace(request, **fields)  # type: ignore[arg-type]
    seen = Tally(SPAN)

    def look(tally: Tally) -> None:
        nonlocal seen
        seen = tally

    return pipeline.backfill(
        context,
        request,
        on_progress=look,
        stop=lambda: bool(stop_after) and seen.outcomes[FoundOutcome.NEW] >= stop_after,
    )


def stored(context: Context) -> dict[str, Article]:
    """The articles in the store by title."""
    hits = context.store.search(SearchQuery(limit=1000)).hits
    return {hit.article.title: hit.article for hit in hits}


def publish_a_past(site: PastSite) -> list[str]:
    titles = [f"Envoys meet on {what}" for what in ("arms", "grain", "gas", "prisoners", "trade")]
    for number, title in enumerate(titles):
        site.publish(title, JANUARY + timedelta(days=9 * number))
    return titles
