"""What the alert tests share: facts about a shift, a clock that stands, channels to loopback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.alerts import ledger, render
from services.alerts.channels.base import Sender
from services.alerts.channels.email import EmailSender, MailServer
from services.alerts.channels.webhook import WebhookSender
from services.alerts.facts import AlertFacts, EvidenceArticle, OutletCollection
from services.alerts.ledger import DeliveryReport
from services.domain.alert import Alert, Channel
from services.domain.shift import Shift
from services.index.store import Store
from tests.support.records import NOW, make_shift
from tests.support.webhook_receiver import post

SECRET = b"0123456789abcdef0123456789abcdef"
SENDER = "Framewatch <alerts@framewatch.test>"


@dataclass
class StandingClock:
    """A clock that moves only when told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, gap: timedelta) -> None:
        self.now += gap


def make_facts(shift: Shift | None = None, **fields: object) -> AlertFacts:
    """Return facts about `shift` with one article and one outlet."""
    shift = shift or make_shift()
    values: dict[str, object] = {
        "alert": Alert(shift.id, shift.id, shift.series, shift.direction, shift.level, NOW),
        "shift": shift,
        "label_title": "Détente",
        "scope_title": "state outlets",
        "articles": (make_evidence(),),
        "collection": (OutletCollection("RT", "ok", 120),),
        "page": "https://framewatch.test/",
    }
    return AlertFacts(**(values | fields))  # type: ignore[arg-type]


def make_evidence(**fields: object) -> EvidenceArticle:
    """Return an article that speaks for a shift."""
    values: dict[str, object] = {
        "id": "a" * 32,
        "title": "Talks go on",
        "url": "https://news.example/1",
        "outlet": "RT",
        "language": "en",
        "published": datetime(2025, 2, 25, 9, tzinfo=UTC),
        "labels": ("relations=detente",),
        "passage": "Both sides spoke of an agreement.",
    }
    return EvidenceArticle(**(values | fields))  # type: ignore[arg-type]


def composer(store: Store) -> ledger.Compose:
    """Return a function that renders from the shifts in `store`, as the pipeline does."""

    def facts(alert: Alert) -> AlertFacts:
        shift = next(item for item in store.shifts() if item.id == alert.shift_id)
        return make_facts(shift, alert=alert)

    return render.composer(facts)


def webhook_sender(clock: StandingClock | None = None, *secrets: bytes) -> WebhookSender:
    """Return a webhook channel that may reach loopback."""
    return WebhookSender(post, secrets or (SECRET,), clock or StandingClock())


def email_sender(port: int, clock: StandingClock | None = None, **server: object) -> EmailSender:
    """Return a mail channel to the server on loopback at `port`."""
    options: dict[str, object] = {"security": "none"} | server
    return EmailSender(
        MailServer("127.0.0.1", port, **options),  # type: ignore[arg-type]
        SENDER,
        clock or StandingClock(),
        timeout=30,
    )


def deliver(
    store: Store, clock: StandingClock, owner: str = "test", **channels: Sender
) -> DeliveryReport:
    """Run one round of deliveries over these channels."""
    named: dict[Channel, Sender] = {}
    for name, sender in channels.items():
        named["email" if name == "email" else "webhook"] = sender
    return ledger.deliver_due(store, named, composer(store), clock, owner)
