"""The stage that polls feeds and writes what they bring."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TypeAlias

from services.collect.articles import Resolve, build_articles
from services.collect.feeds.moved import address_to_ask
from services.collect.feeds.poll import Poll, poll
from services.collect.feeds.schedule import Bounds
from services.context import Context
from services.domain.article import Article, EntryOutcome
from services.domain.outlet import FeedState, Outlet, PollOutcome
from services.errors import FramewatchError
from services.pipeline.dispatch import side_by_side
from services.pipeline.resolving import resolver

LOG = logging.getLogger(__name__)
ADDRESS_META = "feed_address:"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)

_Task: TypeAlias = tuple[Outlet, FeedState]


@dataclass(frozen=True, slots=True)
class Collected:
    """How the poll of one outlet ended; `ids` are its new and revised articles."""

    outlet: str
    outcome: PollOutcome
    sentence: str
    ids: tuple[str, ...] = ()
    entries: Counter[EntryOutcome] = field(default_factory=Counter)


def due_outlets(context: Context) -> list[str]:
    """Return the outlets whose feed is to be asked now: enabled, and next_poll has come.

    Those that have waited longest stand first.
    """
    now = context.clock()
    due = [(since, outlet) for outlet, since in _next_polls(context) if since <= now]
    return [outlet for _, outlet in sorted(due, key=itemgetter(0))]


def next_due(context: Context) -> datetime | None:
    """Return when the next feed is to be asked, which may be past; None without any feed."""
    return min((since for _, since in _next_polls(context)), default=None)


def _next_polls(context: Context) -> list[tuple[str, datetime]]:
    """Every enabled outlet with the time of its next poll; long ago for one never polled."""
    states = context.store.feed_states()
    found = []
    for outlet in context.catalogue.outlets:
        if outlet.enabled:
            state = _known_state(context, outlet, states)
            since = (state and state.next_poll) or _LONG_AGO
            found.append((outlet.id, max(since, context.refusals.until(outlet.id) or since)))
    return found


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
    context: Context,
    outlet_ids: Sequence[str],
    stop: Callable[[], bool] = lambda: False,
    enough: Callable[[], bool] = lambda: False,
) -> list[Collected]:
    """Poll these outlets side by side, as often as their hosts allow, the first ones first.

    Nothing that one of them does touches another. Once `enough()` is true no further outlet is
    asked; once `stop()` is, those under way are not waited for either. Outlets that were not
    asked are left out of the result, and stay due.
    """
    states = context.store.feed_states()
    now = context.clock()
    waiting: list[tuple[str, _Task]] = []
    for name in dict.fromkeys(outlet_ids):
        if outlet := context.catalogue.get(name):
            state = _known_state(context, outlet, states) or FeedState(outlet.id)
            waiting.append((address_to_ask(outlet, state, now), (outlet, state)))
    done = side_by_side(
        waiting,
        _Collecting(context).one,
        gate=context.gate,
        threads=context.settings.poll_threads,
        stop=stop,
        enough=enough,
    )
    places = {outlet.id: place for place, (_, (outlet, _)) in enumerate(waiting)}
    return sorted(done, key=lambda item: places[item.outlet])


class _Collecting:
    """What the threads of one `collect` do."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        longest = max(settings.poll_interval, settings.poll_interval_max)
        self._bounds = Bounds(settings.poll_interval, longest)
        # Threads wait for hosts side by side; reading and storing side by side would only make
        # them wait for each other, since one Python computes and one writes at a time.
        self._desk = threading.Lock()

    def one(self, task: _Task, given_up: Callable[[], bool]) -> Collected | None:
        """Poll one outlet; None when nobody waits for it any more.

        Where it fails its validators are not saved, so that the entries are fetched again.
        """
        (outlet, state), now = task, self._context.clock()
        try:
            result = poll(outlet, state, self._context.fetcher, now, self._bounds, self._desk)
            resolve = resolver(self._context, outlet, result.entries, given_up)
            with self._desk:
                return None if given_up() else self._store(outlet, result, resolve)
        except FramewatchError as error:
            self._context.refusals.note(outlet.id, self._context.clock())
            return Collected(outlet.id, PollOutcome.SERVER_ERROR, f"Nothing was stored: {error}")
        except Exception as error:  # one outlet's failure never touches another
            LOG.debug("Collecting %s failed.", outlet.id, exc_info=error)
            sentence = (
                f"Nothing was stored: what {outlet.name} sent could not be handled "
                f"({type(error).__name__}: {error}). This is a defect; please report it."
            )
            self._put_off(outlet, state, now, sentence)
            return Collected(outlet.id, PollOutcome.SERVER_ERROR, sentence)

    def _store(self, outlet: Outlet, result: Poll, resolve: Resolve) -> Collected:
        context, now = self._context, self._context.clock()
        articles, entries = build_articles(outlet, result.entries, now, resolve=resolve)
        if articles and result.outcome is not PollOutcome.OK:
            articles, known = self._unknown(articles)
            entries.update(known)
        pages = context.settings.fetch_pages and outlet.fetch_pages
        outcomes = context.store.add_articles(articles, live=True, visit_at=now if pages else None)
        entries.update(outcomes)
        fresh = tuple(
            article.id
            for article, outcome in zip(articles, outcomes, strict=True)
            if outcome is not EntryOutcome.DUPLICATE
        )
        context.store.count_poll(outlet.id, now.date(), result.outcome, entries, gap=result.gap)
        # Last: validators are remembered only once the entries are safely in the store.
        _remember(context, outlet, result.state)
        context.refusals.forget(outlet.id)
        return Collected(outlet.id, result.outcome, result.state.sentence, fresh, entries)

    def _unknown(self, articles: list[Article]) -> tuple[list[Article], Counter[EntryOutcome]]:
        """Return the articles that the store does not know, and the outcomes of the others.

        What an old copy of a feed says of known articles is no news, and no edit either.
        """
        stored = self._context.store.articles([article.id for article in articles])
        unknown = [article for article in articles if article.id not in stored]
        return unknown, Counter([EntryOutcome.DUPLICATE] * (len(articles) - len(unknown)))

    def _put_off(self, outlet: Outlet, state: FeedState, now: datetime, sentence: str) -> None:
        """Remember and count the failure, and leave the feed alone for a while."""
        pause = max(self._bounds.shortest, state.interval)
        failed = replace(
            state,
            outcome=PollOutcome.SERVER_ERROR,
            sentence=sentence,
            failures=state.failures + 1,
            failing_since=state.failing_since or now,
            last_attempt=now,
            next_poll=now + timedelta(seconds=pause),
        )
        context = self._context
        try:
            context.store.count_poll(outlet.id, now.date(), PollOutcome.SERVER_ERROR, {})
            _remember(context, outlet, failed)
        except FramewatchError:  # the report of the round says it anyway
            context.refusals.note(outlet.id, now)


def add(context: Context, articles: Sequence[Article]) -> tuple[Counter[EntryOutcome], list[str]]:
    """Write imported articles; returns their outcomes and the ids that want a label."""
    outcomes = context.store.add_articles(articles)
    fresh = [
        article.id
        for article, outcome in zip(articles, outcomes, strict=True)
        if outcome is not EntryOutcome.DUPLICATE
    ]
    return Counter(outcomes), fresh
