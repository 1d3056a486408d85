"""The stage that polls feeds and writes what they bring."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.collect.articles import build_articles
from services.collect.feeds.poll import Poll, poll
from services.context import Context
from services.domain.article import Article, EntryOutcome
from services.domain.outlet import FeedState, Outlet, PollOutcome
from services.errors import FramewatchError

LOG = logging.getLogger(__name__)
POLL_THREADS = 8
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

    Once `stop()` is true, no further outlet is asked; those that were not are left out of the
    result, and are due again.
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
        return _store_poll(context, outlet, result)
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


def _store_poll(context: Context, outlet: Outlet, result: Poll) -> Collected:
    now = context.clock()
    articles, entries = build_articles(outlet, result.entries, now)
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
