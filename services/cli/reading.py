"""Commands that only read: search, series, shifts, outlets."""

from __future__ import annotations

import csv
import sys
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from services import queries
from services.cli.options import (
    Data,
    Groups,
    Json,
    Outlets,
    Since,
    Until,
    settings_for,
    span,
)
from services.cli.options import day as read_day
from services.cli.output import clean, out, percent, print_json, print_jsonl, safe, say, table
from services.context import open_context
from services.domain.article import Origin
from services.domain.series import SeriesPoint
from services.errors import UsageError
from services.index.records import SearchHit
from services.queries.words import ORIGIN_TITLES

Every = Literal["day", "week"]
About = Literal["all", "us"]
_BAR = 24


def search(
    query: Annotated[str, typer.Argument(help='Words, "phrases", -without; may be empty.')] = "",
    outlet: Outlets = None,
    group: Groups = None,
    us: Annotated[list[str] | None, typer.Option(help="Portrayal of the US: hostile, …")] = None,
    relations: Annotated[list[str] | None, typer.Option(help="confrontation, detente, …")] = None,
    frame: Annotated[list[str] | None, typer.Option(help="A frame that must be there.")] = None,
    origin: Annotated[
        Literal["live", "imported", "backfilled"] | None,
        typer.Option(help="Only articles that came here so.", show_default=False),
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Articles at most.")] = 20,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """Search the collected articles; newest first. With --json one object a line."""
    first, last = span(since, until)
    with open_context(settings_for(data)) as context:
        request = queries.search_request(
            context,
            text=query,
            outlet=tuple(outlet or ()),
            group=tuple(group or ()),
            us=tuple(us or ()),
            relations=tuple(relations or ()),
            frame=tuple(frame or ()),
            origin=origin or "",
            since=first,
            until=last,
            limit=limit,
        )
        page = context.store.search(request)
    if as_json:
        print_jsonl(queries.hit_row(hit) for hit in page.hits)
        return 0
    for hit in page.hits:
        _print_hit(hit)
    say(f"{page.total:,} articles found, {len(page.hits)} shown.")
    return 0


def _print_hit(hit: SearchHit) -> None:
    article, labels = hit.article, hit.prediction.labels() if hit.prediction else ()
    out.print(Text(clean(article.title), style="bold"))
    outcome = str(hit.prediction.outcome) if hit.prediction else "not classified yet"
    came = "" if article.origin is Origin.LIVE else f" · {ORIGIN_TITLES[article.origin]}"
    out.print(Text(f"  {article.day} · {article.outlet}{came} · {', '.join(labels) or outcome}"))
    snippet = Text("  ")
    for position, piece in enumerate(hit.snippet.split("\ue000")):
        marked, _, rest = piece.partition("\ue001") if position else ("", "", piece)
        snippet.append(safe(marked), style="reverse").append(safe(rest))
    out.print(snippet)
    out.print(Text(f"  {clean(article.url)}", style="dim"))


def series(
    label: Annotated[
        str, typer.Option(help="relations=detente, us=hostile, frame=dialogue, …", metavar="LABEL")
    ],
    group: Annotated[str | None, typer.Option(help="state, alternative or control.")] = None,
    outlet: Annotated[str | None, typer.Option(help="One outlet.")] = None,
    about: Annotated[
        About, typer.Option(help="Count all articles, or those about the US.")
    ] = "all",
    since: Since = None,
    until: Until = None,
    every: Annotated[Every, typer.Option(help="One row a day or a week.")] = "day",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """Show the share of a label over time, with 95 % intervals and the reference history."""
    first, last = span(since, until)
    with open_context(settings_for(data)) as context:
        key = queries.series_key(context, label, group=group, outlet=outlet, about=about)
        result = queries.series(context, key, since=first, until=last, every=every)
    points = sorted((*result.reference, *result.points), key=lambda point: point.day)
    if as_json:
        print_json({"series": str(key), "note": result.note, "points": [*map(_point, points)]})
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, [*_POINT_FIELDS])
        writer.writeheader()
        writer.writerows(map(_line, points))
    else:
        rows = [_point_cells(point) for point in points if point.n or point.observed == "no"]
        columns = ("from", "articles", "share", "95 % interval", "", "source", "observed")
        table(str(key), columns, rows)
        if result.note:
            say(result.note)
    return 0


_POINT_FIELDS = (
    *("day", "n", "k", "share", "low", "high", "expected", "source", "observed"),
    *("outlets", "outlets_missing"),
)


def _point(point: SeriesPoint) -> dict[str, Any]:
    row = queries.point_row(point)
    for name in ("share", "low", "high", "expected"):
        value = getattr(point, name)
        row[name] = None if value is None else round(value, 5)
    return {name: row[name] for name in _POINT_FIELDS}


def _line(point: SeriesPoint) -> dict[str, Any]:
    """A point for CSV: a list becomes words, and null an empty field."""
    row = _point(point)
    return row | {"outlets_missing": " ".join(row["outlets_missing"])}


def _point_cells(point: SeriesPoint) -> tuple[str, ...]:
    bar = "█" * round((point.share or 0) * _BAR)
    interval = f"{percent(point.low)} – {percent(point.high)}" if point.n else ""
    articles = f"{point.n:,}" if point.n else "–"
    source = point.source if point.n else ""
    return (
        *(str(point.day), articles, percent(point.share), interval, bar, source),
        _observed_words(point),
    )


def _observed_words(point: SeriesPoint) -> str:
    if point.observed == "no":
        return "not observed"
    if point.missing and point.members > 1:
        return f"{point.members - len(point.missing)} of {point.members} outlets"
    return point.observed if point.observed in ("partly", "unknown") else ""


def shifts(
    label: Annotated[str | None, typer.Option(help="Shifts of this label.")] = None,
    signal: Annotated[str | None, typer.Option(help="Shifts of this signal: thaw, chill.")] = None,
    group: Annotated[str | None, typer.Option(help="state, alternative or control.")] = None,
    outlet: Annotated[str | None, typer.Option(help="One outlet.")] = None,
    since: Since = None,
    until: Until = None,
    baseline: Annotated[
        str | None,
        typer.Option(metavar="FROM..TO", help="Compare with these days instead of the 28 before."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> int:
    """List detected shifts: what moved, when it began, how sure we are."""
    first, last = span(since, until)
    with open_context(settings_for(data)) as context:
        found = queries.shifts(
            context,
            label=label,
            signal=signal,
            group=group,
            outlet=outlet,
            since=first,
            until=last,
            baseline=_baseline(baseline),
        )
    if as_json:
        print_json([queries.shift_row(shift) for shift in found])
        return 0
    rows = []
    for shift in found:
        base, now = shift.baseline, shift.current
        rows.append(
            (
                shift.series,
                f"{shift.direction} ({shift.level})",
                f"{shift.onset} ({shift.onset_low} – {shift.onset_high})",
                str(shift.alarm_date),
                f"{percent(base.share)} ({percent(base.low)} – {percent(base.high)}), n={base.n:,}",
                f"{percent(now.share)} ({percent(now.low)} – {percent(now.high)}), n={now.n:,}",
                f"{shift.source}, at a seam" if shift.seam else shift.source,
            )
        )
    columns = ("series", "direction", "began", "alarm", "baseline", "since then", "source")
    table(f"{len(found)} shifts, newest first", columns, rows)
    return 0


def _baseline(text: str | None) -> tuple[Any, Any] | None:
    if text is None:
        return None
    first, dots, last = text.partition("..")
    if not dots:
        raise UsageError("--baseline wants two days, as 2025-01-01..2025-01-31.")
    start, end = read_day(first, "--baseline"), read_day(last, "--baseline")
    if start and end and start > end:
        raise UsageError(f"--baseline begins on {start}, after its end {end}; swap them.")
    return start, end
