"""The stages as plain functions: ids in, ids out. Two engines call them: `run` and Celery.

    collect → classify → count → detect → raise_alerts → deliver

Each stage reads from the index what it works on and writes back what it did, in one
transaction a batch, so that it may be stopped anywhere and called again.
"""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from services.alerts import ledger
from services.alerts.render import composer
from services.alerts.rules import load_rules
from services.collect.articles import StoppedError, build_articles
from services.collect.poll import Poll, poll
from services.context import Context
from services.detection import COUNTS_META, refresh_shifts
from services.domain.article import Article, EntryOutcome
from services.domain.codebook import LABELS
from services.domain.outlet import FeedState, Outlet, PollOutcome
from services.domain.series import DayCounts
from services.errors import FramewatchError, RetryableError
from services.framing.classifier import predict
from services.queries import alert_facts
from services.shifts.series import count_days

LOG = logging.getLogger(__name__)
CLASSIFY_BATCH = 256
COUNT_BATCH = 1_000  # an outlet's day each; bounds the observations that are held at once
POLL_THREADS = 8
CATALOGUE_META = "catalogue_digest"
ADDRESS_META = "feed_address:"


@dataclass(frozen=True, slots=True)
class Collected:
    """How the poll of one outlet ended; `ids` are its new and revised articles."""

    outlet: str
    outcome: PollOutcome
    sentence: str
    ids: tuple[str, ...] = ()
    entries: Counter[EntryOutcome] = field(default_factory=Counter)


def due_outlets(context: Context) -> list[str]:
    """Return the outlets whose feed is to be asked now: enabled, and next_poll has come."""
    now = context.clock()
    states = context.store.feed_states()
    due = []
    for outlet in context.catalogue.outlets:
        state = _known_state(context, outlet, states)
        if outlet.enabled and (state is None or state.next_poll is None or state.next_poll <= now):
            due.append(outlet.id)
    return due


def _known_state(
    context: Context, outlet: Outlet, states: Mapping[str, FeedState]
) -> FeedState | None:
    """What is remembered of the outlet's feed; nothing once its address has changed."""
    address = context.store.get_meta(ADDRESS_META + outlet.id)
    return None if address and address != outlet.feed else states.get(outlet.id)


def _remember(context: Context, outlet: Outlet, state: FeedState) -> None:
    context.store.save_feed_state(state)
    if context.store.get_meta(ADDRESS_META + outlet.id) != outlet.feed:
        context.store.set_meta(ADDRESS_META + outlet.id, outlet.feed)


def collect(
    context: Context, outlet_ids: Sequence[str], stop: Callable[[], bool] = lambda: False
) -> list[Collected]:
    """Poll these outlets side by side; nothing that one of them does touches another.

    Once `stop()` is true, no further outlet or page is asked; outlets that were not finished
    are left out of the result, and are due again.
    """
    outlets = [outlet for name in outlet_ids if (outlet := context.catalogue.get(name))]
    states = context.store.feed_states()
    if not outlets:
        return []
    with ThreadPoolExecutor(POLL_THREADS, thread_name_prefix="collect") as pool:
        done = pool.map(lambda item: _collect_one(context, item, states, stop), outlets)
        return [item for item in done if item is not None]


def _collect_one(
    context: Context, outlet: Outlet, states: dict[str, FeedState], stop: Callable[[], bool]
) -> Collected | None:
    """Poll one outlet; None when the stop came first.

    Where it fails its validators are not saved, so that the entries are fetched again.
    """
    if stop():
        return None
    now = context.clock()
    state = _known_state(context, outlet, states) or FeedState(outlet.id)
    try:
        result = poll(outlet, state, context.fetcher, now, interval=context.settings.poll_interval)
        return _store_poll(context, outlet, result, stop)
    except StoppedError:
        return None
    except FramewatchError as error:
        return Collected(outlet.id, PollOutcome.SERVER_ERROR, f"Nothing was stored: {error}")
    except Exception as error:  # one outlet's failure never touches another
        LOG.debug("Collecting %s failed.", outlet.id, exc_info=error)
        sentence = (
            f"Nothing was stored: what {outlet.name} sent could not be handled "
            f"({type(error).__name__}: {error}). This is a defect; please report it."
        )
        _put_off(context, outlet, state, now, sentence)
        return Collected(outlet.id, PollOutcome.SERVER_ERROR, sentence)


def _put_off(
    context: Context, outlet: Outlet, state: FeedState, now: datetime, sentence: str
) -> None:
    """Remember the failure, and leave the feed alone for one interval."""
    pause = timedelta(seconds=context.settings.poll_interval)
    failed = replace(
        state,
        outcome=PollOutcome.SERVER_ERROR,
        sentence=sentence,
        last_attempt=now,
        next_poll=now + pause,
    )
    with suppress(FramewatchError):  # the report of the round says it anyway
        _remember(context, outlet, failed)


