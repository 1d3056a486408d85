"""How commands speak: tables for people, JSON for programs, sentences for errors."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

# C0 and C1 controls, and the marks that turn the direction of text around.
_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

PIPED_WIDTH = 160  # a pipe has no width; 80 columns would break every cell of a table

out = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False)


def clean(text: str) -> str:
    """Return feed text that is safe on a terminal: no control sequences, one line."""
    return " ".join(safe(text).split())


def safe(text: str) -> str:
    """Return feed text without control sequences, its spaces as they are."""
    return _UNSAFE.sub(" ", text).replace("\n", " ")


def say(text: str, style: str = "") -> None:
    """Print a sentence for the reader to standard error, where it disturbs no pipe."""
    err.print(Text(text), style=style or None, soft_wrap=not err.is_terminal)


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_jsonl(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line on standard output."""
    for row in rows:
        sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> None:
    """Print a table; cells are plain text, so that a hostile title cannot format itself."""
    grid = Table(title=title, title_justify="left", header_style="bold", expand=False)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row in rows:
        grid.add_row(*(cell if isinstance(cell, Text) else Text(clean(cell)) for cell in row))
    out.print(grid)


def percent(value: float | None) -> str:
    """A share for people: '12.3 %', or a dash when there is none."""
    return "–" if value is None else f"{value * 100:.1f} %"
