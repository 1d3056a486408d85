"""Shares over time: one line with its interval band for each group, shifts as dated marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup

from services.api.web.charts import svg
from services.api.web.charts.onsets import CHARACTER, Mark, draw_mark, label_rows
from services.api.web.charts.scale import Frame, day_ticks, peak_of, share_ticks


@dataclass(frozen=True, slots=True)
class Dot:
    """One point of a line: a share around `day` with its interval, and both in words.

    One on `few` articles stands by itself: a line through it would draw chance as a trend.
    `backfilled` ones, and what joins them, are drawn paler.
    """

    day: date
    share: float
    low: float
    high: float
    words: str
    few: bool = False
    backfilled: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `colour` is a class name, `dash` 1 to 3 draws it paler, each in its own way.

    `gap` is the number of days between two dots from which on they are not joined.
    """

    name: str
    colour: str
    dots: tuple[Dot, ...]
    gap: int
    dash: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in the world, for orientation only."""

    day: date
    words: str


@dataclass(frozen=True, slots=True)
class Shade:
    """Days, first and last included, of which too little was observed; `words` say what."""

    since: date
    until: date
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """All that one chart shows."""

    id: str
    title: str
    description: str
    since: date
    until: date
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    events: tuple[Event, ...] = ()
    shades: tuple[Shade, ...] = ()


def draw(chart: Timeline, width: float, height: float, *, pointed: bool = False) -> Markup:
    """Return the chart as SVG; the same chart is drawn wide for desks and narrow for phones.

    `pointed`: its figures show when a mouse points at them.
    """
    marks = [mark for mark in chart.marks if chart.since <= mark.onset <= chart.until]
    rows = label_rows(marks, chart.since, chart.until, width)
    below = 40 if chart.events else 22
    dots = [dot for line in chart.lines for dot in line.dots]
    frame = Frame(
        left=38,
        right=width - 10,
        top=14 + 15 * (max(rows.values(), default=-1) + 1),
        bottom=height - below,
        since=chart.since,
        until=chart.until,
        peak=peak_of([dot.share for dot in dots], [dot.high for dot in dots]),
    )
    clip = f"{chart.id}-clip"
    plot = [
        *(_band(line, frame) for line in chart.lines),
        *(_stroke(line, frame) for line in chart.lines),
    ]
    return svg.picture(
        width,
        height,
        chart.title,
        chart.description,
        [
            svg.element("clipPath", _window(frame), id=clip),
            *(_shade(item, frame) for item in chart.shades),
            _grid(frame, width),
            *_events(chart.events, frame, height),
            *(draw_mark(mark, frame, rows[mark.number], width) for mark in marks),
            svg.group(plot, clip_path=f"url(#{clip})"),
            *(_targets(chart.lines, frame) if pointed else ()),
        ],
        name=chart.id,
    )


def _window(frame: Frame) -> Markup:
    return svg.element(
        "rect",
        x=frame.left,
        y=frame.top - 2,
        width=frame.right - frame.left,
        height=frame.bottom - frame.top + 2,
    )


def _shade(item: Shade, frame: Frame) -> Markup:
    left = max(frame.left, frame.x(item.since))
    right = min(frame.right, frame.x(item.until + timedelta(days=1)))
    return svg.element(
        "rect",
        svg.element("title", item.words),
        x=left,
        y=frame.top,
        width=max(1.5, right - left),
        height=frame.bottom - frame.top,
        class_="unseen",
    )


def _grid(frame: Frame, width: float) -> Markup:
    parts: list[Markup] = []
    for share in share_ticks(frame.peak):
        y = frame.y(share)
        parts.append(svg.line(frame.left, y, frame.right, y, class_="grid"))
        words = f"{share * 100:.0f}%"
        parts.append(svg.text(frame.left - 6, y + 4, words, class_="tick", text_anchor="end"))
    room = max(3, int((width - 50) / 58))
    for day, words in day_ticks(frame.since, frame.until, room):
        x = frame.x(day)
        parts.append(svg.line(x, frame.bottom, x, frame.bottom + 4, class_="axis"))
        anchor = "start" if x < frame.left + 12 else "end" if x > frame.right - 14 else "middle"
        parts.append(svg.text(x, frame.bottom + 16, words, class_="tick", text_anchor=anchor))
    parts.append(svg.line(frame.left, frame.bottom, frame.right, frame.bottom, class_="axis"))
    return svg.group(parts)


def _runs(line: Line) -> Iterable[Sequence[Dot]]:
    """Stretches of dots that may be joined: no hole longer than the line's gap."""
    run: list[Dot] = []
    for dot in line.dots:
        if run and (dot.few or run[-1].few or (dot.day - run[-1].day).days > line.gap):
            yield run
            run = []
        run.append(dot)
    if run:
        yield run


