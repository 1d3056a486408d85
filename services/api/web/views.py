"""From the overview to the charts and tables of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from markupsafe import Markup

from services.api.web.charts import columns, dots, timeline
from services.api.web.charts.columns import Column
from services.api.web.charts.timeline import Dot, Event, Line, Timeline
from services.api.web.charts.timeline import Mark as ShiftMark
from services.context import Context
from services.domain.codebook import FRAMES
from services.domain.series import SeriesKey, group_scope
from services.domain.shift import Direction, Level, Shift
from services.queries.buckets import DAYS, Bucket, points
from services.queries.cache import derived
from services.queries.overview import Overview, Track
from services.queries.standing import GroupStanding
from services.queries.words import day, label_title, percent, scope_title

WIDE: Final = 1120.0
NARROW: Final = 340.0
PORTRAYALS: Final = ("hostile", "neutral", "favourable")
TOP_FRAMES: Final = 9
MARKS_SHOWN: Final = 12
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


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart in both widths, and its figures as rows for whoever cannot see it."""

    title: str
    wide: Markup
    narrow: Markup
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of a chart's legend."""

    words: str
    colour: str
    reference: bool


@dataclass(frozen=True, slots=True)
class Charts:
    """All charts of the page. `numbers` are the shifts' numbers on charts and in the table."""

    relations: tuple[Drawn, ...]
    portrayals: tuple[Drawn, ...]
    frames: Drawn | None
    legend: tuple[Key, ...]
    numbers: Mapping[str, int]


def drawn(context: Context, view: Overview) -> Charts:
    """Return the charts of an overview, drawn once for each."""

    def draw() -> Charts:
        return Charts(
            relations=(
                share_chart(context, view, "relations=confrontation", "chill"),
                share_chart(context, view, "relations=detente", "thaw"),
            ),
            portrayals=tuple(portrayal_charts(view)),
            frames=frames_chart(context, view),
            legend=tuple(legend(view)),
            numbers=numbered(view),
        )

    return derived(context).get(("charts", view.window.name, view.about), view.mark, draw)


def numbered(view: Overview) -> dict[str, int]:
    """Return a number for each shift within the window, in the order of onsets."""
    window = view.window
    inside = [item for item in view.shifts if window.since <= item.onset <= window.until]
    return {item.id: number for number, item in enumerate(inside, start=1)}


def legend(view: Overview) -> list[Key]:
    """Return which line is whose."""
    return [Key(track.title, track.group, track.reference) for track in view.tracks]


def share_chart(context: Context, view: Overview, label: str, signal: str) -> Drawn:
    """Return the shares of `label` over time with the shifts of `label` and its `signal`."""
    numbers = numbered(view)
    wanted = (label, f"signal={signal}")
    marks = tuple(
        _mark(context, shift, numbers[shift.id])
        for shift in view.shifts
        if shift.id in numbers and SeriesKey.parse(shift.series).label in wanted
    )
    lines = tuple(_line(track, label, view) for track in view.tracks)
    title = label_title(context, label)
    among = "articles about the United States" if view.about == "us" else "all articles"
    years = (view.window.until - view.window.since).days > 1000
    chart = Timeline(
        id=f"chart-{signal}",
        title=f"{title}: share of {among}",
        description=_described(lines, view),
        since=view.window.since,
        until=view.window.until,
        lines=lines,
        marks=_strongest(marks, view),
        events=EVENTS if years else (),
    )
    return Drawn(
        title,
        timeline.draw(chart, WIDE, 250),
        timeline.draw(_for_phone(chart), NARROW, 230),
        ("from", "outlets", "share", "95 % interval", "articles"),
        tuple(_rows(view, label)),
    )


def _line(track: Track, label: str, view: Overview) -> Line:
    key = SeriesKey(label, track.scope, view.about)
    every = view.window.every
    found = []
    for bucket, point in zip(track.buckets, points(track.buckets, key), strict=True):
        share, low, high = point.share or 0.0, point.low or 0.0, point.high or 0.0
        words = (
            f"{_period(bucket, every)}: {percent(share)} "
            f"({low * 100:.0f} to {high * 100:.0f}), n={bucket.n:,}"
        )
        found.append(Dot(bucket.middle, share, low, high, bucket.n, words))
    return Line(track.title, track.group, tuple(found), 2 * DAYS[every] + 3, track.reference)


def _rows(view: Overview, label: str) -> list[tuple[str, ...]]:
    rows = []
    for track in view.tracks:
        key = SeriesKey(label, track.scope, view.about)
        for bucket, point in zip(track.buckets, points(track.buckets, key), strict=True):
            interval = f"{(point.low or 0) * 100:.1f} to {(point.high or 0) * 100:.1f} %"
            share = f"{(point.share or 0) * 100:.1f} %"
            rows.append((bucket.start.isoformat(), track.title, share, interval, f"{bucket.n:,}"))
    return sorted(rows, key=lambda row: row[0], reverse=True)


def _period(bucket: Bucket, every: str) -> str:
    if every == "month":
        return f"{bucket.start:%B %Y}"
    return f"week of {day(bucket.start)}" if every == "week" else day(bucket.start)


