"""Articles a day: what came as bars, what was to be expected as a line, and days not seen."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from services.api.web.charts import svg
from services.api.web.charts.scale import day_ticks

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Day:
    """One day: how many `came`, how many were `expected`, both in words, and how much was seen."""

    day: date
    came: int
    expected: float
    observed: str
    words: str

    @property
    def unseen(self) -> bool:
        """True when nobody looked: the day was missed, or lies before the first poll."""
        return self.observed == "no" or (self.observed == "unknown" and not self.came)


def draw(
    name: str, title: str, days: Sequence[Day], width: float, height: float, description: str
) -> Markup:
    """Return the chart as SVG, `days` in order without holes."""
    left, right, top, bottom = 34.0, width - 6, 8.0, height - 22
    peak = _top_of([*(item.came for item in days), *(item.expected for item in days)])
    step = (right - left) / max(1, len(days))

    def y(value: float) -> float:
        return bottom - (bottom - top) * min(value, peak) / peak

    parts = [
        *_grid(days, peak, y, (left, right, bottom), step),
        *_unseen(days, left, step, top, bottom),
        *_bars(days, left, step, bottom, y),
        svg.path(_line(days, left, step, y), class_="usual"),
        svg.line(left, bottom, right, bottom, class_="axis"),
    ]
    return svg.picture(width, height, title, description, parts, name=name)


def _top_of(values: Sequence[float]) -> float:
    """The top of the axis: a round number that holds every value."""
    most = max([1.0, *values])
    size = 10.0 ** math.floor(math.log10(most))
    return next(size * step for step in (1, 2, 4, 5, 10) if size * step >= most)


def _grid(
    days: Sequence[Day],
    peak: float,
    y: Scale,
    edges: tuple[float, float, float],
    step: float,
) -> Iterable[Markup]:
    left, right, bottom = edges
    for value in (peak / 2, peak) if peak >= 2 else (peak,):
        place = y(value)
        yield svg.line(left, place, right, place, class_="grid")
        words = f"{value:,g}"
        yield svg.text(left - 5, place + 4, words, class_="tick", text_anchor="end")
    first = days[0].day
    room = max(3, int((right - left) / 62))
    for day, words in day_ticks(first, days[-1].day, room):
        x = left + ((day - first).days + 0.5) * step
        anchor = "start" if x < left + 12 else "end" if x > right - 14 else "middle"
        yield svg.text(x, bottom + 16, words, class_="tick", text_anchor=anchor)


def _unseen(
    days: Sequence[Day], left: float, step: float, top: float, bottom: float
) -> Iterable[Markup]:
    for number, item in enumerate(days):
        if not item.unseen:
            continue
        yield svg.element(
            "rect",
            svg.element("title", item.words),
            x=left + number * step,
            y=top,
            width=step,
            height=bottom - top,
            class_="unseen",
        )


def _bars(
    days: Sequence[Day], left: float, step: float, bottom: float, y: Scale
) -> Iterable[Markup]:
    gap = min(3.0, step * 0.25)
    for number, item in enumerate(days):
        height = bottom - y(item.came)
        yield svg.element(
            "rect",
            svg.element("title", item.words),
            x=left + number * step + gap / 2,
            y=bottom - height,
            width=step - gap,
            height=height,
            class_="came partly" if item.observed == "partly" else "came",
        )


def _line(days: Sequence[Day], left: float, step: float, y: Scale) -> list[svg.Point]:
    """The expected number as steps, a level for each day."""
    points: list[svg.Point] = []
    for number, item in enumerate(days):
        height = y(item.expected)
        points += [(left + number * step, height), (left + (number + 1) * step, height)]
    return points