def _pieces(line: Line) -> Iterable[tuple[Sequence[Dot], str]]:
    """Runs parted where back-filled dots begin or end, and the class that draws each part.

    What joins a back-filled dot to another one belongs to the back-filled part.
    """
    for run in _runs(line):
        piece, pale = [run[0]], run[0].backfilled
        for before, dot in pairwise(run):
            joint = before.backfilled or dot.backfilled
            if joint != pale and len(piece) > 1:
                yield piece, _pale(pale)
                piece = [before]
            pale = joint
            piece.append(dot)
        yield piece, _pale(pale)


def _pale(backfilled: bool) -> str:
    return " backfilled" if backfilled else ""


def _band(line: Line, frame: Frame) -> Markup:
    parts = []
    for run, pale in _pieces(line):
        if len(run) == 1:
            x = frame.x(run[0].day)
            low, high = frame.y(run[0].low), frame.y(run[0].high)
            parts.append(svg.line(x, low, x, high, class_=f"whisker{pale}"))
            continue
        upper = [(frame.x(dot.day), frame.y(dot.high)) for dot in run]
        lower = [(frame.x(dot.day), frame.y(dot.low)) for dot in run]
        parts.append(svg.area(upper, lower, class_=f"band{pale}"))
    return svg.group(parts, class_=_classes(line))


def _stroke(line: Line, frame: Frame) -> Markup:
    parts = []
    for run, pale in _pieces(line):
        places = [(frame.x(dot.day), frame.y(dot.share)) for dot in run]
        if len(run) > 1:
            parts.append(svg.path(places, class_=f"stroke{pale}"))
        else:
            (x, y) = places[0]
            parts.append(svg.element("circle", cx=x, cy=y, r=2.6, class_=f"spot{pale}"))
    return svg.group(parts, class_=_classes(line))


def _targets(lines: Iterable[Line], frame: Frame) -> Iterable[Markup]:
    """Invisible circles that show the figures when pointed at; no script is needed."""
    for line in lines:
        yield svg.group(
            [
                svg.element(
                    "circle",
                    svg.element("title", f"{line.name}, {dot.words}"),
                    cx=frame.x(dot.day),
                    cy=frame.y(dot.share),
                    r=5,
                )
                for dot in line.dots
                if frame.since <= dot.day <= frame.until
            ],
            class_=f"target {_classes(line)}",
        )


def _classes(line: Line) -> str:
    return f"{line.colour} reference dash-{line.dash}" if line.dash else line.colour


def _events(events: Sequence[Event], frame: Frame, height: float) -> Iterable[Markup]:
    edge = -1e9
    for event in events:
        if not frame.since <= event.day <= frame.until:
            continue
        x = frame.x(event.day)
        length = CHARACTER * 0.92 * len(event.words)
        start = min(max(frame.left, x - 4), frame.right - length)
        fits = start > edge + 8
        yield svg.group(
            [
                svg.element("title", f"{event.day:%-d %B %Y}: {event.words}"),
                svg.line(x, frame.top, x, height - 16, class_="event-line"),
                svg.element("circle", cx=x, cy=height - 16, r=2, class_="event-dot"),
                *([svg.text(start, height - 3, event.words, class_="event")] if fits else []),
            ]
        )
        edge = start + length if fits else edge
