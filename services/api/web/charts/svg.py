"""SVG elements as escaped markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

Point = tuple[float, float]


def element(name: str, *children: object, **attributes: object) -> Markup:
    """Return one element; text children and attribute values are escaped.

    `class_` is written `class`, other underscores become hyphens; None leaves an attribute out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(child) for child in children)
    # Every part above is escaped, so that this is the one place where markup is vouched for.
    return Markup(f"<{name}{written}>{inner}</{name}>")  # noqa: S704


def group(children: Iterable[object], **attributes: object) -> Markup:
    """Return a `<g>` around `children`."""
    return element("g", *children, **attributes)


def text(x: float, y: float, words: str, **attributes: object) -> Markup:
    """Return a text at a place."""
    return element("text", words, x=x, y=y, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, **attributes: object) -> Markup:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, **attributes)


def path(points: Sequence[Point], **attributes: object) -> Markup:
    """Return an open path through `points`."""
    return element("path", d=_moves(points), **attributes)


def area(upper: Sequence[Point], lower: Sequence[Point], **attributes: object) -> Markup:
    """Return the area between two lines that share their x values."""
    return element("path", d=_moves([*upper, *reversed(lower)]) + "Z", **attributes)


def picture(
    width: float,
    height: float,
    title: str,
    description: str,
    children: Iterable[object],
    *,
    name: str,
) -> Markup:
    """Return a whole picture that scales with its column and is named for screen readers."""
    return element(
        "svg",
        element("title", title, id=f"{name}-t"),
        element("desc", description, id=f"{name}-d"),
        *children,
        viewBox=f"0 0 {number(width)} {number(height)}",
        role="img",
        aria_labelledby=f"{name}-t {name}-d",
        class_="chart",
        xmlns="http://www.w3.org/2000/svg",
    )


def number(value: float) -> str:
    """Return a coordinate with one decimal at most."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _value(value: object) -> str:
    return number(value) if isinstance(value, float) else str(escape(value))


def _moves(points: Sequence[Point]) -> str:
    steps = " ".join(f"{number(x)},{number(y)}" for x, y in points)
    return f"M{steps}"
