"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from services.errors import UsageError
from services.logs import configure_logging
from services.settings import Settings, load_settings

Data = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Folder that holds the store.", show_default=False),
]
CatalogueFile = Annotated[
    Path | None,
    typer.Option(
        "--catalogue",
        metavar="FILE",
        help="Your own list of outlets (YAML); outlets.yaml in the data folder if there is one.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Since = Annotated[
    str | None, typer.Option(metavar="DAY", help="First day, as 2025-02-12.", show_default=False)
]
Until = Annotated[
    str | None, typer.Option(metavar="DAY", help="Last day, as 2025-06-30.", show_default=False)
]
Outlets = Annotated[
    list[str] | None,
    typer.Option("--outlet", metavar="NAME", help="Only this outlet.", show_default=False),
]
Groups = Annotated[
    list[str] | None,
    typer.Option(
        "--group", metavar="NAME", help="Only state, alternative or control.", show_default=False
    ),
]


def settings_for(data: Path | None, catalogue: Path | None = None, **more: object) -> Settings:
    """Read the settings; what the command line names wins over the environment.

    The log is set up on the way, so that every command logs as the settings say.
    """
    settings = load_settings(data=data, catalogue=catalogue, **more)
    configure_logging(settings.log_level)
    return settings


def day(text: str | None, option: str) -> date | None:
    """Read a day such as 2025-02-12; UsageError says what was wrong."""
    if text is None:
        return None
    if text == "today":
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} wants a day such as 2025-02-12, not {text!r}.") from None


def span(since: str | None, until: str | None) -> tuple[date | None, date | None]:
    """Read --since and --until together; the first must not come after the last."""
    first, last = day(since, "--since"), day(until, "--until")
    if first and last and first > last:
        raise UsageError(f"--since {first} comes after --until {last}; swap them.")
    return first, last
