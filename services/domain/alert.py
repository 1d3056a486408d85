"""Rules, alerts and their deliveries: who is told what, and how often it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from services.domain.shift import Level

Channel = Literal["email", "webhook"]
AlertKind = Literal["shift", "collection"]
COLLECTION: Final = "collection"
"""The word in `Rule.watch` that asks for alerts about collection itself."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one subscriber wants to hear about. Empty tuples mean "any".

    `watch` lists labels or `signal=NAME`, and `collection`, which "any" does not include: it is
    for whoever keeps the machine running. `scopes` lists `group:…`, `outlet:…` or `all`.
    """

    name: str
    watch: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    level: Level = Level.ALERT
    emails: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class CollectionGap:
    """A time in which an outlet's feed brought nothing although it usually would have.

    `silent`: the feed answers without anything new since `since`; `failing`: it has failed since
    `since`. `noticed` is the last poll that the judgement rests on. `last_entry` is when
    something new was last seen, `usual` the entries a day over the weeks before, `expected` how
    many would usually have come in the gap. A gap this long would come once in `once_in_days`
    by chance. `answer` is the sentence about the last poll.
    """

    outlet: str
    trouble: Literal["silent", "failing"]
    since: datetime
    noticed: datetime
    last_entry: datetime | None
    usual: float
    expected: float
    once_in_days: float
    answer: str


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that at least one rule asked to hear of: a shift, or a gap in the collection.

    About a shift, `id` equals the shift's id. About a gap, `shift_id`, `series` and `direction`
    are empty and `gap` says what was known when the alert was raised.
    """

    id: str
    shift_id: str
    series: str
    direction: str
    level: Level
    created: datetime
    test: bool = False
    gap: CollectionGap | None = None

    @property
    def kind(self) -> AlertKind:
        """What the alert is about; a test stands for a shift."""
        return "shift" if self.gap is None else "collection"


class DeliveryStatus(StrEnum):
    """Where a delivery stands. PENDING and CLAIMED are still to do; the others are final."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"  # a permanent error, or every try used up


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of one alert to one target over one channel; `id` is the message id.

    `attempts` counts tries begun; `next_try` is when a PENDING delivery is due and
    `claimed_until` when a CLAIMED one may be taken over by someone else (a crash between
    claim and record). `error` is the sentence of the last failure.
    """

    id: str
    alert_id: str
    rule: str
    channel: Channel
    target: str
    status: DeliveryStatus
    attempts: int
    next_try: datetime
    claimed_until: datetime | None = None
    claimed_by: str = ""
    sent_at: datetime | None = None
    error: str = ""
