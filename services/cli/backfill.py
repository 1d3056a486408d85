"""`framewatch backfill`: what an outlet published before we watched it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from services import pipeline
from services.cli.options import CatalogueFile, Data, Json, settings_for, span
from services.cli.output import err, print_json, say, table
from services.cli.run import stopped_by_signals
from services.collect.backfill.found import FoundOutcome, Span
from services.collect.backfill.request import Request
from services.collect.backfill.tally import SOURCES, SourceName, SourceTally, Tally
from services.collect.http.targets import host_if_any
from services.context import Context, open_context
from services.domain.outlet import Outlet
from services.errors import UsageError
from services.pipeline.backfill_mark import unfinished_until
from services.queries.names import outlet_ids
from services.queries.words import duration

LINE_SECONDS: Final = 30.0
INTERRUPTED: Final = 130
CAVEAT: Final = (
    "A back-filled sample is not a live one: it holds what archives and sitemaps still hold, in "
    "its latest wording or in the one that was saved, and nothing that was deleted since."
)
Source = Literal["auto", "feed", "sitemap", "archive"]


def backfill(
    outlet: Annotated[str, typer.Argument(help="An outlet of the catalogue, by id or name.")],
    since: Annotated[str, typer.Option(metavar="DAY", help="First day, as 2024-09-01.")],
    until: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Last day; yesterday if left out.", show_default=False),
    ] = None,
    source: Annotated[
        Source,
        typer.Option(help="auto: the feed's older pages, sitemaps, then an archive for gaps."),
    ] = "auto",
    site: Annotated[
        str,
        typer.Option(metavar="URL", help="Only addresses that begin so, as https://a.example/en/."),
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help="End after so many new articles.", show_default=False)
    ] = None,
    pages: Annotated[
        bool, typer.Option(help="Fetch pages where a source names no title or no date.")
    ] = True,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look what there is and what it takes; store nothing.")
    ] = False,
    data: Data = None,
    catalogue: CatalogueFile = None,
    as_json: Json = False,
) -> int:
    """Bring in what an outlet published before Framewatch watched it.

    It asks slowly, as the site's robots.txt allows, and can be stopped at any time: the same
    command goes on where it was. What it brings in is marked as back-filled wherever it is shown.
    """
    with open_context(settings_for(data, catalogue)) as context:
        wanted = _request(context, outlet, since, until, source, site)
        request = Request(*wanted, site=site, pages=pages, limit=limit, plan=dry_run)
        started = time.monotonic()
        with stopped_by_signals() as stop, _progress(request) as on_progress:
            tally = pipeline.backfill(context, request, stop=stop.is_set, on_progress=on_progress)
        if dry_run:
            _tell_plan(context, request, tally, as_json)
            return _code(tally)
        interrupted = stop.is_set()
        finished = Counter[str]() if interrupted else _finish(context)
        _tell(context, request, tally, finished, time.monotonic() - started, as_json)
    return INTERRUPTED if interrupted else _code(tally)


def _code(tally: Tally) -> int:
    """1 when sources failed and nothing at all was found."""
    return 1 if tally.notes and not tally.outcomes else 0


def _request(
    context: Context, name: str, since: str, until: str | None, source: Source, site: str
) -> tuple[Outlet, Span, tuple[SourceName, ...], bool]:
    """The outlet, the days, the sources, and whether the archive is only to fill gaps."""
    outlet = context.catalogue.get(outlet_ids(context, (name,))[0])
    if outlet is None:
        raise UsageError(f"The catalogue has no outlet {name!r}.")
    if site and not host_if_any(site):
        raise UsageError(f"--site wants an address such as https://a.example/en/, not {site!r}.")
    today = context.clock().date()
    first, last = span(since, until)
    if first is None:
        raise UsageError("--since wants a day such as 2024-09-01.")
    if last is None:
        yesterday = today - timedelta(days=1)
        last = unfinished_until(context, outlet.id, first) or yesterday
    last = min(last, today)
    if first > last:
        raise UsageError(f"--since {first} is not in the past: there is nothing to back-fill.")
    sources: tuple[SourceName, ...] = SOURCES if source == "auto" else (source,)
    return outlet, Span(first, last), sources, source == "auto"


@contextmanager
def _progress(request: Request) -> Iterator[Callable[[Tally], None]]:
    """Lines that move on a terminal; elsewhere one every half minute."""
    if not err.is_terminal:
        yield _lines()
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        line = progress.add_task(f"asking {request.outlet.name}", total=None)
        place = progress.add_task("", total=None)

        def show(tally: Tally) -> None:
            progress.update(line, description=_state(tally))
            progress.update(place, description=tally.place)

        yield show


def _lines() -> Callable[[Tally], None]:
    last = time.monotonic()

    def tell(tally: Tally) -> None:
        nonlocal last
        if time.monotonic() - last >= LINE_SECONDS:
            last = time.monotonic()
            say(f"{_state(tally)} ({tally.place})")

    return tell


def _state(tally: Tally) -> str:
    outcomes = tally.outcomes
    months = sum(1 for month, counts in tally.months.items() if month and _held(counts))
    left = "" if tally.seconds_left is None else f", about {_time(tally.seconds_left)} left"
    return (
        f"{outcomes[FoundOutcome.NEW]:,} new of {outcomes.total():,} found, "
        f"{months} month{'' if months == 1 else 's'}, {tally.requests:,} requests{left}"
    )


def _held(counts: Counter[FoundOutcome]) -> int:
    return counts[FoundOutcome.NEW] + counts[FoundOutcome.KNOWN]


def _time(seconds: float) -> str:
    return duration(timedelta(seconds=seconds))


def _finish(context: Context) -> Counter[str]:
    """Label, link and count what came in, and look for shifts, as after an import."""
    left = context.store.stats(context.model).unclassified

    def classified(size: int) -> None:
        nonlocal left
        left -= size
        status.update(f"classifying, {max(0, left):,} left")

    with err.status("classifying") as status:
        done = pipeline.classify_waiting(context, classified)
        status.update("looking for copies")
        pipeline.link_copies(context)
        status.update("counting")
        done["days counted"] = pipeline.count(context)
        status.update("looking for shifts")
        done["shifts"] = len(pipeline.detect(context))
        pipeline.raise_alerts(context)
    return done


def _tell(
    context: Context,
    request: Request,
    tally: Tally,
    finished: Counter[str],
    seconds: float,
    as_json: bool,
) -> None:
    if as_json:
        print_json({**_row(request, tally), **dict(finished), "note": CAVEAT})
        return
    _month_table(request, tally)
    stats = context.store.stats(context.model)
    held = stats.articles_by_outlet.get(request.outlet.id, 0)
    say(
        f"{tally.requests:,} requests in {_time(seconds)}. The store now holds {held:,} articles "
        f"of {request.outlet.name}."
    )
    if tally.limited:
        say("The limit is reached; the same command goes on from here.")
    elif tally.stopped:
        say("Stopped. What was found is kept; the same command goes on from here.")
    if tally.outcomes[FoundOutcome.NEW]:
        say(CAVEAT)


def _month_table(request: Request, tally: Tally) -> None:
    for note in tally.notes:
        say(note, "yellow")
    outcomes = tally.outcomes
    if not outcomes:
        say(f"Nothing was found of {request.outlet.name}.")
        return
    shown = [name for name in FoundOutcome if outcomes[name]]
    rows = [
        (month or "unknown", *(f"{counts[name]:,}" if counts[name] else "" for name in shown))
        for month, counts in sorted(tally.months.items(), key=lambda item: item[0] or "~")
    ]
    rows.append(("in all", *(f"{outcomes[name]:,}" for name in shown)))
    days = f"{request.span.since} to {request.span.until}"
    title = f"{outcomes.total():,} addresses of {request.outlet.name} found for {days}"
    table(title, ("published", *(name.value.replace("_", " ") for name in shown)), rows)


def _tell_plan(context: Context, request: Request, tally: Tally, as_json: bool) -> None:
    pause = context.settings.host_pause
    if as_json:
        print_json({**_row(request, tally), "pause": pause})
        return
    for note in tally.notes:
        say(note, "yellow")
    if not tally.outcomes:
        say(f"Nothing was found of {request.outlet.name}.")
        return
    rows = [
        (
            item.name,
            f"{item.documents:,}",
            "unknown" if item.documents_left is None else f"{item.documents_left:,}",
            f"{item.found:,}",
            f"{item.in_range:,}",
            f"{item.wanted:,}",
        )
        for item in tally.sources.values()
    ]
    columns = ("source", "documents read", "left", "addresses", "may be in range", "want a page")
    days = f"{request.span.since} to {request.span.until}"
    table(f"What there is of {request.outlet.name} for {days}", columns, rows)
    say(_estimate(tally, pause))


def _estimate(tally: Tally, pause: float) -> str:
    requests = sum(map(_requests, tally.sources.values()))
    known = all(item.documents_left is not None for item in tally.sources.values())
    about = "about" if known else "at least"
    return (
        f"Nothing was stored. With a pause of {pause:g} seconds between requests it takes "
        f"{about} {requests:,} requests, {about} {_time(requests * max(pause, 1.0))}, "
        "if documents not read yet hold as much as those read."
    )


def _requests(source: SourceTally) -> int:
    documents = source.documents + (source.documents_left or 0)
    return round(documents * (1 + source.wanted / max(1, source.documents)))


def _row(request: Request, tally: Tally) -> dict[str, Any]:
    return {
        "outlet": request.outlet.id,
        "since": request.span.since.isoformat(),
        "until": request.span.until.isoformat(),
        "stopped": tally.stopped,
        "requests": tally.requests,
        "seconds_left": tally.seconds_left,
        "outcomes": {name.value: count for name, count in sorted(tally.outcomes.items())},
        "months": {
            month or "unknown": {name.value: count for name, count in sorted(counts.items())}
            for month, counts in sorted(tally.months.items())
        },
        "sources": [
            {
                "source": item.name,
                "documents": item.documents,
                "documents_left": item.documents_left,
                "addresses": item.found,
                "in_range": item.in_range,
                "want_page": item.wanted,
                "problem": item.note,
            }
            for item in tally.sources.values()
        ],
    }
