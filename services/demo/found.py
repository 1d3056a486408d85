"""What the product made of the simulated world, read through its own doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.context import Context
from services.demo.sinks import MailSink, ReceivedMail, ReceivedWebhook, WebhookReceiver
from services.demo.world import World
from services.domain.alert import Alert, CollectionGap, Delivery
from services.domain.identity import story_key
from services.domain.series import SCOPE_ALL
from services.domain.shift import Shift


@dataclass(frozen=True, slots=True)
class StoryDay:
    """A syndicated story on its day: how many `copies` are in the index, how many `distinct`
    stories that nobody told before, and how many the series of all outlets `counted`."""

    copies: int
    distinct: int
    counted: int


@dataclass(frozen=True, slots=True)
class Found:
    """Shifts, alerts, messages and counts at the end of the demo.

    `alerts` are those about shifts, `gaps` those in the collection that were noticed.
    `articles` counts the articles in the index by outlet, `unlabelled` those without labels.
    """

    shifts: tuple[Shift, ...]
    alerts: tuple[Alert, ...]
    deliveries: tuple[Delivery, ...]
    mails: tuple[ReceivedMail, ...]
    webhooks: tuple[ReceivedWebhook, ...]
    articles: Mapping[str, int]
    stories: Mapping[date, StoryDay]
    unlabelled: int = 0
    refused_webhooks: int = 0
    bad_signatures: int = 0
    gaps: tuple[CollectionGap, ...] = ()


def gather(context: Context, world: World, mail: MailSink, hooks: WebhookReceiver) -> Found:
    """Read everything that the report compares; changes nothing."""
    store = context.store
    stats = store.stats(context.model)
    alerts = [alert for alert in store.alerts(limit=10_000) if not alert.test]
    return Found(
        shifts=tuple(store.shifts(context.model)),
        alerts=tuple(alert for alert in alerts if alert.gap is None),
        deliveries=tuple(store.deliveries()),
        mails=tuple(mail.mails),
        webhooks=tuple(hooks.webhooks),
        articles=dict(stats.articles_by_outlet),
        stories=_stories(context, world),
        unlabelled=stats.articles - stats.classified,
        refused_webhooks=hooks.refused,
        bad_signatures=hooks.bad_signatures,
        gaps=tuple(alert.gap for alert in alerts if alert.gap is not None),
    )


def _stories(context: Context, world: World) -> dict[date, StoryDay]:
    found = {}
    for story in world.planted.syndicated:
        day = story.day
        seen = list(context.store.observations([day], context.model))
        keys = [item.story for item in seen]
        counts = context.store.day_counts(
            context.model, scopes=[SCOPE_ALL], about="all", since=day, until=day
        )
        found[day] = StoryDay(
            copies=keys.count(story_key(story.title)),
            distinct=len({item.story for item in seen if not item.told_before}),
            counted=sum(row.n for row in counts),
        )
    return found


def expected_articles(world: World, days: int = 3) -> dict[str, int]:
    """How many articles of each outlet belong in the index.

    An outlet's own repeat of a wording within `days` days is a duplicate by design.
    """
    expected: Counter[str] = Counter()
    latest: dict[tuple[str, str], date] = {}
    for entry in world.entries:
        key, day = (entry.outlet, story_key(entry.title)), entry.published.date()
        if key not in latest or (day - latest[key]).days > days:
            expected[entry.outlet] += 1
            latest[key] = day
    return dict(expected)


def sent_ids(deliveries: Sequence[Delivery], channel: str) -> list[str]:
    """The message ids of one channel that the ledger holds as sent."""
    return [item.id for item in deliveries if item.channel == channel and item.status == "sent"]
