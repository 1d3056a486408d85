"""Webhooks to a real receiver: signed bytes, and what each answer leads to."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from services.alerts.channels.base import GoneError, Message, UnreachableError
from services.alerts.channels.webhook import WebhookSender
from services.alerts.ledger import DeliveryOutcome
from services.alerts.raising import raise_alerts, raise_test_alert
from services.collect.http.fetcher import Fetcher
from services.domain.alert import Delivery, DeliveryStatus
from services.errors import ConfigurationError, PermanentError, RetryableError
from services.index.opening import open_store
from services.index.store import Store
from tests.support.alerting import SECRET, StandingClock, deliver, webhook_sender
from tests.support.records import NOW, make_delivery, make_rule, make_shift
from tests.support.webhook_receiver import Answer, WebhookReceiver, post

SHIFTS = [make_shift(f"signal=thaw|outlet:{name}|us") for name in ("rt", "tass")]
MESSAGE = Message("", payload='{"title": "Разрядка"}'.encode())
Opener = Callable[[Sequence[str]], Store]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    """Open a store with two alerts for each webhook."""
    opened = open_store(tmp_path / "framewatch.db")

    def open_with(urls: Sequence[str]) -> Store:
        opened.save_shifts(SHIFTS)
        raise_alerts(SHIFTS, [make_rule(emails=(), webhooks=tuple(urls))], opened, NOW)
        return opened

    yield open_with
    opened.close()


def to(url: str) -> Delivery:
    return make_delivery(channel="webhook", target=url)


def statuses(store: Store) -> list[DeliveryStatus]:
    return [item.status for item in store.deliveries()]


def test_what_arrives_verifies_with_the_reference_library() -> None:
    now = StandingClock(datetime.now(tz=UTC))  # the library compares with its own clock
    with WebhookReceiver() as receiver:
        webhook_sender(now).send(to(receiver.url), MESSAGE)
    (request,) = receiver.requests
    webhook = Webhook("whsec_" + base64.b64encode(SECRET).decode())
    assert webhook.verify(request.body, dict(request.headers)) == {"title": "Разрядка"}
    assert request.headers["webhook-id"] == to(receiver.url).id
    assert request.headers["content-type"] == "application/json"


def test_every_secret_signs() -> None:
    with WebhookReceiver() as receiver:
        webhook_sender(None, b"n" * 32, SECRET).send(to(receiver.url), MESSAGE)
    assert len(receiver.requests[0].headers["webhook-signature"].split()) == 2


@pytest.mark.parametrize("status", [300, 302, 307, 400, 401, 404, 429, 500, 503])
def test_whatever_is_no_success_is_tried_again(status: int) -> None:
    with WebhookReceiver(status) as receiver, pytest.raises(RetryableError, match=str(status)):
        webhook_sender().send(to(receiver.url), MESSAGE)


def test_retry_after_is_passed_on() -> None:
    busy = Answer(429, {"Retry-After": "90"})
    with WebhookReceiver(busy) as receiver, pytest.raises(RetryableError) as caught:
        webhook_sender().send(to(receiver.url), MESSAGE)
    assert caught.value.retry_after == 90


def test_gone_is_final() -> None:
    with WebhookReceiver(410) as receiver, pytest.raises(GoneError, match="410 Gone"):
        webhook_sender().send(to(receiver.url), MESSAGE)


def test_a_redirect_is_not_followed() -> None:
    with WebhookReceiver() as elsewhere:
        moved = Answer(302, {"Location": elsewhere.url})
        with WebhookReceiver(moved) as receiver, pytest.raises(RetryableError, match="redirect"):
            webhook_sender().send(to(receiver.url), MESSAGE)
    assert elsewhere.requests == []


def test_errors_name_the_host_and_not_the_secret_path() -> None:
    with WebhookReceiver(500) as receiver, pytest.raises(RetryableError) as caught:
        webhook_sender().send(to(receiver.url), MESSAGE)
    assert "127.0.0.1" in str(caught.value)
    assert "secret-path" not in str(caught.value)


def test_a_receiver_that_is_down_is_unreachable() -> None:
    with WebhookReceiver() as receiver:
        url = receiver.url
    with pytest.raises(UnreachableError, match="did not answer"):
        webhook_sender().send(to(url), MESSAGE)


def test_the_guarded_client_refuses_private_addresses_for_good() -> None:
    with (
        WebhookReceiver() as receiver,
        Fetcher(user_agent="test", timeout=30, max_bytes=10_000) as fetcher,
    ):
        sender = WebhookSender(fetcher.post, [SECRET], StandingClock())
        with pytest.raises(PermanentError):
            sender.send(to(receiver.url), MESSAGE)
    assert receiver.requests == []


def test_no_secret_no_channel() -> None:
    with pytest.raises(ConfigurationError, match="FRAMEWATCH_WEBHOOK_SECRET"):
        WebhookSender(post, [], StandingClock())


def test_a_failed_webhook_comes_again_with_the_same_id(
    opener: Opener, clock: StandingClock
) -> None:
    with WebhookReceiver(500, 500) as receiver:
        store = opener([receiver.url])
        assert deliver(store, clock, webhook=webhook_sender()).count(DeliveryOutcome.RETRY) == 2
        assert deliver(store, clock, webhook=webhook_sender()).tried == 0
        clock.advance(timedelta(minutes=2))
        assert deliver(store, clock, webhook=webhook_sender()).count(DeliveryOutcome.SENT) == 2
        clock.advance(timedelta(days=1))
        assert deliver(store, clock, webhook=webhook_sender()).tried == 0
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert len(ids) == 4
    assert sorted(ids[:2]) == sorted(ids[2:])


def test_the_body_is_the_shift(opener: Opener, clock: StandingClock) -> None:
    with WebhookReceiver() as receiver:
        deliver(opener([receiver.url]), clock, webhook=webhook_sender())
    series = {json.loads(request.body)["data"]["series"] for request in receiver.requests}
    assert series == {shift.series for shift in SHIFTS}


def test_gone_stops_every_other_message_to_that_target_and_to_no_other(
    opener: Opener, clock: StandingClock
) -> None:
    with WebhookReceiver(410) as gone, WebhookReceiver() as well:
        store = opener([gone.url, well.url])
        report = deliver(store, clock, webhook=webhook_sender())
        assert report.count(DeliveryOutcome.DEAD) == 2
        assert report.count(DeliveryOutcome.SENT) == 2
    assert len(gone.requests) == 1
    assert len(well.requests) == 2


def test_a_target_that_was_gone_stays_off_until_a_test_reaches_it(
    opener: Opener, clock: StandingClock
) -> None:
    with WebhookReceiver(410) as receiver:
        store = opener([receiver.url])
        rules = [make_rule(emails=(), webhooks=(receiver.url,))]
        deliver(store, clock, webhook=webhook_sender())
        unheard = make_shift("signal=thaw|all|us")
        store.save_shifts([unheard])
        raise_alerts([unheard], rules, store, NOW)
        deliver(store, clock, webhook=webhook_sender())
        assert len(receiver.requests) == 1
        raise_test_alert(rules, store, NOW)
        deliver(store, clock, webhook=webhook_sender())
        later = make_shift("signal=thaw|group:state|us")
        store.save_shifts([later])
        raise_alerts([later], rules, store, NOW)
        deliver(store, clock, webhook=webhook_sender())
    kinds = [json.loads(request.body)["type"] for request in receiver.requests]
    assert kinds == ["framewatch.shift", "framewatch.test", "framewatch.shift"]


def test_a_webhook_address_is_checked_again_before_it_is_used() -> None:
    with pytest.raises(PermanentError):
        webhook_sender().send(replace(to("x"), target="file:///etc/passwd"), MESSAGE)
