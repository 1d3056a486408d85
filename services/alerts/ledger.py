"""The ledger: who is to be told what, and what became of each message.

Every message is a row that is written before it is sent and again afterwards:

    raising        shift × rules  →  PENDING rows, whose ids are computed from what they say
    deliver_due    claim (CLAIMED, with a lease)  →  compose  →  send  →  record
                       sent                →  SENT
                       may work later      →  PENDING, after a growing gap (see backoff)
                       cannot work         →  DEAD, with the sentence that says why
                       crash at any point  →  stays CLAIMED; taken over when the lease ends

So a message is sent at least once, and under the same id each time: only a crash between
"the other side took it" and "recorded" can send it twice, and then the id shows it.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.alerts.backoff import MAX_ATTEMPTS, next_try
from services.alerts.channels.base import GoneError, Message, Sender, UnreachableError
from services.alerts.endpoints import disable, disabled, enable
from services.domain.alert import Alert, Delivery, DeliveryStatus
from services.errors import PermanentError, RetryableError
from services.index.store import Store

LOG = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=15)
"""Longer than any one try can take, so that nobody else takes over a message under way."""

_CRASH_LIMIT: Final = MAX_ATTEMPTS + 3  # tries that a crash cut off count too
_RECORD_TRIES: Final = 3  # each waits as long as the store itself does

Compose = Callable[[Delivery, Alert], Message]


class DeliveryOutcome(StrEnum):
    """How one try ended; every claimed delivery ends in exactly one."""

    SENT = "sent"
    RETRY = "retry"
    DEAD = "dead"
    TAKEN_OVER = "taken_over"  # our lease ran out meanwhile: the new owner's record counts


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """How many deliveries ended in which outcome, and a sentence for each that failed."""

    counts: Mapping[DeliveryOutcome, int] = field(default_factory=dict)
    failures: tuple[str, ...] = ()

    def count(self, outcome: DeliveryOutcome) -> int:
        """Return how many deliveries of this round ended in `outcome`."""
        return self.counts.get(outcome, 0)

    @property
    def tried(self) -> int:
        """All deliveries of this round."""
        return sum(self.counts.values())


def new_owner() -> str:
    """Return a name for this process that no other process has."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def deliver_due(
    store: Store,
    channels: Mapping[str, Sender],
    compose: Compose,
    clock: Callable[[], datetime],
    owner: str,
    *,
    limit: int = 200,
    stop: Callable[[], bool] = lambda: False,
) -> DeliveryReport:
    """Try every delivery that is due now, once each; returns how they ended.

    They are claimed one at a time, so that a crash leaves at most one under way, and one
    that fails never keeps the others. `owner` must differ between processes (`new_owner`).
    `stop` is asked before each claim. Raises what the store raises.
    """
    return _Round(store, channels, compose, clock, owner).run(limit, stop)


