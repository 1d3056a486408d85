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
from matplotlib.ticker import FuncFormatter, MaxNLocator

from services.alerts.smoothing import SmoothPoint, is_weekly, smooth
from services.alerts.wording import percent
from services.domain.series import SeriesPoint, ShareInterval
from services.domain.shift import Shift

WIDTH, HEIGHT, DPI = 5.0, 2.9, 256
"""Inches and dots per inch: 1280 by 742 pixels. A small sheet makes large letters, which stay
legible when a phone shrinks the picture to its width."""

_EPOCH: Final = date(1970, 1, 1)
_INK: Final = "#1b1f27"
_GRID: Final = "#d9dde3"
_LINE: Final = "#1f5fa8"
_BASE: Final = "#47505e"
_NOW: Final = "#b4420c"


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the picture shows; hashable, so that one picture serves many mails.

    `dots` are days and their shares (empty when the line already shows each point).
    """

    caption: str
    line: tuple[SmoothPoint, ...]
    dots: tuple[tuple[date, float], ...]
    baseline: ShareInterval
    current: ShareInterval
    onset: date
    onset_low: date
    onset_high: date


def chart_of(points: Sequence[SeriesPoint], shift: Shift, caption: str) -> Chart:
    """Gather what the chart of `shift` shows."""
    shares = [(item.day, item.share) for item in points if item.share is not None]
    return Chart(
        caption,
        smooth(points),
        () if is_weekly(points) else tuple(shares),
        shift.baseline,
        shift.current,
        shift.onset,
        shift.onset_low,
        shift.onset_high,
    )


@lru_cache(maxsize=16)
def draw(chart: Chart) -> bytes:
    """Return the chart as PNG; empty when there are not two points to draw a line between."""
    if sum(point.share is not None for point in chart.line) < 2:
        return b""
    with rc_context({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _INK}):
        figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        _draw_onset(axes, chart)
        _draw_shares(axes, chart)
        _draw_level(axes, chart.baseline, "before", _BASE)
        _draw_level(axes, chart.current, "now", _NOW)
        _dress(axes, chart)
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": "Framewatch"})
    return buffer.getvalue()


def _draw_onset(axes: Axes, chart: Chart) -> None:
    first, last = _number(chart.onset_low), _number(chart.onset_high + timedelta(days=1))
    axes.axvspan(first, last, color=_NOW, alpha=0.10, linewidth=0, zorder=0)
    axes.axvline(_number(chart.onset), color=_NOW, linewidth=1.2, zorder=3)


def _draw_shares(axes: Axes, chart: Chart) -> None:
    days = [_number(point.day) for point in chart.line]
    lows, highs = (
        [_percent(value) for value in values]
        for values in ([item.low for item in chart.line], [item.high for item in chart.line])
    )
    shares = [_percent(item.share) for item in chart.line]
    axes.fill_between(days, lows, highs, color=_LINE, alpha=0.18, linewidth=0, zorder=1)
    dot_days = [_number(day) for day, _ in chart.dots]
    dot_shares = [share * 100 for _, share in chart.dots]
    axes.scatter(dot_days, dot_shares, s=5, color=_LINE, alpha=0.45, linewidths=0, zorder=2)
    axes.plot(days, shares, color=_LINE, linewidth=1.7, zorder=4)


def _draw_level(axes: Axes, interval: ShareInterval, name: str, colour: str) -> None:
    level = interval.share * 100
    span = [_number(interval.since), _number(interval.until)]
    axes.plot(span, [level, level], color=colour, linewidth=2, linestyle=(0, (4, 2)), zorder=5)
    axes.annotate(
        f"{name} {percent(interval.share)}",
        (span[0], level),
        xytext=(2, 6),
        textcoords="offset points",
        color=colour,
        fontweight="bold",
        fontsize=9,
        zorder=6,
        bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 1},
    )


def _dress(axes: Axes, chart: Chart) -> None:
    locator = AutoDateLocator(minticks=3, maxticks=5)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DateFormatter("%d %b\n%Y"))  # type: ignore[no-untyped-call]
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} %"))
    axes.set_ylim(bottom=0, top=top_of(chart) * 100)
    axes.margins(x=0.01)
    axes.grid(axis="y", color=_GRID, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, labelsize=8, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_BASE)
    caption = textwrap.fill(chart.caption, 58)
    axes.set_title(caption, loc="left", fontsize=9, color=_INK, pad=8, parse_math=False)


def top_of(chart: Chart) -> float:
    """Return the upper end of the scale (0 to 1).

    Room for the line and the two levels, and for all but the widest intervals: a day with two
    articles must not press everything else to the floor.
    """
    highs = sorted(item.high for item in chart.line if item.high is not None)
    shares = [item.share for item in chart.line if item.share is not None]
    usual = highs[int(len(highs) * 0.9)] if highs else 0.0
    peak = max(*shares, chart.baseline.high, chart.current.high, usual)
    return min(1.02, max(0.04, peak * 1.18))


def _percent(value: float | None) -> float:
    return float("nan") if value is None else value * 100


def _number(day: date) -> float:
    """A day as matplotlib counts them: from 1970-01-01."""
    return float((day - _EPOCH).days)
