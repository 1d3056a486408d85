"""The demo's servers, met over the network as feeds, mail servers and receivers are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from html import unescape

import feedparser
import httpx
import pytest

from services.demo.clock import SimulatedClock
from services.demo.feeds import SHOWN, FeedServer
from services.demo.sinks import MailSink, WebhookReceiver
from services.demo.world import World, build_world

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
NOON = datetime(2025, 1, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(until=date(2025, 5, 31))


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def feeds(world: World, clock: SimulatedClock) -> Iterator[FeedServer]:
    server = FeedServer(world, clock)
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("outlet", [outlet.id for outlet in build_world().outlets])
def test_every_feed_says_what_was_published(world: World, feeds: FeedServer, outlet: str) -> None:
    parsed = feedparser.parse(httpx.get(feeds.feed_url(outlet)).content)
    published = [entry for entry in world.published(outlet) if entry.published <= NOON]
    newest = published[::-1][:SHOWN]
    # The parser hands over Atom's type="html" as HTML; a reader of feeds unescapes it.
    titles = [unescape(entry["title"]) for entry in parsed.entries]
    assert titles == [entry.title for entry in newest]
    leads = [unescape(entry["summary"]) for entry in parsed.entries if entry.get("summary")]
    assert leads == [entry.lead for entry in newest if entry.lead]
    stated = [datetime(*entry["published_parsed"][:6], tzinfo=UTC) for entry in parsed.entries]
    assert stated == [entry.published for entry in newest]


def test_an_unchanged_feed_answers_304_and_a_changed_one_does_not(
    feeds: FeedServer, clock: SimulatedClock
) -> None:
    url = feeds.feed_url("sim-state-wire")
    validators = {"If-None-Match": httpx.get(url).headers["ETag"]}
    assert httpx.get(url, headers=validators).status_code == 304
    clock.advance(timedelta(days=1))
    assert httpx.get(url, headers=validators).status_code == 200


def test_planted_faults_last_as_long_as_planned(
    world: World, feeds: FeedServer, clock: SimulatedClock
) -> None:
    expected = {
        "unavailable": lambda r: r.status_code == 503,
        "not_a_feed": lambda r: b"<html>" in r.content,
        "truncated": lambda r: feedparser.parse(r.content).bozo,
    }
    assert {fault.kind for fault in world.planted.faults} == set(expected)
    for fault in sorted(world.planted.faults, key=lambda one: one.since):
        url = feeds.feed_url(fault.outlet)
        start = datetime(fault.since.year, fault.since.month, fault.since.day, tzinfo=UTC)
        clock.set(start - timedelta(minutes=1))
        assert not expected[fault.kind](httpx.get(url))
        clock.advance(timedelta(minutes=2))
        assert expected[fault.kind](httpx.get(url))


def test_a_link_opens_a_page_that_says_it_is_simulated(feeds: FeedServer) -> None:
    parsed = feedparser.parse(httpx.get(feeds.feed_url("sim-global-channel")).content)
    page = httpx.get(parsed.entries[0]["link"])
    assert page.status_code == 200
    assert "simulated" in page.text


def test_nothing_of_tomorrow_is_shown(world: World, feeds: FeedServer) -> None:
    later = next(entry for entry in world.entries if entry.published > NOON)
    assert httpx.get(feeds.root + later.path).status_code == 404


def test_a_mail_is_taken_apart(clock: SimulatedClock) -> None:
    mail = EmailMessage()
    mail["Subject"] = "Разрядка: a shift"
    mail["To"] = "reader@demo.example"
    mail["From"] = "sender@demo.example"
    mail["Message-ID"] = "<id-1@demo.example>"
    mail.set_content("plain words")
    mail.add_alternative('<p>rich</p><img src="cid:chart">', subtype="html")
    mail.get_payload()[1].add_related(b"\x89PNG", "image", "png", cid="<chart>")
    sink = MailSink(clock)
    sink.start()
    try:
        with smtplib.SMTP(sink.host, sink.port, timeout=10) as smtp:
            smtp.send_message(mail)
    finally:
        sink.stop()
    (got,) = sink.mails
    assert (got.subject, got.to, got.when) == (mail["Subject"], ("reader@demo.example",), NOON)
    assert got.text.strip() == "plain words"
    assert got.message_id == "<id-1@demo.example>"
    assert "data:image/png;base64," in got.standalone_html()
    assert "cid:" not in got.standalone_html()


@pytest.fixture
def receiver(clock: SimulatedClock) -> Iterator[WebhookReceiver]:
    server = WebhookReceiver(SECRET, clock, refuse_first=1)
    server.start()
    yield server
    server.stop()


def signed(body: bytes, message_id: str = "msg-1", key: bytes = b"k" * 32) -> dict[str, str]:
    text = f"{message_id}.1737374400.".encode() + body
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": "1737374400",
        "webhook-signature": f"v1,{signature}",
    }


def test_a_signed_webhook_is_refused_once_and_then_kept(receiver: WebhookReceiver) -> None:
    body = json.dumps({"type": "shift"}).encode()
    answers = [httpx.post(receiver.url, content=body, headers=signed(body)) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 204]
    (hook,) = receiver.webhooks
    assert (hook.id, hook.payload, hook.when) == ("msg-1", {"type": "shift"}, NOON)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(b"{}", key=b"x" * 32),
        signed(b"other body"),
        {**signed(b"{}"), "webhook-id": "msg-2"},
        {**signed(b"{}"), "webhook-timestamp": "soon"},
    ],
)
def test_a_webhook_that_is_not_rightly_signed_is_turned_away(
    receiver: WebhookReceiver, headers: dict[str, str]
) -> None:
    assert httpx.post(receiver.url, content=b"{}", headers=headers).status_code == 401
    assert receiver.webhooks == []
    assert receiver.bad_signatures == 1
