"""One poll of one feed: fetch, parse, and the state to remember. Never raises."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from services.collect.feeds import window
from services.collect.feeds.feed import parse_feed
from services.collect.feeds.freshness import fresh_seconds
from services.collect.feeds.limit import entries_sentence
from services.collect.feeds.moved import address_to_ask, forget_move, move_sentence, note_move
from services.collect.feeds.parsed import FeedError, ParsedFeed
from services.collect.feeds.schedule import (
    Bounds,
    Flow,
    asked_wait,
    asks_conditionally,
    failure_pause,
    is_hard,
    next_poll,
    spread,
    steady_pause,
)
from services.collect.http.fetcher import Fetched, Fetcher, FetchError
from services.domain.article import FeedEntry
from services.domain.outlet import FeedState, Outlet, PollOutcome

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
BACKWARDS_TIMES: Final = 3
"""A feed that keeps showing an older state so often has really taken entries back."""
_MAX_VALIDATOR: Final = 500


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll brought: the entries of the feed, and the state to save after them.

    Save `state` only once the entries are stored: its ETag makes the server leave them out of
    the next answer. `gap`: entries may have fallen off the feed since the poll before.
    """

    state: FeedState
    entries: tuple[FeedEntry, ...] = ()
    gap: bool = False

    @property
    def outcome(self) -> PollOutcome:
        """How the poll ended."""
        return self.state.outcome or PollOutcome.SERVER_ERROR

    @property
    def ok(self) -> bool:
        """True when the server answered as a healthy feed does."""
        return self.outcome.ok


@dataclass(frozen=True, slots=True)
class _Asking:
    """One poll under way."""

    outlet: Outlet
    state: FeedState
    now: datetime
    bounds: Bounds
    address: str
    conditional: bool


def poll(
    outlet: Outlet,
    state: FeedState,
    fetcher: Fetcher,
    now: datetime,
    bounds: Bounds | None = None,
    desk: AbstractContextManager[object] | None = None,
) -> Poll:
    """Ask `outlet`'s feed once. Whatever the server does ends in an outcome and a sentence.

    `desk` is held while the answer is read: where many threads poll, a lock lets one at a time.
    """
    address = address_to_ask(outlet, state, now)
    conditional = asks_conditionally(state, now) and bool(state.etag or state.last_modified)
    asking = _Asking(outlet, state, now, bounds or Bounds(), address, conditional)
    try:
        fetched = fetcher.get(
            address,
            headers=outlet.headers,
            etag=state.etag if conditional else "",
            last_modified=state.last_modified if conditional else "",
            user_agent=outlet.user_agent,
            proxy=outlet.proxy,
            accept=ACCEPT,
        )
    except FetchError as error:
        return _failed(asking, error.outcome, str(error), error)
    if fetched.status == 304:
        return _unchanged(asking, fetched)
    with desk or nullcontext():
        return _read(asking, fetched)


def _read(asking: _Asking, fetched: Fetched) -> Poll:
    content_type, zone = fetched.headers.get("content-type", ""), asking.outlet.timezone
    try:
        feed = parse_feed(fetched.body, content_type, fetched.url, asking.now, zone)
    except FeedError as error:
        return _failed(asking, error.outcome, str(error))
    return _answered(asking, fetched, feed)


def _answered(asking: _Asking, fetched: Fetched, feed: ParsedFeed) -> Poll:
    state, now = asking.state, asking.now
    change = window.compare(state, feed.entries, complete=feed.complete)
    if change.backwards and not _keeps_going_back(state):
        sentence = (
            "The feed went backwards: it shows an older state of itself than the poll before, as "
            "a cache that hands out an old copy does. Nothing is lost."
        )
        return replace(_failed(asking, PollOutcome.WENT_BACKWARDS, sentence), entries=feed.entries)
    flow = window.flow_after(state, change, feed.entries, now)
    moved = note_move(asking.outlet, state, asking.address, fetched.moved)
    newest = window.newest_date(feed.entries)
    # Of a feed that broke off, the rest is still to come: everything is asked for again.
    headers = fetched.headers if feed.complete else {}
    state = replace(
        moved,
        etag=_validator(headers.get("etag", "")),
        last_modified=_validator(headers.get("last-modified", "")),
        asked_pause=max(feed.pause, fresh_seconds(fetched.headers, now)),
        skip_hours=tuple(sorted(feed.skip_hours)),
        skip_days=tuple(sorted(feed.skip_days)),
        last_new=max((d for d in (newest, state.last_new) if d), default=None),
        last_entry=now if change.fresh else state.last_entry,
        keys=change.keys,
        gap=now if change.gap else state.gap,
    )
    sentence = _sentence(feed, change) + move_sentence(state)
    return Poll(_succeeded(asking, state, PollOutcome.OK, sentence, flow), feed.entries, change.gap)


