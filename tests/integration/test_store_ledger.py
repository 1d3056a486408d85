"""The contract of every store: shifts, rules, alerts, deliveries, feeds, small facts, locks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.domain.alert import DeliveryStatus
from services.domain.article import EntryOutcome
from services.domain.outlet import FeedState, PollOutcome
from services.domain.shift import Direction, Level
from services.errors import FramewatchError
from services.index.records import DayCollection
from services.index.store import Store
from tests.support.records import (
    MODEL,
    NOW,
    TODAY,
    make_alert,
    make_delivery,
    make_feed_state,
    make_rule,
    make_shift,
)
from tests.support.stores import Place, place_fixture, store_fixture

place = place_fixture()
store = store_fixture()

LATER = NOW + timedelta(minutes=5)
PENDING, CLAIMED, SENT, DEAD = DeliveryStatus


# Shifts


def test_shifts_come_newest_first_and_are_replaced_by_id(store: Store) -> None:
    old = make_shift(onset=TODAY - timedelta(days=40), evidence=("a", "b"))
    new = make_shift(direction=Direction.DOWN)
    store.save_shifts([old, new])
    stronger = replace(new, alarm_date=new.alarm_date + timedelta(days=1), level=Level.ALERT)
    store.save_shifts([stronger])
    assert store.shifts() == [stronger, old]


def test_shifts_are_filtered_and_withdrawn(store: Store) -> None:
    one = make_shift(onset=TODAY - timedelta(days=60))
    two = make_shift(model="other")
    store.save_shifts([one, two])
    assert store.shifts(model=MODEL) == [one]
    assert store.shifts(since=two.alarm_date) == [two]
    assert store.shifts(since=two.alarm_date + timedelta(days=1)) == []
    store.delete_shifts([one.id, "unknown"])
    assert store.shifts() == [two]


# Rules, alerts, deliveries


def test_rules_are_replaced_as_a_whole_and_keep_their_order(store: Store) -> None:
    first = [make_rule("b", scopes=("group:state",), level=Level.WATCH), make_rule("a")]
    store.save_rules(first)
    assert store.rules() == first
    store.save_rules([make_rule("c", webhooks=("https://hook.example/x",), enabled=False)])
    assert [rule.name for rule in store.rules()] == ["c"]


def test_alerts_and_deliveries_are_added_once(store: Store) -> None:
    alert = make_alert()
    mail, hook = make_delivery(alert), make_delivery(alert, channel="webhook", target="http://x")
    assert store.add_alerts([alert], [mail]) == [mail.id]
    assert store.add_alerts([alert], [mail, hook]) == [hook.id]
    assert store.alerts() == [alert]
    assert store.deliveries() == [mail, hook]


def test_adding_again_does_not_undo_a_delivery(store: Store) -> None:
    alert, delivery = make_alert(), make_delivery()
    store.add_alerts([alert], [delivery])
    (claimed,) = store.claim_deliveries("me", NOW, LATER, 10)
    sent = replace(claimed, status=SENT, sent_at=NOW)
    assert store.record_delivery(sent)
    assert store.add_alerts([alert], [delivery]) == []
    assert store.deliveries() == [sent]


def test_alerts_come_newest_first(store: Store) -> None:
    alerts = [
        make_alert(make_shift(series), created=NOW + timedelta(hours=hour), test=hour == 1)
        for hour, series in enumerate(["a|all|all", "b|all|all", "c|all|all"])
    ]
    store.add_alerts(alerts, [])
    assert store.alerts() == alerts[::-1]
    assert store.alerts(limit=1) == alerts[2:]


def test_a_delivery_needs_its_alert_and_nothing_is_written_without(store: Store) -> None:
    alert = make_alert()
    orphan = make_delivery(make_alert(make_shift("other|all|all")))
    with pytest.raises(FramewatchError):
        store.add_alerts([alert], [make_delivery(alert), orphan])
    assert store.alerts() == []
    assert store.deliveries() == []


def test_deliveries_are_filtered(store: Store) -> None:
    alerts = [make_alert(make_shift(series)) for series in ("a|all|all", "b|all|all")]
    one, two = (make_delivery(alert) for alert in alerts)
    store.add_alerts(alerts, [one, replace(two, next_try=LATER)])
    (claimed,) = store.claim_deliveries("me", NOW, LATER, 10)
    assert store.deliveries([alerts[0].id]) == [claimed]
    assert store.deliveries(status=CLAIMED) == [claimed]
    assert [item.id for item in store.deliveries(status=PENDING)] == [two.id]
    assert store.deliveries([alerts[1].id], CLAIMED) == []


def test_a_claim_takes_due_deliveries_only_and_only_once(store: Store) -> None:
    alert = make_alert()
    due = make_delivery(alert, target="a")
    not_due = make_delivery(alert, target="b", next_try=NOW + timedelta(seconds=1))
    store.add_alerts([alert], [due, not_due])
    (claimed,) = store.claim_deliveries("me", NOW, LATER, 10)
    assert claimed == replace(due, status=CLAIMED, attempts=1, claimed_by="me", claimed_until=LATER)
    assert store.deliveries([alert.id], CLAIMED) == [claimed]
    assert store.claim_deliveries("you", NOW, LATER, 10) == []


def test_a_claim_respects_its_limit_and_takes_the_longest_waiting(store: Store) -> None:
    alert = make_alert()
    waiting = [
        make_delivery(alert, target=str(n), next_try=NOW - timedelta(minutes=n)) for n in range(5)
    ]
    store.add_alerts([alert], waiting)
    taken = store.claim_deliveries("me", NOW, LATER, 2)
    assert [item.target for item in taken] == ["4", "3"]


def test_a_lease_that_ran_out_is_taken_over_and_the_first_owner_is_told(store: Store) -> None:
    store.add_alerts([make_alert()], [make_delivery()])
    (mine,) = store.claim_deliveries("me", NOW, LATER, 10)
    (yours,) = store.claim_deliveries("you", LATER, LATER + timedelta(minutes=5), 10)
    assert (yours.attempts, yours.claimed_by) == (2, "you")
    assert not store.record_delivery(replace(mine, status=SENT, sent_at=LATER))
    sent = replace(yours, status=SENT, sent_at=LATER)
    assert store.record_delivery(sent)
    assert store.deliveries() == [sent]


def test_the_same_owner_cannot_record_an_earlier_claim(store: Store) -> None:
    store.add_alerts([make_alert()], [make_delivery()])
    (first,) = store.claim_deliveries("me", NOW, LATER, 10)
    store.claim_deliveries("me", LATER, LATER + timedelta(minutes=5), 10)
    assert not store.record_delivery(replace(first, status=DEAD))


def test_a_failure_waits_for_its_next_try(store: Store) -> None:
    store.add_alerts([make_alert()], [make_delivery()])
    (claimed,) = store.claim_deliveries("me", NOW, LATER, 10)
    failed = replace(
        claimed,
        status=PENDING,
        claimed_by="",
        claimed_until=None,
        next_try=LATER,
        error="The mail server did not answer \ud83d.",
    )
    assert store.record_delivery(failed)
    assert store.claim_deliveries("me", NOW, LATER, 10) == []
    (again,) = store.claim_deliveries("me", LATER, LATER + timedelta(minutes=5), 10)
    assert again.attempts == 2
    assert again.error.startswith("The mail server")


def test_recording_the_same_result_twice_is_no_failure(store: Store) -> None:
    store.add_alerts([make_alert()], [make_delivery()])
    (claimed,) = store.claim_deliveries("me", NOW, LATER, 10)
    sent = replace(claimed, status=SENT, sent_at=NOW)
    assert store.record_delivery(sent)
    assert store.record_delivery(sent)
    assert not store.record_delivery(replace(claimed, status=DEAD))
    assert store.deliveries() == [sent]


def test_an_unknown_delivery_cannot_be_recorded(store: Store) -> None:
    assert not store.record_delivery(make_delivery(status=SENT))


# Collection


def test_feed_states_are_kept_by_outlet(store: Store) -> None:
    state = make_feed_state(sentence="Лента ответила \ud83d.", outcome=PollOutcome.NOT_MODIFIED)
    store.save_feed_state(make_feed_state(failures=3))
    store.save_feed_state(state)
    store.save_feed_state(FeedState("tass"))
    states = store.feed_states()
    assert states["tass"] == FeedState("tass")
    assert replace(states["rt"], sentence=state.sentence) == state


def test_polls_add_up_by_outlet_and_day(store: Store) -> None:
    yesterday = TODAY - timedelta(days=1)
    store.count_poll("rt", TODAY, PollOutcome.OK, {EntryOutcome.NEW: 3, EntryOutcome.DUPLICATE: 0})
    store.count_poll("rt", TODAY, PollOutcome.OK, {EntryOutcome.NEW: 1, EntryOutcome.NO_LINK: 2})
    store.count_poll("rt", TODAY, PollOutcome.TIMEOUT, {}, gap=True)
    store.count_poll("tass", yesterday, PollOutcome.GONE, {})
    assert store.collection(yesterday, TODAY) == [
        DayCollection("tass", yesterday, 0, 1, {}, {"gone": 1}),
        DayCollection("rt", TODAY, 2, 1, {"new": 4, "no_link": 2}, {"ok": 2, "timeout": 1}, gaps=1),
    ]
    assert store.collection(TODAY, TODAY)[0].outlet == "rt"
    assert store.collection(TODAY + timedelta(days=1), TODAY) == []


# Small facts and locks


def test_small_facts_are_remembered(place: Place) -> None:
    store = place.open()
    assert store.get_meta("digest") == ""
    store.set_meta("digest", "a")
    store.set_meta("digest", "Ё'\"; --")
    store.close()
    again = place.open()
    assert again.get_meta("digest") == "Ё'\"; --"
    again.close()


def test_a_lock_is_held_by_one_at_a_time(store: Store, place: Place) -> None:
    other = place.open()
    with (
        store.lock("round") as mine,
        other.lock("round") as yours,
        other.lock("else/../x") as apart,
    ):
        assert (mine, yours, apart) == (True, False, True)
    with other.lock("round") as yours:
        assert yours
    other.close()


def test_a_lock_is_free_again_after_an_error(store: Store) -> None:
    with pytest.raises(RuntimeError), store.lock("round"):
        raise RuntimeError
    with store.lock("round") as held:
        assert held
