"""One poll of one feed: fetch, parse, and the state to remember. Never raises."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.collect.feeds.feed import FeedError, parse_feed
from services.collect.feeds.schedule import (
    DEFAULT_INTERVAL,
    asks_conditionally,
    next_poll,
    wait_seconds,
)
from services.collect.http.fetcher import Fetched, Fetcher, FetchError
from services.domain.article import DateQuality, FeedEntry
from services.domain.outlet import FeedState, Outlet, PollOutcome

ACCEPT: Final = (
    "application/rss+xml, application/atom+xml, application/rdf+xml, application/xml;q=0.9, "
    "text/xml;q=0.9, */*;q=0.5"
)
_MAX_VALIDATOR: Final = 500


@dataclass(frozen=True, slots=True)
class Poll:
    """What a poll brought: the entries of the feed, and the state to save after them.

    Save `state` only once the entries are stored: its ETag makes the server leave them out of
    the next answer.
    """

    state: FeedState
    entries: tuple[FeedEntry, ...] = ()

    @property
    def ok(self) -> bool:
        """True when the server answered as a healthy feed does."""
        return self.state.outcome is not None and self.state.outcome.ok


def poll(
    outlet: Outlet,
    state: FeedState,
    fetcher: Fetcher,
    now: datetime,
    *,
    interval: float | None = None,
) -> Poll:
    """Ask `outlet`'s feed once. Whatever the server does ends in an outcome and a sentence.

    `interval` is in seconds; without it the one of `state` holds, or `DEFAULT_INTERVAL`.
    """
    state = replace(state, interval=interval or state.interval or DEFAULT_INTERVAL)
    conditional = asks_conditionally(state, now)
    try:
        fetched = fetcher.get(
            outlet.feed,
            headers=outlet.headers,
            etag=state.etag if conditional else "",
            last_modified=state.last_modified if conditional else "",
            user_agent=outlet.user_agent,
            proxy=outlet.proxy,
            accept=ACCEPT,
        )
        if fetched.status == 304:
            return _unchanged(state, now, conditional)
        content_type = fetched.headers.get("content-type", "")
        feed = parse_feed(fetched.body, content_type, fetched.url, now, outlet.timezone)
    except FetchError as error:
        wait = getattr(error, "retry_after", None)
        return _failed(state, now, error.outcome, str(error), wait)
    except FeedError as error:
        return _failed(state, now, error.outcome, str(error))
    return Poll(_answered(state, now, fetched, feed.entries), feed.entries)


def _answered(
    state: FeedState, now: datetime, fetched: Fetched, entries: tuple[FeedEntry, ...]
) -> FeedState:
    count = len(entries)
    return replace(
        _succeeded(state, now, PollOutcome.OK, f"The feed holds {count} entries."),
        etag=_validator(fetched.headers.get("etag", "")),
        last_modified=_validator(fetched.headers.get("last-modified", "")),
        last_new=_newest(entries, state.last_new),
    )


def _unchanged(state: FeedState, now: datetime, conditional: bool) -> Poll:
    if not conditional:
        return _failed(
            state,
            now,
            PollOutcome.SERVER_ERROR,
            "The server says that nothing has changed, although it was asked for everything.",
        )
    sentence = "Nothing has changed since the poll before."
    return Poll(_succeeded(state, now, PollOutcome.NOT_MODIFIED, sentence))


def _succeeded(state: FeedState, now: datetime, outcome: PollOutcome, sentence: str) -> FeedState:
    return replace(
        state,
        outcome=outcome,
        sentence=sentence,
        failures=0,
        last_attempt=now,
        last_success=now,
        next_poll=next_poll(now, wait_seconds(outcome, 0, state.interval)),
    )


def _failed(
    state: FeedState,
    now: datetime,
    outcome: PollOutcome,
    sentence: str,
    retry_after: float | None = None,
) -> Poll:
    failures = state.failures + 1
    wait = wait_seconds(outcome, failures, state.interval, retry_after)
    return Poll(
        replace(
            state,
            outcome=outcome,
            sentence=sentence,
            failures=failures,
            last_attempt=now,
            next_poll=next_poll(now, wait),
        )
    )


def _validator(value: str) -> str:
    """An ETag or date that can be sent back; anything odd is not remembered."""
    fits = len(value) <= _MAX_VALIDATOR and value.isascii() and value.isprintable()
    return value if fits else ""


def _newest(entries: Iterable[FeedEntry], before: datetime | None) -> datetime | None:
    """When the newest entry was published, as far as the feed says so itself."""
    stated = [
        entry.published
        for entry in entries
        if entry.published is not None and entry.date_quality is DateQuality.STATED
    ]
    return max([*stated, *([before] if before else [])], default=None)
