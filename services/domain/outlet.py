"""An outlet of the catalogue, and what is known about the health of its feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Group(StrEnum):
    """A grouping for measurement, not a verdict; the catalogue states the reason."""

    STATE = "state"
    ALTERNATIVE = "alternative"
    CONTROL = "control"


class Certainty(StrEnum):
    """How sure the feed address is: A in several recent lists, B in one or two, C derived."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet: who it is, why it is in its group, and how its feed is fetched.

    `id` is a short lower-case slug (`rt`, `ria-novosti`) and never changes; `name` is shown.
    `aliases` are other names under which imported rows may call it. `timezone` (IANA) is that
    of dates without a zone; `text_hints` are XPath expressions for the pages' text.
    `headers` and `proxy` may hold keys and passwords, so they are left out of its repr.
    """

    id: str
    name: str
    group: Group
    language: str
    feed: str
    reason: str
    source: str
    certainty: Certainty
    aliases: tuple[str, ...] = ()
    fetch_pages: bool = True
    user_agent: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    proxy: str = field(default="", repr=False)
    enabled: bool = True
    timezone: str = "UTC"
    text_hints: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class PollOutcome(StrEnum):
    """How one poll of one feed ended; every poll ends in exactly one."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY_FEED = "empty_feed"
    WENT_BACKWARDS = "went_backwards"  # older entries than the poll before, nothing newer
    NOT_A_FEED = "not_a_feed"
    BROKEN_FEED = "broken_feed"
    TOO_LARGE = "too_large"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BLOCKED = "blocked"  # 401, 403, 451 or a guard page
    GONE = "gone"  # 404, 410
    SERVER_ERROR = "server_error"
    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"  # name, connection, TLS
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = "forbidden_address"  # a private address, refused by us

    @property
    def ok(self) -> bool:
        """True when the server answered as a healthy feed does."""
        return self in (PollOutcome.OK, PollOutcome.NOT_MODIFIED)


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered between two polls of one outlet's feed. Times are aware UTC.

    `interval` is the adaptive pause in seconds, `asked_pause` the one that the feed and its
    server ask for (0: none). `sentence` says for a reader how the last poll ended. `last_new`
    is the publication time of the newest entry, `last_entry` when a poll last brought an entry
    that the poll before had not. `rate` is new entries an hour, smoothed; `window` the span in
    seconds that the feed reaches back, and `keys` short hashes of its entries, newest first, by
    which the next poll knows whether the two overlap. `moved_to` is where permanent redirects
    have led `moved_times` polls in a row; once that is enough, `address` is asked in place of
    the catalogue's. `gap` is the last time when entries may have fallen off between two polls.
    `skip_hours` (UTC) and `skip_days` (0 is Monday) are when the feed asks not to be polled.
    `failing_since` is the first failed poll after the last good one, None while polls succeed.
    """

    outlet: str
    etag: str = ""
    last_modified: str = ""
    next_poll: datetime | None = None
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    outcome: PollOutcome | None = None
    sentence: str = ""
    failures: int = 0
    interval: float = 0.0
    asked_pause: float = 0.0
    last_entry: datetime | None = None
    rate: float = 0.0
    window: float = 0.0
    keys: tuple[str, ...] = ()
    gap: datetime | None = None
    moved_to: str = ""
    moved_times: int = 0
    address: str = ""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    failing_since: datetime | None = None
