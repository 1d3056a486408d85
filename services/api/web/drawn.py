"""A chart as a template takes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

WIDE: Final = 1120.0
HALF: Final = 540.0
NARROW: Final = 340.0
"""Widths in pixels: a desk's whole column, half of it, and a phone."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart and its figures as rows for whoever cannot see it.

    `narrow` is the same chart for phones; None when `wide` is narrow enough for one.
    `backfilled`: part of it is drawn as back-filled.
    """

    title: str
    wide: Markup
    narrow: Markup | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    backfilled: bool = False
