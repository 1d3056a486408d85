"""The SQLite store: the parts, put together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from services.errors import ConfigurationError
from services.index.sqlite.alerts import Alerts
from services.index.sqlite.articles import Articles
from services.index.sqlite.connection import BUSY_SECONDS, Database
from services.index.sqlite.dirty import DirtyDays
from services.index.sqlite.edits import Edits
from services.index.sqlite.feeds import Feeds
from services.index.sqlite.migrations import migrate
from services.index.sqlite.observations import Observations
from services.index.sqlite.pages import Pages
from services.index.sqlite.predictions import Predictions
from services.index.sqlite.redirects import Redirects
from services.index.sqlite.search import Search
from services.index.sqlite.series import Series
from services.index.sqlite.shifts import Shifts
from services.index.sqlite.stats import Stats
from services.index.sqlite.syndication import Syndication
from services.index.sqlite.tallies import TallyTables
from services.index.sqlite.words import rebuild_words
from services.index.words import ANALYZER

_ANALYZER_NAME: Final = "store.analyzer"
_NOT_FILE_NAME: Final = re.compile(r"[^\w.-]")


class SqliteStore:
    """A Store in one SQLite file. Any number of threads and processes may use it at once."""

    def __init__(
        self, path: Path, *, busy_seconds: float = BUSY_SECONDS, max_bytes: int | None = None
    ) -> None:
        """Open the store at `path`, whose folder must exist; see `opening.open_store`."""
        self._path = path
        database = Database(path, busy_seconds=busy_seconds, max_bytes=max_bytes)
        self._database = database
        try:
            migrate(database)
            self._keep_words_current()
        except BaseException:
            database.close()
            raise
        self.close = database.close
        self._serve_articles(database)
        self._serve_framing(database)
        self._serve_series(database)
        self._serve_alerts(database)
        self._serve_collection(database)

    def _serve_articles(self, database: Database) -> None:
        articles = Articles(database)
        self.add_articles = articles.add_articles
        self.articles = articles.articles
        self.unclassified = articles.unclassified
        edits = Edits(database)
        self.revisions = edits.revisions
        self.unclassified_versions = edits.unclassified_versions
        self.edits = edits.edits

        pages = Pages(database)
        self.pages_due = pages.pages_due
        self.page_visits = pages.page_visits
        self.save_page = pages.save_page
        redirects = Redirects(database)
        self.redirects = redirects.redirects
        self.save_redirects = redirects.save_redirects
        syndication = Syndication(database)
        self.unlinked = syndication.unlinked
        self.band_mates = syndication.band_mates
        self.save_signatures = syndication.save_signatures
        self.copies = syndication.copies
        self.clusters = syndication.clusters

    def _serve_framing(self, database: Database) -> None:
        predictions = Predictions(database)
        self.save_predictions = predictions.save_predictions
        self.predictions = predictions.predictions
        self.version_predictions = predictions.version_predictions
        self.observations = Observations(database).observations
        self.search = Search(database).search

    def _serve_series(self, database: Database) -> None:
        dirty = DirtyDays(database)
        self.dirty_days = dirty.dirty_days
        self.mark_all_dirty = dirty.mark_all_dirty
        series = Series(database)
        self.put_day_counts = series.put_day_counts
        self.day_counts = series.day_counts
        shifts = Shifts(database)
        self.save_shifts = shifts.save_shifts
        self.delete_shifts = shifts.delete_shifts
        self.shifts = shifts.shifts

    def _serve_alerts(self, database: Database) -> None:
        alerts = Alerts(database)
        self.save_rules = alerts.save_rules
        self.rules = alerts.rules
        self.add_alerts = alerts.add_alerts
        self.alerts = alerts.alerts
        self.claim_deliveries = alerts.claim_deliveries
        self.record_delivery = alerts.record_delivery
        self.deliveries = alerts.deliveries

    def _serve_collection(self, database: Database) -> None:
        feeds = Feeds(database)
        self.feed_states = feeds.feed_states
        self.save_feed_state = feeds.save_feed_state
        self.count_poll = feeds.count_poll
        self.arrivals = feeds.arrivals
        self.collection = feeds.collection
        self.stats = Stats(database).stats
        tallies = TallyTables(database)
        self.tallies = tallies.tallies
        self.page_counts = tallies.page_counts
        self.poll_days = tallies.poll_days

    def get_meta(self, name: str) -> str:
        """Return a small remembered fact; empty when unknown."""
        with self._database.reading() as connection:
            row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_meta(self, name: str, value: str) -> None:
        """Remember a small fact. Names that begin with `store.` belong to the store."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value)
            )

    @contextmanager
    def lock(self, name: str) -> Iterator[bool]:
        """Try a lock between processes; yields False at once when somebody holds it.

        The operating system frees it when the process ends, however it ends.
        """
        file = self._path.with_name(f"{self._path.name}.{_NOT_FILE_NAME.sub('_', name)}.lock")
        lock = FileLock(file, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
        except OSError as error:
            raise ConfigurationError(
                f"The lock file {file} cannot be written ({error.strerror}). Give yourself "
                "write permission on its folder, or choose another one with --data."
            ) from error
        try:
            yield True
        finally:
            lock.release()

    def _keep_words_current(self) -> None:
        if self.get_meta(_ANALYZER_NAME) == ANALYZER:
            return
        with self._database.writing() as connection:
            rebuild_words(connection)
            connection.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
                (_ANALYZER_NAME, ANALYZER),
            )
