"""What a feed's bytes come to: its entries, what it asks of its readers, or a failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.domain.article import FeedEntry
from services.domain.outlet import PollOutcome
from services.errors import PermanentError


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as it states itself.

    `kind` is "rss", "atom", "rdf", "cdf", "json" or "sitemap". `pause` is the time in seconds
    that it asks to be left between two polls (`ttl`, `sy:updatePeriod`; 0: nothing asked).
    `skip_hours` are hours of the UTC day and `skip_days` days of the week (0 is Monday) in which
    it asks not to be polled. `links` leads from a relation ("self", "hub", "next",
    "prev-archive") to an absolute address. `complete` is False when the document broke off.
    `held` is how many entries the document holds, of which those in `entries` were read.
    """

    entries: tuple[FeedEntry, ...]
    kind: str
    title: str = ""
    pause: float = 0.0
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    held: int = 0


class FeedError(PermanentError):
    """What came is no feed with entries; `outcome` says in which way."""

    def __init__(self, outcome: PollOutcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome
