"""The ledger on a real store: who is told, once each, and what becomes of every message."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from services.alerts import ledger
from services.alerts.backoff import GAPS, MAX_ATTEMPTS
from services.alerts.channels.base import Message
from services.alerts.ledger import LEASE, DeliveryOutcome, deliver_due
from services.alerts.raising import raise_alerts, raise_test_alert
from services.domain.alert import Alert, Delivery, DeliveryStatus, Rule
from services.domain.shift import Level, Shift
from services.errors import PermanentError, RetryableError, UsageError
from services.index.opening import open_store
from services.index.store import Store
from tests.support.alerting import StandingClock
from tests.support.records import NOW, TODAY, make_rule, make_shift

SHIFT = make_shift("signal=thaw|group:state|us")
LATER = timedelta(days=2)  # longer than any gap between two tries


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "framewatch.db")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


class Outbox:
    """A channel that takes messages, or raises what it is told to for a target."""

    def __init__(self, **errors: Exception) -> None:
        self.errors = errors
        self.tried: list[str] = []
        self.sent: list[str] = []

    def route(self, target: str) -> str:
        return "outbox"

    def send(self, delivery: Delivery, message: Message) -> None:
        self.tried.append(delivery.target)
        if error := self.errors.get(delivery.target.partition("@")[0]):
            raise error
        self.sent.append(delivery.target)


def plain(delivery: Delivery, alert: Alert) -> Message:
    return Message(f"About {alert.id}")


def start(store: Store, rules: list[Rule], *shifts: Shift) -> list[str]:
    store.save_shifts(shifts or (SHIFT,))
    return raise_alerts(shifts or (SHIFT,), rules, store, NOW)


def round_of(store: Store, outbox: Outbox, clock: StandingClock) -> ledger.DeliveryReport:
    return deliver_due(store, {"email": outbox}, plain, clock, "test")


def only(store: Store) -> Delivery:
    (delivery,) = store.deliveries()
    return delivery


# Raising


def test_raising_again_adds_nothing(store: Store) -> None:
    assert len(start(store, [make_rule(emails=("a@x.org", "b@x.org"))])) == 2
    assert start(store, [make_rule(emails=("a@x.org", "b@x.org"))]) == []
    assert len(store.alerts()) == 1


def test_a_target_named_by_two_rules_gets_one_message(store: Store) -> None:
    rules = [make_rule("one", emails=("desk@x.org",)), make_rule("two", emails=("Desk@x.org",))]
    start(store, rules)
    assert [item.rule for item in store.deliveries()] == ["one"]


def test_renaming_a_rule_repeats_nothing(store: Store) -> None:
    start(store, [make_rule("old name")])
    assert start(store, [make_rule("new name")]) == []


def test_a_mail_and_a_webhook_of_one_rule_are_two_deliveries(store: Store) -> None:
    start(store, [make_rule(emails=("a@x.org",), webhooks=("https://x.org/h",))])
    assert sorted(item.channel for item in store.deliveries()) == ["email", "webhook"]


def test_a_shift_that_no_rule_wants_raises_no_alert(store: Store) -> None:
    assert start(store, [make_rule(watch=("signal=chill",))]) == []
    assert store.alerts() == []


def test_alert_rules_hear_when_an_early_sign_grows_into_an_alert(store: Store) -> None:
    rules = [
        make_rule("early", emails=("early@x.org",), level=Level.WATCH),
        make_rule("sure", emails=("sure@x.org",), level=Level.ALERT),
    ]
    start(store, rules, replace(SHIFT, level=Level.WATCH, arl=Level.WATCH.arl))
    assert [item.target for item in store.deliveries()] == ["early@x.org"]
    start(store, rules, SHIFT)
    assert [item.target for item in store.deliveries()] == ["early@x.org", "sure@x.org"]


@pytest.mark.parametrize(("days", "raised"), [(0, 1), (60, 1), (61, 0), (3650, 0)])
def test_old_shifts_from_an_import_of_history_raise_no_alert(
    store: Store, days: int, raised: int
) -> None:
    shift = replace(SHIFT, alarm_date=TODAY - timedelta(days=days))
    assert len(start(store, [make_rule()], shift)) == raised


# Delivering


def test_a_message_is_sent_once_however_often_delivery_runs(
    store: Store, clock: StandingClock
) -> None:
    start(store, [make_rule()])
    outbox = Outbox()
    for _ in range(3):
        round_of(store, outbox, clock)
        clock.advance(LATER)
    assert outbox.sent == ["desk@example.org"]
    assert only(store).status is DeliveryStatus.SENT
    assert only(store).sent_at == NOW


def test_one_failure_of_any_kind_keeps_nobody_else_waiting(
    store: Store, clock: StandingClock
) -> None:
    names = ("good1", "later", "never", "bug", "good2")
    start(store, [make_rule(emails=tuple(f"{name}@x.org" for name in names))])
    outbox = Outbox(
        later=RetryableError("Busy."), never=PermanentError("No such box."), bug=KeyError("oops")
    )
    report = round_of(store, outbox, clock)
    assert outbox.sent == ["good1@x.org", "good2@x.org"]
    assert (report.count(DeliveryOutcome.SENT), report.count(DeliveryOutcome.RETRY)) == (2, 2)
    assert report.count(DeliveryOutcome.DEAD) == 1
    assert report.tried == 5
    assert "Busy." in report.failures


def test_a_permanent_error_ends_the_delivery_with_its_sentence(
    store: Store, clock: StandingClock
) -> None:
    start(store, [make_rule()])
    round_of(store, Outbox(desk=PermanentError("No such box.")), clock)
    assert (only(store).status, only(store).error) == (DeliveryStatus.DEAD, "No such box.")


def test_tries_come_at_growing_gaps_and_end_dead(store: Store, clock: StandingClock) -> None:
    start(store, [make_rule()])
    outbox = Outbox(desk=RetryableError("Busy."))
    gaps = []
    for _ in GAPS:
        round_of(store, outbox, clock)
        assert only(store).status is DeliveryStatus.PENDING
        gaps.append(only(store).next_try - clock.now)
        round_of(store, outbox, clock)  # not due yet: no try
        clock.now = only(store).next_try
    round_of(store, outbox, clock)
    assert gaps == sorted(gaps)
    assert len(outbox.tried) == MAX_ATTEMPTS
    assert only(store).status is DeliveryStatus.DEAD
    assert only(store).error == "Given up after 9 tries. Busy."


def test_retry_after_is_honoured(store: Store, clock: StandingClock) -> None:
    start(store, [make_rule()])
    round_of(store, Outbox(desk=RetryableError("Busy.", retry_after=7200)), clock)
    assert only(store).next_try == NOW + timedelta(hours=2)


def test_a_channel_that_is_not_set_up_waits_and_says_what_to_set(
    store: Store, clock: StandingClock
) -> None:
    start(store, [make_rule(emails=(), webhooks=("https://x.org/h",))])
    round_of(store, Outbox(), clock)
    assert only(store).status is DeliveryStatus.PENDING
    assert "FRAMEWATCH_WEBHOOK_SECRET" in only(store).error


def test_a_claim_left_by_a_crash_is_taken_over_when_its_lease_ends(
    store: Store, clock: StandingClock
) -> None:
    start(store, [make_rule()])
    store.claim_deliveries("crashed", NOW, NOW + LEASE, 1)
    outbox = Outbox()
    round_of(store, outbox, clock)
    assert outbox.sent == []
    clock.advance(LEASE)
    round_of(store, outbox, clock)
    assert outbox.sent == ["desk@example.org"]


def test_a_message_that_crashes_every_time_is_given_up(store: Store, clock: StandingClock) -> None:
    start(store, [make_rule()])
    for _ in range(MAX_ATTEMPTS + 3):
        assert store.claim_deliveries("crashed", clock.now, clock.now + LEASE, 1)
        clock.advance(LEASE)
    outbox = Outbox()
    round_of(store, outbox, clock)
    assert outbox.tried == []
    assert only(store).status is DeliveryStatus.DEAD


def test_a_result_that_comes_after_the_lease_does_not_overwrite_the_new_owner(
    store: Store, clock: StandingClock
) -> None:
    start(store, [make_rule()])

    class Slow(Outbox):
        def send(self, delivery: Delivery, message: Message) -> None:
            clock.advance(LEASE)
            store.claim_deliveries("other", clock.now, clock.now + LEASE, 1)

    report = round_of(store, Slow(), clock)
    assert report.count(DeliveryOutcome.TAKEN_OVER) == 1
    assert only(store).claimed_by == "other"


def test_a_store_that_is_busy_when_a_result_is_recorded_costs_no_second_message(
    store: Store, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(store, [make_rule()])
    record, busy = store.record_delivery, [RetryableError("The store is locked.")] * 2

    def record_when_free(delivery: Delivery) -> bool:
        if busy:
            raise busy.pop()
        return record(delivery)

    monkeypatch.setattr(store, "record_delivery", record_when_free)
    outbox = Outbox()
    round_of(store, outbox, clock)
    clock.advance(LATER)
    round_of(store, outbox, clock)
    assert outbox.sent == ["desk@example.org"]


def test_a_stop_is_heeded_between_two_messages(store: Store, clock: StandingClock) -> None:
    start(store, [make_rule(emails=("a@x.org", "b@x.org"))])
    outbox = Outbox()
    deliver_due(store, {"email": outbox}, plain, clock, "test", stop=lambda: len(outbox.sent) == 1)
    assert outbox.sent == ["a@x.org"]
    assert [item.status for item in store.deliveries()] == [
        DeliveryStatus.SENT,
        DeliveryStatus.PENDING,
    ]


def test_an_alert_of_years_ago_is_still_found_for_its_delivery(
    store: Store, clock: StandingClock
) -> None:
    shifts = [make_shift(f"frame=dialogue|outlet:o{number}|all") for number in range(150)]
    start(store, [make_rule(watch=(), emails=("a@x.org",))], *shifts)
    report = round_of(store, Outbox(), clock)
    assert report.count(DeliveryOutcome.SENT) == 150


# Tests


def test_a_test_goes_to_every_target_of_every_enabled_rule_once(
    store: Store, clock: StandingClock
) -> None:
    rules = [
        make_rule("one", emails=("a@x.org", "b@x.org")),
        make_rule("two", emails=("b@x.org", "c@x.org")),
        make_rule("off", emails=("d@x.org",), enabled=False),
    ]
    alert = raise_test_alert(rules, store, NOW)
    outbox = Outbox()
    round_of(store, outbox, clock)
    assert alert.test
    assert outbox.sent == ["a@x.org", "b@x.org", "c@x.org"]


def test_a_second_test_is_sent_anew(store: Store, clock: StandingClock) -> None:
    outbox = Outbox()
    for _ in range(2):
        raise_test_alert([make_rule()], store, clock.now)
        round_of(store, outbox, clock)
        clock.advance(timedelta(seconds=1))
    assert len(outbox.sent) == 2


def test_a_test_that_fails_says_so_at_once_and_does_not_come_days_later(
    store: Store, clock: StandingClock
) -> None:
    raise_test_alert([make_rule()], store, NOW)
    round_of(store, Outbox(desk=RetryableError("Busy.")), clock)
    assert (only(store).status, only(store).error) == (DeliveryStatus.DEAD, "Busy.")


def test_a_test_without_rules_is_a_usage_error(store: Store) -> None:
    with pytest.raises(UsageError):
        raise_test_alert([make_rule(enabled=False)], store, NOW)


def test_an_alert_of_an_earlier_version_is_still_read(store: Store, tmp_path: Path) -> None:
    start(store, [make_rule()])
    with closing(sqlite3.connect(tmp_path / "framewatch.db")) as connection, connection:
        connection.execute("UPDATE alerts SET document = json_remove(document, '$.gap')")
    (alert,) = store.alerts()
    assert (alert.kind, alert.shift_id) == ("shift", SHIFT.id)