def _mark(context: Context, shift: Shift, number: int) -> ShiftMark:
    key = SeriesKey.parse(shift.series)
    scope = key.scope.removeprefix("group:")
    colour = scope
    if key.scope.startswith("outlet:"):
        outlet = context.catalogue.get(key.scope.removeprefix("outlet:"))
        colour, scope = (outlet.group.value, outlet.name) if outlet else ("", key.scope)
    arrow = "↑" if shift.direction is Direction.UP else "↓"
    return ShiftMark(
        number=number,
        colour=colour,
        onset=shift.onset,
        low=shift.onset_low,
        high=shift.onset_high,
        words=f"{scope} {arrow} {shift.onset:%b %Y}",
        href=f"/shifts/{shift.id}",
    )


def _strongest(marks: Sequence[ShiftMark], view: Overview) -> tuple[ShiftMark, ...]:
    """At most MARKS_SHOWN marks: alerts before early signs, newer before older."""
    levels = {number: shift for shift, number in numbered(view).items()}
    alerts = {item.id for item in view.shifts if item.level is Level.ALERT}
    ranked = sorted(
        marks, key=lambda mark: (levels[mark.number] in alerts, mark.onset), reverse=True
    )
    return tuple(sorted(ranked[:MARKS_SHOWN], key=lambda mark: mark.onset))


def _for_phone(chart: Timeline) -> Timeline:
    return replace(chart, id=f"{chart.id}-narrow", events=())


def _described(lines: Sequence[Line], view: Overview) -> str:
    parts = [
        f"{line.name}: {percent(line.dots[-1].share)} in the last period shown"
        for line in lines
        if line.dots
    ]
    span = f"From {day(view.window.since)} to {day(view.window.until)}."
    return " ".join((span, "; ".join(parts) + ".")) if parts else span


def portrayal_charts(view: Overview) -> list[Drawn]:
    """Return how the United States is portrayed over time, one chart for each group or outlet."""
    found = []
    for index, track in enumerate(view.tracks):
        if not track.us:
            continue
        bars = [_column(bucket, view) for bucket in track.us]
        words = f"How {track.title} portray the United States"
        last = bars[-1]
        described = f"Last: {', '.join(f'{name} {share * 100:.0f}%' for name, share in last.parts)}"
        name = f"portrayal-{index}"
        found.append(
            Drawn(
                track.title,
                columns.draw(bars, words, described, min(540.0, 60 + 52 * len(bars)), 190, name),
                columns.draw(bars[-9:], words, described, NARROW, 180, f"{name}-narrow"),
                ("from", *PORTRAYALS, "articles"),
                tuple(
                    (bar.name, *(f"{share * 100:.0f} %" for _, share in bar.parts), f"{bar.n:,}")
                    for bar in bars
                ),
            )
        )
    return found


def _column(bucket: Bucket, view: Overview) -> Column:
    counts = [bucket.count(f"us={name}") for name in PORTRAYALS]
    total = max(1, sum(counts))
    parts = tuple((name, count / total) for name, count in zip(PORTRAYALS, counts, strict=True))
    days = (view.window.until - view.window.since).days
    if days > 365 * 5:
        name = f"{bucket.start.year}"
    elif view.window.name == "quarter":
        name = f"{bucket.start.day} {bucket.start:%b}"
    else:
        name = f"{bucket.start:%b} {bucket.start:%y}"
    return Column(name, sum(counts), parts)


def frames_chart(context: Context, view: Overview) -> Drawn | None:
    """Return the most frequent frames of the last 28 days by group, with intervals."""
    found = [(group, group.now) for group in view.groups if group.now]
    if not found:
        return None
    shares = {
        name: max(bucket.count(f"frame={name}") / bucket.n for _, bucket in found)
        for name in FRAMES
    }
    top = sorted(FRAMES, key=lambda name: -shares[name])[:TOP_FRAMES]
    rows = [
        dots.Row(label_title(context, f"frame={name}"), tuple(_dots(found, f"frame={name}")))
        for name in top
    ]
    words = "Most frequent frames"
    described = "; ".join(f"{row.title}: {row.marks[0].words}" for row in rows[:5])
    return Drawn(
        words,
        dots.draw(rows, words, described, 540, "frames"),
        dots.draw(rows, words, described, NARROW, "frames-narrow", gutter=150),
        ("frame", "outlets and share"),
        tuple((row.title, "; ".join(mark.words for mark in row.marks)) for row in rows),
    )


def _dots(found: Sequence[tuple[GroupStanding, Bucket]], label: str) -> list[dots.Mark]:
    marks = []
    for group, bucket in found:
        key = SeriesKey(label, group_scope(group.group), "us")
        now = points([bucket], key)[0]
        before = points([group.before], key)[0].share if group.before else None
        share, low, high = now.share or 0.0, now.low or 0.0, now.high or 0.0
        words = (
            f"{group.reference or group.title}: {percent(share)} "
            f"({low * 100:.1f} to {high * 100:.1f}), n={bucket.n:,}"
        )
        marks.append(dots.Mark(group.group, share, low, high, before, words))
    return marks


def shift_words(context: Context, shift: Shift) -> str:
    """Return a shift in words: `Détente rises in Russian state outlets`."""
    key = SeriesKey.parse(shift.series)
    verb = "rises" if shift.direction is Direction.UP else "falls"
    return f"{label_title(context, key.label)} {verb} in {scope_title(context, key.scope)}"
