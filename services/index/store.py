"""The one door to the index. Two stores stand behind it; nobody outside `index/` knows which.

Every write is idempotent: ids are computed from content, and writing a thing twice changes
nothing. Every method that takes several items is one transaction: all or nothing. Methods
raise RetryableError (locked, unreachable, disk full) or PermanentError (damaged, or written
by a newer version), each with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from services.domain.article import Article, EntryOutcome, Revision
from services.domain.outlet import FeedState, PollOutcome
from services.domain.page import PageVisit
from services.domain.prediction import Prediction
from services.domain.series import About, DayCounts, Observation
from services.domain.shift import Shift
from services.domain.syndication import Copy, Mate, Signature
from services.index.alert_store import AlertStore
from services.index.records import (
    Arrivals,
    DayCollection,
    DirtyDay,
    EditPage,
    EditQuery,
    SearchPage,
    SearchQuery,
    StoreStats,
    Tallies,
)


class Store(AlertStore, Protocol):
    """See the module's docstring for what holds for every method."""

    def close(self) -> None: ...

    # Articles and their revisions

    def add_articles(
        self,
        articles: Sequence[Article],
        *,
        live: bool = False,
        visit_at: datetime | None = None,
    ) -> list[EntryOutcome]:
        """Write articles; one outcome each, in order: NEW, DUPLICATE or REVISED.

        DUPLICATE: same id and content hash; or an unknown id whose non-empty `story` was
        already published by the same outlet within three days. REVISED: same id with another
        content hash; the old version stays as a revision, `published` stays as first seen.
        A content hash that the article had in any earlier version is a DUPLICATE too, also when
        that version was dropped as a repeated story, so that importing a file twice changes
        nothing. The articles of one call are judged in order, as if written one by one.

        One without a text keeps the text that is stored, and its content hash is computed with
        it. An article without a date that repeated a story is a DUPLICATE from then on.

        `live` articles are what the outlet shows now. One without a text whose title and lead are
        the same by `wording.same_wording` is a DUPLICATE. What else differs from the current one
        is REVISED, also when an earlier version said the same: its prediction counts again. An
        address that another outlet's article has already is a DUPLICATE. An article that came
        otherwise before counts as LIVE from then on.

        An id that `save_page` named as another address of an article of the same outlet stands
        for that article. `visit_at` plans a visit to the page of each NEW or REVISED article, at
        the earliest an hour after the last one.
        """
        ...

    def articles(self, ids: Sequence[str]) -> dict[str, Article]:
        """Current versions by the ids asked for, in that order; unknown ones are left out.

        An id that `save_page` named as another address gives the article, which has its own id.
        """
        ...

    def revisions(self, article_id: str) -> list[Revision]:
        """All versions, oldest first, the current one last."""
        ...

    def unclassified(self, model: str, limit: int) -> list[str]:
        """Ids of articles whose current content has no prediction of `model`, newest first."""
        ...

    def unclassified_versions(self, model: str, limit: int) -> list[Article]:
        """Earlier versions, as articles, that have no prediction of `model`, newest first."""
        ...

    def edits(self, query: EditQuery) -> EditPage:
        """What was changed after publication. UsageError when the cursor cannot be read.

        Both versions were seen live. What a file or an archive says is not compared with
        anything: its difference need not be the outlet's doing.
        """
        ...

    # Pages of articles

    def pages_due(self, now: datetime, limit: int, outlets: Sequence[str] = ()) -> list[PageVisit]:
        """Visits that are due at `now`, never visited articles first, newest article first.

        `outlets` empty means every outlet.
        """
        ...

    def page_visits(self, article_ids: Sequence[str]) -> dict[str, PageVisit]:
        """The last visit, or the planned first one, by article id."""
        ...

    def save_page(
        self,
        visit: PageVisit,
        text: str = "",
        *,
        now: datetime,
        same_as: str = "",
        language: str = "",
        author: str = "",
        section: str = "",
    ) -> EntryOutcome:
        """Remember a visit and what the page says; one transaction.

        A visit that was planned while this one was under way is kept, an hour after it.
        With a `text`: COMPLETED when the article had none (the version is filled in, it is no
        edit, and its earlier hash still counts as known), REVISED when it had another one,
        DUPLICATE when it says the same. Without: DUPLICATE, and the stored text stays.
        `same_as` is the id of another address of this article, as the page itself states it.
        `language` takes the place of the stored one where a text is taken; `author` and
        `section` fill in what the feed left empty.
        """
        ...

    # Addresses that lead to others

    def redirects(self, article_ids: Sequence[str]) -> dict[str, str]:
        """The address that a redirector's address leads to, by the id of the latter."""
        ...

    def save_redirects(self, addresses: Mapping[str, str]) -> None:
        """Remember where redirectors lead: id of the redirector's address → final URL."""
        ...

    # Stories that several outlets carry

    def unlinked(self, limit: int) -> list[Article]:
        """Articles whose current content has not been compared with others, oldest first."""
        ...

    def band_mates(
        self, bands: Sequence[int], since: datetime, until: datetime, limit: int
    ) -> dict[str, Mate]:
        """Articles published since..until that share a band, by id, with the bands shared; of
        each band only the `limit` first published."""
        ...

    def save_signatures(
        self, signatures: Sequence[Signature], pairs: Sequence[tuple[str, str]]
    ) -> None:
        """Remember bands and pairs of copies, replacing those of the same articles.

        Clusters are what the pairs connect. An article with a signature was compared anew: its
        earlier pairs are dropped, except those that `save_page` states, so that a cluster may
        come apart. Signatures whose content hash is no longer the current one are passed over,
        and so are their pairs; until it is compared anew, a revised article keeps its copies.
        Marks the days of all members of a changed cluster dirty, former members included.
        """
        ...

    def copies(self, article_ids: Sequence[str]) -> dict[str, tuple[Copy, ...]]:
        """All articles of the cluster of each article, itself included, first published first;
        articles that stand alone are left out."""
        ...

    def clusters(self, since: date, until: date, limit: int) -> list[tuple[Copy, ...]]:
        """Clusters of two outlets or more whose first copy falls on these days: those with the
        most outlets first, then the newest."""
        ...

    # Predictions

    def save_predictions(self, predictions: Sequence[Prediction]) -> None:
        """Write predictions and mark the days of their outlets dirty.

        One on an earlier version of an article is kept with that version and counts nowhere.
        """
        ...

    def predictions(self, article_ids: Sequence[str]) -> dict[str, Prediction]:
        """The newest prediction of each article's current content, by article id."""
        ...

    def version_predictions(self, article_id: str, model: str) -> dict[str, Prediction]:
        """What `model` says about each version of an article, by content hash."""
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
        """Classified articles published on `days`, by `model`, on their current content; each
        with the outlets whose classified copy of the same story was published before."""
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

    # Collection

    def feed_states(self) -> dict[str, FeedState]:
        """By outlet id."""
        ...

    def save_feed_state(self, state: FeedState) -> None: ...

    def count_poll(
        self,
        outlet: str,
        day: date,
        result: PollOutcome,
        outcomes: Mapping[EntryOutcome, int],
        *,
        gap: bool = False,
    ) -> None:
        """Add one poll and its entries' outcomes to the day's counters.

        `gap`: entries may have fallen off the feed since the poll before.
        """
        ...

    def arrivals(self, since: datetime) -> list[Arrivals]:
        """Live articles by outlet and hour of publication, from `since` on, hours without any
        left out; by outlet, then hour."""
        ...

    def collection(self, since: date, until: date) -> list[DayCollection]: ...

    def poll_days(self) -> list[DayCollection]:
        """Every day with polls, by day, then outlet; without their results and outcomes."""
        ...

    def page_counts(self, since: datetime) -> dict[str, dict[str, int]]:
        """How the last visits to the pages of articles published since then ended: by outlet,
        then PageOutcome."""
        ...

    def tallies(self, now: datetime) -> Tallies:
        """Totals over all time, and what waits at `now`."""
        ...

    # The store itself

    def stats(self, model: str) -> StoreStats: ...

    def get_meta(self, name: str) -> str:
        """A small remembered fact (catalogue digest, …); empty when unknown."""
        ...

    def set_meta(self, name: str, value: str) -> None: ...

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Try a lock between processes; yields False at once when somebody holds it."""
        ...
