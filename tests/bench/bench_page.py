"""The first page view on a store of 35,000 articles and twelve years of reference history.

    python -m tests.bench.bench_page [--articles 35000] [--json]

A real server on loopback serves a real store; nothing of the page is cached before the first
view, and every later first view follows a change of the counts, which empties the cache. Times
are milliseconds by the clock and of the processor, the median of five; the target is held
against the processor's, since other programs may share the machine. Exit code 1 when missed.
"""

from __future__ import annotations

import argparse
import json
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import numpy as np

from services import pipeline
from services.api.app import create_app
from services.context import Context
from services.domain.codebook import FRAMES, RELATIONS, US
from services.domain.series import ABOUTS, DayCounts
from services.queries.overview import TOKENS
from services.shifts.reference import Reference, ReferenceSource
from tests.support.reading import browser, installation
from tests.support.records import MODEL, at, make_article, make_prediction

LIMIT_MS = 300.0
YEARS = 12
OUTLETS = ("rt", "tass", "ria-novosti", "global-research", "zero-hedge", "bbc-world", "al-jazeera")
END = date(2026, 3, 12)
VIEWS = 5


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds by the clock and of the processor."""

    clock: float
    processor: float


def fill(context: Context, articles: int) -> None:
    """Store `articles` over eleven years, more towards the end, and count their days."""
    rng = np.random.default_rng(3)
    days = np.sort(4000 - (4000 * rng.beta(1.0, 2.0, articles)).astype(int))
    for start in range(0, articles, 1000):
        numbers = range(start, min(start + 1000, articles))
        batch = [
            make_article(
                number,
                outlet=OUTLETS[number % len(OUTLETS)],
                title=f"Envoys discuss topic {number} in a neutral capital",
                day=END - timedelta(days=4000 - int(days[number])),
            )
            for number in numbers
        ]
        context.store.add_articles(batch)
        context.store.save_predictions(
            [
                make_prediction(
                    item,
                    us=US[rng.integers(len(US))],
                    relations=RELATIONS[rng.integers(len(RELATIONS))],
                    frames=(FRAMES[rng.integers(len(FRAMES))],),
                )
                for item in batch
            ]
        )
    pipeline.count(context)
    pipeline.detect(context)


def past(years: int) -> Reference:
    """Return a reference history of two outlets, one row for each day and about."""
    rng = np.random.default_rng(4)
    days = 365 * years
    rows = []
    for outlet in ("rt", "tass"):
        shares = rng.beta(1.0, 6.0, 27)
        for step in range(days):
            counts = tuple(rng.binomial(20, shares).tolist())
            day = END - timedelta(days=days - step)
            rows += [
                DayCounts(
                    f"outlet:{outlet}", about, day, MODEL, 20, counts, counts, (outlet,), "bench"
                )
                for about in ABOUTS
            ]
    first = END - timedelta(days=days)
    sources = tuple(
        ReferenceSource(name, "bench", first, END, 20 * days) for name in ("rt", "tass")
    )
    return Reference(MODEL, sources, tuple(rows))


def timed(call: Callable[[], object]) -> Times:
    """Run `call` once."""
    clock, processor = time.perf_counter(), time.process_time()
    call()
    return Times(1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - processor))


def measure(articles: int) -> dict[str, float]:
    """Return the figures of one run."""
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(Path(folder), clock=lambda: at(END), reference=past(YEARS)) as context,
    ):
        fill(context, articles)
        started = timed(lambda: create_app(context))
        app = create_app(context)
        with browser(context, app) as client:
            client.get("/static/style.css").raise_for_status()
            first = [timed(lambda: changed(context, client)) for _ in range(VIEWS)]
            again = [timed(lambda: view(client)) for _ in range(VIEWS)]
            size = len(client.get("/").content)
    return {
        "articles": articles,
        "reference_years": YEARS,
        "first_view_ms": round(statistics.median(item.processor for item in first), 1),
        "first_view_clock_ms": round(statistics.median(item.clock for item in first), 1),
        "very_first_view_ms": round(first[0].processor, 1),
        "again_ms": round(statistics.median(item.processor for item in again), 1),
        "again_clock_ms": round(statistics.median(item.clock for item in again), 1),
        "start_ms": round(started.processor, 1),
        "page_bytes": size,
        "limit_ms": LIMIT_MS,
    }


def changed(context: Context, client: httpx.Client) -> None:
    """View the page as after a round that counted something."""
    context.store.set_meta(TOKENS[0], secrets.token_hex(8))
    view(client)


def view(client: httpx.Client) -> None:
    """View the page once."""
    client.get("/").raise_for_status()


def main() -> int:
    """Print the figures; 0 when the first view is below the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=35_000)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    arguments = parser.parse_args()
    found = measure(arguments.articles)
    if arguments.json:
        print(json.dumps(found))
    else:
        print(
            f"page: first view on {found['articles']:,} articles and {YEARS} years of reference "
            f"{found['first_view_ms']:.0f} ms of the processor "
            f"({found['first_view_clock_ms']:.0f} ms by the clock; limit {LIMIT_MS:.0f} ms), "
            f"very first {found['very_first_view_ms']:.0f} ms, then {found['again_ms']:.0f} ms"
        )
    worst = max(found["first_view_ms"], found["very_first_view_ms"])
    return 0 if worst < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
