"""How far a back-fill is, and how what it found ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from services.collect.backfill.found import FoundOutcome, Span

SourceName = Literal["feed", "sitemap", "archive"]
SOURCES: Final[tuple[SourceName, ...]] = ("feed", "sitemap", "archive")
"""In the order in which they are asked: first what tells most with the fewest requests."""


@dataclass(slots=True)
class SourceTally:
    """What one source has given so far; `asked` pages were asked for, `wanted` ones still are.

    `note` says why it ended early, `unfinished` that another start goes on.
    """

    name: SourceName
    documents: int = 0
    documents_left: int | None = None
    found: int = 0
    in_range: int = 0
    asked: int = 0
    wanted: int = 0
    note: str = ""
    unfinished: bool = False


@dataclass(slots=True)
class Tally:
    """How far a back-fill is. `months` counts outcomes by month, "" where no date is known.

    `stopped`: there is more to do, and the next start goes on there; `limited`: for the limit.
    """

    span: Span
    sources: dict[SourceName, SourceTally] = field(default_factory=dict)
    months: dict[str, Counter[FoundOutcome]] = field(default_factory=dict)
    place: str = ""
    requests: int = 0
    seconds_left: float | None = None
    stopped: bool = False
    limited: bool = False

    @property
    def outcomes(self) -> Counter[FoundOutcome]:
        """All found addresses by how they ended."""
        return sum(self.months.values(), Counter())

    @property
    def notes(self) -> list[str]:
        """Sentences about sources that ended early, each once."""
        return list(dict.fromkeys(source.note for source in self.sources.values() if source.note))

    @property
    def unfinished(self) -> bool:
        """True when a source ended early that another start may finish."""
        return any(source.unfinished for source in self.sources.values())

    def count(self, outcome: FoundOutcome, moment: datetime | None) -> None:
        """Add one found address."""
        month = f"{moment:%Y-%m}" if moment else ""
        self.months.setdefault(month, Counter())[outcome] += 1
