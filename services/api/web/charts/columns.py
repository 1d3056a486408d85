"""Stacked columns: how shares of a whole move over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from services.api.web.charts import svg


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how many articles it stands on, and (class name, share) parts
    from the bottom up, which sum to 1."""

    name: str
    n: int
    parts: tuple[tuple[str, float], ...]


FEW = 25  # articles below which a column is drawn faint


def draw(
    columns: Sequence[Column], title: str, description: str, width: float, height: float, name: str
) -> Markup:
    """Return the columns as SVG; every column is labelled with its n."""
    top, bottom = 6.0, height - 34
    step = (width - 4) / max(1, len(columns))
    body = max(6.0, min(step - 3, 54.0))
    every = max(1, round(34 / step + 0.49))
    parts = []
    for index, column in enumerate(columns):
        x = 2 + step * index + (step - body) / 2
        middle = x + body / 2
        parts.append(_stack(column, x, body, top, bottom))
        if index % every == 0:
            parts.append(
                svg.text(middle, height - 19, column.name, class_="tick", text_anchor="middle")
            )
            parts.append(
                svg.text(middle, height - 5, _short(column.n), class_="event", text_anchor="middle")
            )
    return svg.picture(width, height, title, description, parts, name=name)


def _stack(column: Column, x: float, body: float, top: float, bottom: float) -> Markup:
    parts: list[Markup] = []
    y = bottom
    for name, share in column.parts:
        size = (bottom - top) * share
        y -= size
        parts.append(
            svg.element(
                "rect",
                svg.element("title", f"{column.name}: {name} {share * 100:.0f}%, n={column.n:,}"),
                x=x,
                y=y,
                width=body,
                height=max(0.0, size - 0.6),
                class_=name,
            )
        )
        if body >= 26 and size >= 15:
            on_dark = " on-dark" if name != "neutral" else ""
            parts.append(
                svg.text(
                    x + body / 2,
                    y + size / 2 + 4,
                    f"{share * 100:.0f}",
                    class_=f"in-bar{on_dark}",
                    text_anchor="middle",
                )
            )
    return svg.group(parts, opacity=None if column.n >= FEW else "0.45")


def _short(n: int) -> str:
    return f"{n / 1000:.0f}k" if n >= 9950 else f"{n:,}"