def _sentence(feed: ParsedFeed, change: window.Change) -> str:
    sentence = entries_sentence(feed)
    if not feed.complete:
        sentence += " It broke off after them; the rest is asked for again."
    if change.gap:
        sentence += (
            " None of them was there at the poll before, so entries may have fallen off the feed "
            "unseen; it is asked more often now."
        )
    if change.backwards:
        sentence += " It has taken back its newest entries."
    return sentence


def _keeps_going_back(state: FeedState) -> bool:
    going_back = state.outcome is PollOutcome.WENT_BACKWARDS
    return going_back and state.failures >= BACKWARDS_TIMES - 1


def _unchanged(asking: _Asking, fetched: Fetched) -> Poll:
    if not asking.conditional:
        return _failed(
            asking,
            PollOutcome.SERVER_ERROR,
            "The server says that nothing has changed, although it was asked for everything.",
        )
    state = note_move(asking.outlet, asking.state, asking.address, fetched.moved)
    flow = window.flow_unchanged(state, asking.now)
    sentence = "Nothing has changed since the poll before." + move_sentence(state)
    return Poll(_succeeded(asking, state, PollOutcome.NOT_MODIFIED, sentence, flow))


def _succeeded(
    asking: _Asking, state: FeedState, outcome: PollOutcome, sentence: str, flow: Flow
) -> FeedState:
    now, bounds = asking.now, asking.bounds
    state = replace(
        state,
        outcome=outcome,
        sentence=sentence,
        failures=0,
        failing_since=None,
        last_attempt=now,
        last_success=now,
        interval=steady_pause(flow, state.asked_pause, bounds),
        rate=flow.rate,
        window=flow.window,
    )
    return replace(state, next_poll=next_poll(now, state, flow, bounds))


def _failed(
    asking: _Asking, outcome: PollOutcome, sentence: str, error: FetchError | None = None
) -> Poll:
    state, now = asking.state, asking.now
    if state.address and asking.address != state.address:
        return _check_failed(asking, outcome, sentence)
    failures = state.failures + 1
    if is_hard(outcome) and state.address:
        state = forget_move(state)
        sentence += " It will be asked at the catalogue's own address again."
    failed = replace(
        state,
        outcome=outcome,
        sentence=sentence,
        failures=failures,
        failing_since=state.failing_since or now,
        last_attempt=now,
    )
    return Poll(replace(failed, next_poll=now + _pause(asking, failed, error)))


def _check_failed(asking: _Asking, outcome: PollOutcome, sentence: str) -> Poll:
    """The weekly look at the old address of a feed that has moved: it fails, and need not work."""
    state, now = asking.state, asking.now
    sentence = f"The catalogue's address of the feed no longer works: {sentence}"
    soon = timedelta(seconds=spread(asking.bounds.shortest, state.outlet, now, asking.bounds))
    return Poll(
        replace(
            state,
            outcome=outcome,
            sentence=sentence + move_sentence(state),
            last_attempt=now,
            next_poll=now + soon,
        )
    )


def _pause(asking: _Asking, failed: FeedState, error: FetchError | None) -> timedelta:
    """How long to leave a feed alone that has failed `failed.failures` times in a row."""
    bounds, outcome = asking.bounds, failed.outcome or PollOutcome.SERVER_ERROR
    status = error.status if error else 0
    retry_after = getattr(error, "retry_after", None)
    pause = failure_pause(
        outcome,
        failed.failures,
        failed.interval,
        bounds,
        status=status,
        retry_after=retry_after,
    )
    over = Bounds(bounds.shortest, max(bounds.longest, pause))
    pause = spread(pause, failed.outlet, asking.now, over)
    return timedelta(seconds=max(pause, asked_wait(status, retry_after, bounds)))


def _validator(value: str) -> str:
    """An ETag or date that can be sent back; anything odd is not remembered."""
    fits = len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable()
    return value if fits else ""
