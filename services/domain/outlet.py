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
    `aliases` are other names under which imported rows may call it.
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
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str = ""
    enabled: bool = True


class PollOutcome(StrEnum):
    """How one poll of one feed ended; every poll ends in exactly one."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"
    EMPTY_FEED = "empty_feed"
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

    `interval` is in seconds. `sentence` says for a reader how the last poll ended.
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
