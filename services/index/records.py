"""What the store answers with, apart from the records of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from services.domain.article import Article
from services.domain.edit import Edit
from services.domain.prediction import Prediction


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What to look for. Empty fields do not filter; all that are set must hold.

    `text`: words that must all occur in title, lead or text, in any inflection that the
    tokenizer folds; "quoted words" are a phrase; -word excludes. `frames`: all must be given.
    `since` and `until` are inclusive UTC days. `cursor` continues from `SearchPage.next`.
    """

    text: str = ""
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    us: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    outcome: str = ""
    origin: str = ""
    since: date | None = None
    until: date | None = None
    limit: int = 20
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One article found, with its newest prediction (of any model) if there is one.

    `snippet` is plain text; the matched words stand between U+E000 and U+E001, so that
    every renderer escapes first and marks afterwards.
    """

    article: Article
    prediction: Prediction | None
    snippet: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, newest first. `next` is empty on the last page."""

    total: int
    hits: tuple[SearchHit, ...]
    next: str


@dataclass(frozen=True, slots=True)
class DirtyDay:
    """One outlet's day whose counts no longer match its predictions.

    `mark` grows with every change; clearing names the mark that was read, so that a change
    made in between is not lost.
    """

    outlet: str
    day: date
    mark: int


@dataclass(frozen=True, slots=True)
class DayCollection:
    """What one outlet's collection did on one UTC day, for the health beside each figure."""

    outlet: str
    day: date
    polls_ok: int
    polls_failed: int
    outcomes: Mapping[str, int]  # EntryOutcome value → entries
    results: Mapping[str, int] = field(default_factory=dict)  # PollOutcome value → polls
    gaps: int = 0  # polls between which entries may have fallen off the feed


@dataclass(frozen=True, slots=True)
class StoreStats:
    """Sizes, for `doctor`, the page and the end of a run."""

    articles: int
    classified: int
    unclassified: int
    unsupported: int
    first_day: date | None
    last_day: date | None
    articles_by_outlet: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many live articles an outlet published within the hour that begins at `hour` (UTC)."""

    outlet: str
    hour: datetime
    articles: int


@dataclass(frozen=True, slots=True)
class Tallies:
    """Totals since the store was made, and what waits now.

    `polls` by outlet and PollOutcome, `entries` by outlet and EntryOutcome, `gaps` by outlet,
    `deliveries` by channel and DeliveryStatus; all as they are written. `pages_due` visits wait,
    and `unlinked` articles have not been compared with others.
    """

    polls: Mapping[tuple[str, str], int]
    entries: Mapping[tuple[str, str], int]
    gaps: Mapping[str, int]
    deliveries: Mapping[tuple[str, str], int]
    pages_due: int
    unlinked: int


@dataclass(frozen=True, slots=True)
class EditQuery:
    """Which edits to list, newest first. Empty fields do not filter.

    `since` and `until` are inclusive UTC days of the edit. `reframed`: only edits after which
    `model` gives other labels. `cursor` continues from `EditPage.next`.
    """

    model: str
    outlets: tuple[str, ...] = ()
    article_id: str = ""
    since: date | None = None
    until: date | None = None
    reframed: bool = False
    limit: int = 50
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class EditPage:
    """One page of edits, newest first. `next` is empty on the last page."""

    edits: tuple[Edit, ...]
    next: str