def _store_poll(
    context: Context, outlet: Outlet, result: Poll, stop: Callable[[], bool]
) -> Collected:
    now = context.clock()
    pages = context.settings.fetch_pages and outlet.fetch_pages
    articles, entries = build_articles(
        outlet,
        result.entries,
        now,
        context.fetcher if pages else None,
        context.store.articles,
        stop,
    )
    outcomes = context.store.add_articles(articles)
    entries.update(outcomes)
    fresh = tuple(
        article.id
        for article, outcome in zip(articles, outcomes, strict=True)
        if outcome is not EntryOutcome.DUPLICATE
    )
    context.store.count_poll(outlet.id, now.date(), result.ok, entries)
    # Last: validators are remembered only once the entries are safely in the store.
    _remember(context, outlet, result.state)
    outcome = result.state.outcome or PollOutcome.OK
    return Collected(outlet.id, outcome, result.state.sentence, fresh, entries)


def add(context: Context, articles: Sequence[Article]) -> tuple[Counter[EntryOutcome], list[str]]:
    """Write imported articles; returns their outcomes and the ids that want a label."""
    outcomes = context.store.add_articles(articles)
    fresh = [
        article.id
        for article, outcome in zip(articles, outcomes, strict=True)
        if outcome is not EntryOutcome.DUPLICATE
    ]
    return Counter(outcomes), fresh


def classify(context: Context, ids: Sequence[str]) -> Counter[str]:
    """Classify these articles and store the predictions; returns counts by outcome."""
    outcomes: Counter[str] = Counter()
    articles = context.store.articles(ids)
    todo = [articles[name] for name in ids if name in articles]
    if todo:
        predictions = predict(context.classifier, todo, context.clock())
        context.store.save_predictions(predictions)
        outcomes.update(str(prediction.outcome) for prediction in predictions)
    return outcomes


def classify_waiting(
    context: Context,
    on_batch: Callable[[int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Classify everything in the index that waits for it, batch by batch, until `stop()`."""
    outcomes: Counter[str] = Counter()
    while not stop() and (ids := context.store.unclassified(context.model, CLASSIFY_BATCH)):
        done = classify(context, ids)
        outcomes.update(done)
        if on_batch is not None:
            on_batch(len(ids))
        if not done:
            raise RetryableError(
                "Articles that wait for a label could not be read back from the store; "
                "run 'framewatch doctor' to check it."
            )
    return outcomes


def count(context: Context) -> int:
    """Bring the daily series up to date with the predictions; returns days counted."""
    _notice_catalogue(context)
    days: set[date] = set()
    while dirty := context.store.dirty_days(COUNT_BATCH):
        batch = sorted({item.day for item in dirty})
        seen = context.store.observations(batch, context.model)
        counts = count_days(seen, context.catalogue.groups(), context.model)
        # Before the counts: a crash in between costs one needless look, not a missed one.
        context.store.set_meta(COUNTS_META, secrets.token_hex(8))
        context.store.put_day_counts([*counts, *_emptied(context, batch, counts)], dirty)
        days.update(batch)
    return len(days)


def _emptied(
    context: Context, days: Sequence[date], counts: Iterable[DayCounts]
) -> list[DayCounts]:
    """Zero rows for what these days held before and hold no longer, whatever the reason:
    a text that became unreadable, an outlet that changed its group."""
    written = {(item.scope, item.about, item.day) for item in counts}
    before = context.store.day_counts(context.model, since=days[0], until=days[-1])
    zeros = (0,) * len(LABELS)
    return [
        replace(row, n=0, counts=zeros, sums=(0.0,) * len(zeros), outlets=())
        for row in before
        if row.n and row.day in days and (row.scope, row.about, row.day) not in written
    ]


def _notice_catalogue(context: Context) -> None:
    """Count every day anew when the groups of the catalogue have changed."""
    known = context.store.get_meta(CATALOGUE_META)
    if known != context.catalogue.digest:
        if known:
            context.store.mark_all_dirty()
        context.store.set_meta(CATALOGUE_META, context.catalogue.digest)


def detect(context: Context) -> list[str]:
    """Look for shifts in the series up to yesterday; returns ids of new or raised ones.

    Today is left out: its share is still moving, and looking at it several times would
    spend the promise about false alarms.
    """
    return refresh_shifts(context, until=context.clock().date() - timedelta(days=1))


def raise_alerts(context: Context, shift_ids: Sequence[str] = ()) -> list[str]:
    """Open alerts for these shifts (none given: for all) where a rule asks for them."""
    wanted = set(shift_ids)
    shifts = [
        shift for shift in context.store.shifts(context.model) if not wanted or shift.id in wanted
    ]
    return ledger.raise_alerts(shifts, context.store.rules(), context.store, context.clock())


def adopt_rules(context: Context, path: Path) -> None:
    """Make the rules of this file the installation's rules.

    Raises ConfigurationError naming file and line, also for an outlet or signal that does not
    exist.
    """
    outlets = {outlet.id for outlet in context.catalogue.outlets}
    context.store.save_rules(
        load_rules(path, outlets=outlets, signals=set(context.codebook.signals))
    )


def deliver(context: Context, stop: Callable[[], bool] = lambda: False) -> ledger.DeliveryReport:
    """Send what is due; what fails is tried again later, what succeeds is never sent twice."""
    message = composer(lambda alert: alert_facts(context, alert), context.settings.public_url)
    return ledger.deliver_due(
        context.store, context.senders, message, context.clock, context.owner, stop=stop
    )
