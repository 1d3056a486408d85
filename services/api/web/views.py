"""From the overview to the charts of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from services.api.web.charts import timeline
from services.api.web.charts.timeline import Dot, Event, Line, Shade, Timeline
from services.api.web.composition import frames_chart, portrayal_charts
from services.api.web.drawn import NARROW, WIDE, Drawn
from services.api.web.marks import CONFRONTATION, DETENTE, chosen_for, mark, numbered
from services.context import Context
from services.domain.series import SeriesKey, SeriesPoint, is_backfilled
from services.queries.buckets import DAYS, Bucket, points
from services.queries.cache import derived
from services.queries.dark import dark_days
from services.queries.overview import Overview, Track
from services.queries.words import came, day, label_title, percent

EVENTS: Final = (
    Event(date(2014, 3, 18), "Crimea annexed"),
    Event(date(2016, 11, 8), "Trump elected"),
    Event(date(2018, 7, 16), "Helsinki summit"),
    Event(date(2020, 11, 3), "Biden elected"),
    Event(date(2022, 2, 24), "Invasion of Ukraine"),
    Event(date(2024, 11, 5), "Trump re-elected"),
    Event(date(2025, 2, 24), "US and Russia vote together"),
    Event(date(2025, 8, 15), "Alaska summit"),
)
"""For orientation on charts that span years; not derived from any data of ours."""


FEW: Final = 20  # articles below which a point is not joined to its neighbours


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a chart's legend; `every` says how long a period each point stands for, `dash`
    is that of the line."""

    words: str
    colour: str
    dash: int
    every: str


@dataclass(frozen=True, slots=True)
class Charts:
    """All charts of the page. `numbers` are those of shifts, on the charts and in the table;
    `backfilled` is true when part of a line is drawn as back-filled.
    """

    relations: tuple[Drawn, ...]
    portrayals: tuple[Drawn, ...]
    frames: Drawn | None
    legend: tuple[Key, ...]
    backfilled: bool
    numbers: Mapping[str, int]
    dark: bool


def drawn(context: Context, view: Overview) -> Charts:
    """Return the charts of an overview, drawn once for each."""
    shades = _shades(context, view)

    def draw() -> Charts:
        return Charts(
            relations=(
                share_chart(context, view, "relations=confrontation", CONFRONTATION, shades),
                share_chart(context, view, "relations=detente", DETENTE, shades),
            ),
            portrayals=tuple(portrayal_charts(view)),
            frames=frames_chart(context, view),
            legend=tuple(
                Key(item.title, item.group, _dash(view, item), item.every) for item in view.tracks
            ),
            backfilled=any(
                is_backfilled(bucket.source) for item in view.tracks for bucket in item.buckets
            ),
            numbers=numbered(view),
            dark=bool(shades),
        )

    mark = f"{view.mark}|{shades}"  # an outage changes no count
    return derived(context).get(("charts", view.window.name, view.about), mark, draw)


def _shades(context: Context, view: Overview) -> tuple[Shade, ...]:
    """The days of which too little of a group that is shown was observed."""
    scopes = [track.scope for track in view.tracks if not track.reference]
    window = view.window
    return tuple(
        Shade(item.since, item.until, item.words)
        for scope in scopes
        for item in dark_days(context, scope, window.since, window.until)
    )


def share_chart(
    context: Context,
    view: Overview,
    label: str,
    shifts_of: Sequence[str],
    shades: tuple[Shade, ...] = (),
) -> Drawn:
    """Return the shares of `label` over time, with the shifts of the series named."""
    numbers = numbered(view)
    title = label_title(context, label)
    among = "articles about the United States" if view.about == "us" else "all articles"
    lines = tuple(_line(track, label, view) for track in view.tracks)
    chart = Timeline(
        id=f"chart-{label.partition('=')[2]}",
        title=f"{title}: share of {among}",
        description=_described(lines, view),
        since=view.window.since,
        until=view.window.until,
        lines=lines,
        marks=tuple(
            mark(context, shift, numbers[shift.id]) for shift in chosen_for(view, shifts_of)
        ),
        shades=shades,
        events=EVENTS if (view.window.until - view.window.since).days > 1000 else (),
    )
    phone = replace(chart, id=f"{chart.id}-narrow", events=())
    return Drawn(
        title,
        timeline.draw(chart, WIDE, 250, pointed=True),
        timeline.draw(phone, NARROW, 230),
        ("from", "outlets", "share", "95 % interval", "articles"),
        tuple(_rows(view, label)),
    )


def _dash(view: Overview, track: Track) -> int:
    """Which dashes a track is drawn with: 0 none, 1 to 3 for the reference histories in turn."""
    past = [item.scope for item in view.tracks if item.reference]
    return past.index(track.scope) % 3 + 1 if track.reference else 0


def _line(track: Track, label: str, view: Overview) -> Line:
    every = track.every
    dots = tuple(
        Dot(
            bucket.middle,
            point.share or 0.0,
            point.low or 0.0,
            point.high or 0.0,
            f"{_period(bucket, every)}: {percent(point.share or 0.0)} "
            f"({_range(point)}), n={bucket.n:,}{came(bucket.source)}",
            few=bucket.n < FEW,
            backfilled=is_backfilled(bucket.source),
        )
        for bucket, point in _points(track, label, view)
        if not _just_begun(bucket, view)
    )
    return Line(track.title, track.group, dots, 2 * DAYS[every] + 3, _dash(view, track))


def _just_begun(bucket: Bucket, view: Overview) -> bool:
    """True for a last period of a few articles, which only shows that it is not over."""
    return bucket.n < FEW and bucket.start > view.window.until - timedelta(days=7)


def _rows(view: Overview, label: str) -> list[tuple[str, ...]]:
    rows = [
        (
            str(bucket.start),
            track.title,
            f"{(point.share or 0) * 100:.1f} %",
            f"{_range(point)} %",
            f"{bucket.n:,}",
        )
        for track in view.tracks
        for bucket, point in _points(track, label, view)
    ]
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _points(track: Track, label: str, view: Overview) -> list[tuple[Bucket, SeriesPoint]]:
    key = SeriesKey(label, track.scope, view.about)
    return list(zip(track.buckets, points(track.buckets, key), strict=True))


def _range(point: SeriesPoint) -> str:
    return f"{(point.low or 0) * 100:.1f} to {(point.high or 0) * 100:.1f}"


def _period(bucket: Bucket, every: str) -> str:
    if every == "month":
        return f"{bucket.start:%B %Y}"
    if every == "quarter":
        return f"{bucket.start:%B %Y} and the two months after"
    return f"week of {day(bucket.start)}" if every == "week" else day(bucket.start)


def _described(lines: Sequence[Line], view: Overview) -> str:
    parts = [
        f"{line.name}: {percent(line.dots[-1].share)} in the last period shown"
        for line in lines
        if line.dots
    ]
    span = f"From {day(view.window.since)} to {day(view.window.until)}."
    return " ".join((span, "; ".join(parts) + ".")) if parts else span
