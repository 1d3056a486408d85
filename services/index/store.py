"""The one door to the index. Two stores stand behind it; nobody outside `index/` knows which.

Every write is idempotent: ids are computed from content, and writing a thing twice changes
nothing. Every method that takes several items is one transaction: all or nothing. Methods
raise RetryableError (locked, unreachable, disk full) or PermanentError (damaged, or written
by a newer version), each with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.domain.alert import Alert, Delivery, DeliveryStatus, Rule
from services.domain.article import Article, EntryOutcome, Revision
from services.domain.outlet import FeedState
from services.domain.prediction import Prediction
from services.domain.series import About, DayCounts, Observation
from services.domain.shift import Shift


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


class Store(Protocol):
    """See the module's docstring for what holds for every method."""

    def close(self) -> None: ...

    # Articles and their revisions

    def add_articles(self, articles: Sequence[Article]) -> list[EntryOutcome]:
        """Write articles; one outcome each, in order: NEW, DUPLICATE or REVISED.

        DUPLICATE: same id and content hash; or an unknown id whose non-empty `story` was
        already published by the same outlet within three days. REVISED: same id with another
        content hash; the old version stays as a revision, `published` stays as first seen.
        A content hash that the article had in any earlier version is a DUPLICATE too, also when
        that version was dropped as a repeated story, so that importing a file twice changes
        nothing. The articles of one call are judged in order, as if written one by one.
        """
        ...

    def articles(self, ids: Sequence[str]) -> dict[str, Article]: ...

    def revisions(self, article_id: str) -> list[Revision]:
        """All versions, oldest first, the current one last."""
        ...

    def unclassified(self, model: str, limit: int) -> list[str]:
        """Ids of articles whose current content has no prediction of `model`, newest first."""
        ...

    # Predictions

    def save_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Write predictions and mark the days of their outlets dirty."""
        ...

    def predictions(self, article_ids: Sequence[str]) -> dict[str, Prediction]:
        """The newest prediction of each article's current content, by article id."""
        ...

    def search(self, query: SearchQuery) -> SearchPage:
        """Raises UsageError when the text or the cursor cannot be read."""
        ...

    # Series

    def dirty_days(self, limit: int) -> list[DirtyDay]: ...

    def mark_all_dirty(self) -> None:
        """After a change of catalogue groups or model: every day is to be counted again."""
        ...

    def observations(self, days: Sequence[date], model: str) -> Iterator[Observation]:
        """Classified articles published on `days`, by `model`, on their current content."""
        ...

    def put_day_counts(self, counts: Sequence[DayCounts], cleared: Sequence[DirtyDay]) -> None:
        """Write counts (same scope, about, day, model: replaced) and clear dirty days."""
        ...

    def day_counts(
        self,
        model: str,
        scopes: Sequence[str] = (),
        about: About | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> list[DayCounts]:
        """Counts ordered by scope, about, day; `scopes` empty means every scope."""
        ...

    # Shifts

    def save_shifts(self, shifts: Sequence[Shift]) -> None:
        """Write shifts; one with the same id is replaced."""
        ...

    def delete_shifts(self, ids: Sequence[str]) -> None:
        """Withdraw shifts that late articles have undone and that nobody was alerted to."""
        ...

    def shifts(self, model: str = "", since: date | None = None) -> list[Shift]:
        """Shifts by alarm date, newest first."""
        ...

    # Rules, alerts, deliveries

    def save_rules(self, rules: Sequence[Rule]) -> None:
        """Replace all rules by these."""
        ...

    def rules(self) -> list[Rule]: ...

    def add_alerts(self, alerts: Sequence[Alert], deliveries: Sequence[Delivery]) -> list[str]:
        """Write what is not there yet; returns the ids of deliveries that are new."""
        ...

    def alerts(self, limit: int = 100) -> list[Alert]:
        """Newest first."""
        ...

    def claim_deliveries(
        self, owner: str, now: datetime, lease_until: datetime, limit: int
    ) -> list[Delivery]:
        """Claim due deliveries atomically: PENDING with next_try <= now, or CLAIMED with a
        lease that ran out. They come back CLAIMED by `owner`, with `attempts` raised by one.
        """
        ...

    def record_delivery(self, delivery: Delivery) -> bool:
        """Store the result of a claimed delivery; False when somebody else owns it now."""
        ...

    def deliveries(
        self, alert_ids: Sequence[str] = (), status: DeliveryStatus | None = None
    ) -> list[Delivery]: ...

    # Collection

    def feed_states(self) -> dict[str, FeedState]:
        """By outlet id."""
        ...

    def save_feed_state(self, state: FeedState) -> None: ...

    def count_poll(
        self, outlet: str, day: date, ok: bool, outcomes: Mapping[EntryOutcome, int]
    ) -> None:
        """Add one poll and its entries' outcomes to the day's counters."""
        ...

    def collection(self, since: date, until: date) -> list[DayCollection]: ...

    # The store itself

    def stats(self, model: str) -> StoreStats: ...

    def get_meta(self, name: str) -> str:
        """A small remembered fact (catalogue digest, …); empty when unknown."""
        ...

    def set_meta(self, name: str, value: str) -> None: ...

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Try a lock between processes; yields False at once when somebody holds it."""
        ...
