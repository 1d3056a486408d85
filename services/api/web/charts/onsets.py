"""Shifts on a chart: a dated line with a number, a label where there is room, and its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup

from services.api.web.charts import svg
from services.api.web.charts.scale import Frame

LABEL_ROWS = 3
CHARACTER = 6.3  # width of a label's character, on average


@dataclass(frozen=True, slots=True)
class Mark:
    """A shift: a line at its onset, a faint band over the interval of the onset."""

    number: int
    colour: str
    onset: date
    low: date
    high: date
    words: str
    href: str


def label_rows(marks: Sequence[Mark], since: date, until: date, width: float) -> dict[int, int]:
    """Return the row of each mark's label, first from the top; -1 where only its number fits."""
    taken = [-1e9] * LABEL_ROWS
    span = max(1, (until - since).days)
    rows = {}
    for mark in sorted(marks, key=lambda mark: mark.onset):
        x = 38 + (width - 48) * (mark.onset - since).days / span
        length = _label_length(mark)
        start = x - length + 8 if _flipped(x, mark, width) else x - 8
        free = [row for row in range(LABEL_ROWS) if taken[row] + 6 <= start]
        rows[mark.number] = free[0] if free else -1
        if free:
            taken[free[0]] = start + length
    return rows


def _flipped(x: float, mark: Mark, width: float) -> bool:
    """True when a label has no room to the right of its line."""
    return x + _label_length(mark) > width


def _label_length(mark: Mark) -> float:
    return 20 + CHARACTER * len(mark.words)


def draw_mark(mark: Mark, frame: Frame, row: int, width: float) -> Markup:
    """Return the mark: a line, its number, its words in `row`, and the range of its onset."""
    x = frame.x(mark.onset)
    y = 11 + 15 * max(row, 0)
    flipped = _flipped(x, mark, width)
    parts = [
        svg.element("title", f"Shift {mark.number}: {mark.words}"),
        *_onset_range(mark, frame),
        svg.line(x, y + 4, x, frame.bottom, class_="onset"),
        svg.element("circle", cx=x, cy=y, r=7.5, class_="badge"),
        svg.text(x, y + 3.6, str(mark.number), class_="badge-number", text_anchor="middle"),
    ]
    if row >= 0:
        place, anchor = (x - 12, "end") if flipped else (x + 12, "start")
        parts.append(svg.text(place, y + 4, mark.words, class_="mark-label", text_anchor=anchor))
    return svg.element("a", *parts, href=mark.href, class_=f"mark {mark.colour}")


def _onset_range(mark: Mark, frame: Frame) -> list[Markup]:
    """The days in which the onset may lie: shaded when they are few, else a bar on the axis."""
    left = max(frame.left, frame.x(mark.low))
    right = min(frame.right, frame.x(mark.high + timedelta(days=1)))
    narrow = right - left <= (frame.right - frame.left) / 10
    top = frame.top if narrow else frame.bottom - 4
    return [
        svg.element(
            "rect",
            x=left,
            y=top,
            width=max(1.0, right - left),
            height=frame.bottom - top,
            class_="onset-range" if narrow else "onset-bar",
        )
    ]
