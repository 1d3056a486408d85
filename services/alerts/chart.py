"""The chart of an alert: the share over time as a PNG, drawn without a display.

Importing this module loads matplotlib (half a second), so only `render` does, when it must.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Final

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.dates import AutoDateLocator, DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from services.domain.series import SeriesPoint, ShareInterval
from services.domain.shift import Shift

WIDTH, HEIGHT, DPI = 5.0, 2.9, 256
"""Inches and dots per inch: 1280 by 742 pixels. A small sheet makes large letters, which stay
legible when a phone shrinks the picture to its width."""

_EPOCH: Final = date(1970, 1, 1)
_INK: Final = "#1b1f27"
_GRID: Final = "#d9dde3"
_LINE: Final = "#1f5fa8"
_BASE: Final = "#5b6472"
_NOW: Final = "#b4420c"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One day or week: share and interval from 0 to 1, all None on one without articles."""

    day: date
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the picture shows; hashable, so that one picture serves many mails."""

    caption: str
    points: tuple[ChartPoint, ...]
    baseline: ShareInterval
    current: ShareInterval
    onset: date
    onset_low: date
    onset_high: date


def chart_of(points: Sequence[SeriesPoint], shift: Shift, caption: str) -> Chart:
    """Gather what the chart of `shift` shows."""
    return Chart(
        caption,
        tuple(ChartPoint(point.day, point.share, point.low, point.high) for point in points),
        shift.baseline,
        shift.current,
        shift.onset,
        shift.onset_low,
        shift.onset_high,
    )


@lru_cache(maxsize=16)
def draw(chart: Chart) -> bytes:
    """Return the chart as PNG; empty when there are not two points to draw a line between."""
    if sum(point.share is not None for point in chart.points) < 2:
        return b""
    with rc_context({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _INK}):
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _draw_shares(axes, chart)
        _draw_levels(axes, chart)
        _draw_onset(axes, chart)
        _dress(axes, chart)
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": "Framewatch"})
    return buffer.getvalue()


def _draw_shares(axes: Axes, chart: Chart) -> None:
    nan = float("nan")
    days = [_number(point.day) for point in chart.points]
    shares = [nan if point.share is None else point.share * 100 for point in chart.points]
    lows = [nan if point.low is None else point.low * 100 for point in chart.points]
    highs = [nan if point.high is None else point.high * 100 for point in chart.points]
    axes.fill_between(days, lows, highs, color=_LINE, alpha=0.16, linewidth=0, zorder=1)
    axes.plot(days, shares, color=_LINE, linewidth=1.6, marker="o", markersize=2.4, zorder=4)


def _draw_levels(axes: Axes, chart: Chart) -> None:
    for interval, colour, name in (
        (chart.baseline, _BASE, "before"),
        (chart.current, _NOW, "now"),
    ):
        span = [_number(interval.since), _number(interval.until)]
        level = interval.share * 100
        axes.plot(
            span, [level, level], color=colour, linewidth=2.2, linestyle=(0, (4, 2)), zorder=5
        )
        axes.annotate(
            f"{name} {level:.1f} %" if level < 9.95 else f"{name} {level:.0f} %",
            (span[0], level),
            xytext=(2, 6),
            textcoords="offset points",
            color=colour,
            fontweight="bold",
            fontsize=9,
            zorder=6,
            bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
        )


def _draw_onset(axes: Axes, chart: Chart) -> None:
    first, last = _number(chart.onset_low), _number(chart.onset_high + timedelta(days=1))
    axes.axvspan(first, last, color=_NOW, alpha=0.10, linewidth=0, zorder=0)
    axes.axvline(_number(chart.onset), color=_NOW, linewidth=1.2, zorder=3)


def _dress(axes: Axes, chart: Chart) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=5)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DateFormatter("%d %b\n%Y"))  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
    axes.set_ylim(bottom=0, top=_top(chart))
    axes.margins(x=0.01)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, labelsize=8, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_BASE)
    axes.set_title(textwrap.fill(chart.caption, 58), loc="left", fontsize=9, color=_INK, pad=8)


def _number(day: date) -> float:
    """A day as matplotlib counts them: from 1970-01-01."""
    return float((day - _EPOCH).days)


def _top(chart: Chart) -> float:
    """Leave room above the highest share; a wide interval may be cut off, a share may not."""
    shares = [point.share for point in chart.points if point.share is not None]
    highs = sorted(point.high for point in chart.points if point.high is not None)
    usual = highs[int(len(highs) * 0.9)] if highs else 0.0
    peak = max(*shares, chart.baseline.high, chart.current.high, usual)
    return min(102.0, max(4.0, peak * 115))
