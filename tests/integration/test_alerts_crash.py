"""Real processes: one killed in the middle, two at once. Nothing forgotten, nothing doubled."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from services.alerts.ledger import LEASE
from services.alerts.raising import raise_alerts
from services.domain.alert import DeliveryStatus
from services.index.opening import open_store
from tests.support.alerting import StandingClock, deliver, webhook_sender
from tests.support.records import NOW, make_rule, make_shift
from tests.support.webhook_receiver import WebhookReceiver

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "framewatch.db"


def fill(path: Path, url: str, alerts: int) -> None:
    shifts = [make_shift(f"signal=thaw|outlet:o{number}|us") for number in range(alerts)]
    store = open_store(path)
    store.save_shifts(shifts)
    raise_alerts(shifts, [make_rule(emails=(), webhooks=(url,))], store, NOW)
    store.close()


@contextmanager
def process(path: Path, now: datetime, mode: str = "run") -> Iterator[subprocess.Popen[str]]:
    """A delivering process that has opened the store and waits for `go`."""
    command = [sys.executable, "-m", "tests.support.deliver_process"]
    with subprocess.Popen(
        [*command, str(path), now.isoformat(), mode],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "ready\n"
            yield running
        finally:
            running.kill()


def go(running: subprocess.Popen[str]) -> None:
    assert running.stdin is not None
    running.stdin.write("go\n")
    running.stdin.flush()


def ids(receiver: WebhookReceiver) -> list[str]:
    return [request.headers["webhook-id"] for request in receiver.requests]


def test_killed_between_send_and_record_it_is_sent_again_under_the_same_id(path: Path) -> None:
    clock = StandingClock()
    with WebhookReceiver() as receiver:
        fill(path, receiver.url, alerts=2)
        with process(path, NOW, "hold") as running:
            go(running)
            assert running.stdout is not None
            assert running.stdout.readline() == "sent\n"
            running.kill()
        store = open_store(path)
        deliver(store, clock, webhook=webhook_sender())
        assert len(set(ids(receiver))) == len(receiver.requests) == 2
        clock.advance(LEASE)
        deliver(store, clock, webhook=webhook_sender())
        deliver(store, clock, webhook=webhook_sender())
        states = {item.status for item in store.deliveries()}
        store.close()
    assert ids(receiver)[2:] == ids(receiver)[:1]
    assert states == {DeliveryStatus.SENT}


def test_killed_at_any_moment_nothing_is_forgotten_and_at_most_one_comes_twice(path: Path) -> None:
    with WebhookReceiver() as receiver:
        fill(path, receiver.url, alerts=30)
        now = NOW
        for goal in (5, 15):
            with process(path, now) as running:
                go(running)
                receiver.wait_for(goal)
                running.kill()
            now += LEASE
        store = open_store(path)
        deliver(store, StandingClock(now), webhook=webhook_sender())
        expected = {item.id for item in store.deliveries()}
        left = store.deliveries(status=DeliveryStatus.PENDING)
        store.close()
    counted = Counter(ids(receiver))
    assert set(counted) == expected
    assert left == []
    assert sum(counted.values()) <= 30 + 2


def test_two_processes_at_once_send_each_message_once(path: Path) -> None:
    with WebhookReceiver() as receiver:
        fill(path, receiver.url, alerts=40)
        with process(path, NOW) as one, process(path, NOW) as two:
            go(one)
            go(two)
            assert (one.wait(60), two.wait(60)) == (0, 0)
    assert len(ids(receiver)) == 40
    assert len(set(ids(receiver))) == 40