class _Round:
    """One call of `deliver_due`: what it was given, and what it has learned on the way."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Sender],
        compose: Compose,
        clock: Callable[[], datetime],
        owner: str,
    ) -> None:
        self._store = store
        self._channels = channels
        self._compose = compose
        self._clock = clock
        self._owner = owner
        self._alerts: dict[str, Alert] = {}
        self._unreachable: dict[tuple[str, str], UnreachableError] = {}

    def run(self, limit: int, stop: Callable[[], bool]) -> DeliveryReport:
        counts: Counter[DeliveryOutcome] = Counter()
        failures: list[str] = []
        due = self._clock()  # fixed: what fails in this round is not due again in this round
        while counts.total() < limit and not stop():
            lease = self._clock() + LEASE
            claimed = self._store.claim_deliveries(self._owner, due, lease, 1)
            if not claimed:
                break
            result = self._try(claimed[0])
            outcome = self._record(result)
            counts[outcome] += 1
            if result.error:
                failures.append(result.error)
        return DeliveryReport(dict(counts), tuple(failures))

    def _try(self, delivery: Delivery) -> Delivery:
        """Send one delivery; returns it as it is to be recorded."""
        alert = self._alert(delivery.alert_id)
        is_test = alert is not None and alert.test
        try:
            self._send(delivery, alert)
        except GoneError as error:
            disable(self._store, delivery, str(error))
            return self._dead(delivery, str(error))
        except PermanentError as error:
            return self._dead(delivery, str(error))
        except RetryableError as error:
            return self._later(delivery, str(error), error.retry_after, once=is_test)
        except Exception as error:  # one message must not keep the others
            LOG.exception("Delivery %s failed in an unexpected way.", delivery.id)
            sentence = f"The message could not be made ({type(error).__name__}: {error})."
            return self._later(delivery, sentence, None, once=is_test)
        if is_test:
            enable(self._store, delivery)
        return replace(
            delivery,
            status=DeliveryStatus.SENT,
            sent_at=self._clock(),
            error="",
            claimed_until=None,
        )

    def _send(self, delivery: Delivery, alert: Alert | None) -> None:
        if alert is None:
            raise PermanentError(f"Alert {delivery.alert_id} is not in the store any more.")
        if delivery.attempts > _CRASH_LIMIT:
            raise PermanentError("Too many tries were cut off before their result was recorded.")
        if not alert.test and (reason := disabled(self._store, delivery)):
            raise PermanentError(f"The target was switched off earlier: {reason}")
        sender = self._channels.get(delivery.channel)
        if sender is None:
            raise RetryableError(_MISSING[delivery.channel])
        route = (delivery.channel, sender.route(delivery.target))
        if known := self._unreachable.get(route):
            raise known
        message = self._compose(delivery, alert)
        try:
            sender.send(delivery, message)
        except UnreachableError as error:
            self._unreachable[route] = error
            raise

    def _alert(self, alert_id: str) -> Alert | None:
        if alert_id not in self._alerts:
            self._alerts = {alert.id: alert for alert in self._store.alerts(limit=1_000_000)}
        return self._alerts.get(alert_id)

    def _dead(self, delivery: Delivery, sentence: str) -> Delivery:
        return replace(delivery, status=DeliveryStatus.DEAD, error=sentence, claimed_until=None)

    def _later(
        self, delivery: Delivery, sentence: str, retry_after: float | None, *, once: bool
    ) -> Delivery:
        if once:
            return self._dead(delivery, sentence)
        when = next_try(delivery.id, delivery.attempts, self._clock(), retry_after)
        if when is None:
            return self._dead(delivery, f"Given up after {delivery.attempts} tries. {sentence}")
        return replace(
            delivery,
            status=DeliveryStatus.PENDING,
            next_try=when,
            error=sentence,
            claimed_until=None,
        )

    def _record(self, delivery: Delivery) -> DeliveryOutcome:
        if not self._record_firmly(delivery):
            LOG.warning("Delivery %s was taken over before its result was in.", delivery.id)
            return DeliveryOutcome.TAKEN_OVER
        if delivery.status is DeliveryStatus.SENT:
            return DeliveryOutcome.SENT
        LOG.warning("Delivery %s (%s): %s", delivery.id, delivery.channel, delivery.error)
        dead = delivery.status is DeliveryStatus.DEAD
        return DeliveryOutcome.DEAD if dead else DeliveryOutcome.RETRY

    def _record_firmly(self, delivery: Delivery) -> bool:
        """Record, and insist when the store is busy: a lost record means a second message."""
        for _ in range(_RECORD_TRIES - 1):
            try:
                return self._store.record_delivery(delivery)
            except RetryableError as error:
                LOG.warning("Delivery %s is not recorded yet: %s", delivery.id, error)
        return self._store.record_delivery(delivery)


_MISSING: Final[Mapping[str, str]] = {
    "email": "Mail is switched off: set FRAMEWATCH_SMTP_HOST and FRAMEWATCH_MAIL_FROM.",
    "webhook": "Webhooks cannot be signed: set FRAMEWATCH_WEBHOOK_SECRET.",
}
