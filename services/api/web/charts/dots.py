"""Dots with intervals: several groups compared on the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from services.api.web.charts import svg
from services.api.web.charts.scale import peak_of, share_ticks


@dataclass(frozen=True, slots=True)
class Mark:
    """One group's share on a row with its interval; ``before` is its share in
    the time before; `words` are shown when pointed at."""

    colour: str
    share: float
    low: float
    high: float
    before: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a label and the groups' shares of it."""

    title: str
    marks: tuple[Mark, ...]


def _tick(mark: Mark, x: Callable[[float], float], y: float) -> list[Markup]:
    if mark.before is None:
        return []
    place = x(mark.before)
    return [svg.line(place, y - 4, place, y + 4, class_="before")]


def draw(
    rows: Sequence[Row], title: str, description: str, width: float, name: str, gutter: float = 168
) -> Markup:
    """Return the rows as SVG, as high as they need."""
    each = max((len(row.marks) for row in rows), default=1)
    step = 15.0 + 9.0 * each
    height = step * len(rows) + 26
    marks = [mark for row in rows for mark in row.marks]
    peak = peak_of([mark.share for mark in marks], [mark.high for mark in marks])

    def x(share: float) -> float:
        return gutter + (width - gutter - 14) * min(share, peak) / peak

    parts = [
        svg.group(
            [
                svg.line(x(share), 2, x(share), height - 22, class_="grid"),
                svg.text(
                    x(share), height - 6, f"{share * 100:.0f}%", class_="tick", text_anchor="middle"
                ),
            ]
        )
        for share in share_ticks(peak)
    ]
    for index, row in enumerate(rows):
        parts.extend(_row(row, x, gutter, 4 + step * index, step))
    return svg.picture(width, height, title, description, parts, name=name)


def _row(
    row: Row, x: Callable[[float], float], gutter: float, top: float, step: float
) -> Iterator[Markup]:
    yield svg.text(gutter - 10, top + step / 2, row.title, class_="row", text_anchor="end")
    for place, mark in enumerate(row.marks):
        y = top + step / 2 - 4 + 9.0 * (place - (len(row.marks) - 1) / 2)
        parts = [
            svg.element("title", mark.words),
            svg.line(x(mark.low), y, x(mark.high), y, class_="range"),
            *_tick(mark, x, y),
            svg.element("circle", cx=x(mark.share), cy=y, r=4.2, class_="dot"),
        ]
        yield svg.group(parts, class_=mark.colour)
