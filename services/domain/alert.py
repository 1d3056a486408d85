"""Rules, alerts and their deliveries: who is told what, and how often it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from services.domain.shift import Level

Channel = Literal["email", "webhook"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one subscriber wants to hear about. Empty tuples mean "any".

    `watch` lists labels or `signal=NAME`; `scopes` lists `group:…`, `outlet:…` or `all`.
    """

    name: str
    watch: tuple[str, ...]
    scopes: tuple[str, ...] = ()
    level: Level = Level.ALERT
    emails: tuple[str, ...] = ()
    webhooks: tuple[str, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Alert:
    """One shift that at least one rule asked for; `id` equals the shift's id."""

    id: str
    shift_id: str
    series: str
    direction: str
    level: Level
    created: datetime
    test: bool = False


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
