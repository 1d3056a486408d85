"""Polls of a real server: every way it can answer ends in one outcome and one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.collect.feeds.poll import Poll, poll
from services.collect.feeds.schedule import Bounds
from services.collect.http.fetcher import Fetcher
from services.domain.outlet import FeedState, Outlet, PollOutcome
from tests.support.feed_server import Answer, Body, FeedServer, Request
from tests.support.records import NOW, make_outlet

FEED = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>
<item><title>First headline</title><link>/1</link>
<pubDate>Sat, 01 Mar 2025 10:00:00 GMT</pubDate></item>
<item><title>Second headline</title><link>/2</link></item></channel></rss>"""
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with Fetcher(
        user_agent="Framewatch/test", timeout=20, max_bytes=200_000, allow_networks=["127.0.0.0/8"]
    ) as fetcher:
        yield fetcher


def outlet_at(server: FeedServer, path: str = "/feed", **fields: object) -> Outlet:
    return make_outlet(feed=server.url(path), **fields)


def polled(server: FeedServer, fetcher: Fetcher, **fields: object) -> Poll:
    return poll(outlet_at(server), replace(FeedState("rt"), **fields), fetcher, NOW)  # type: ignore[arg-type]


def test_a_feed_that_answers_brings_entries_and_a_state(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set(
        "/feed", 200, {"ETag": '"1"', "Last-Modified": "Sat, 01 Mar 2025 11:00:00 GMT"}, FEED
    )
    failing = NOW - timedelta(hours=9)
    result = polled(server, fetcher, failures=3, interval=600.0, failing_since=failing)
    assert result.ok
    assert [entry.url for entry in result.entries] == [server.url("/1"), server.url("/2")]
    assert len(result.state.keys) == 2
    assert replace(result.state, keys=(), next_poll=None) == FeedState(
        "rt",
        etag='"1"',
        last_modified="Sat, 01 Mar 2025 11:00:00 GMT",
        last_attempt=NOW,
        last_success=NOW,
        last_new=NOW - timedelta(hours=2),
        last_entry=NOW,
        outcome=PollOutcome.OK,
        sentence="The feed holds 2 entries.",
        failures=0,
        interval=1_800.0,  # one dated entry within two hours
        rate=0.5,
    )


def test_the_next_poll_comes_after_the_pause_or_a_tenth_earlier_or_later(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", body=FEED)
    state = polled(server, fetcher).state
    assert state.next_poll is not None
    assert abs((state.next_poll - NOW).total_seconds() - state.interval) <= state.interval / 10


def test_what_the_server_calls_fresh_is_not_asked_for_again(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 200, {"Cache-Control": "max-age=3600", "Age": "600"}, FEED)
    state = polled(server, fetcher).state
    assert (state.asked_pause, state.interval) == (3_000.0, 3_000.0)


def test_the_second_poll_asks_for_changes_and_a_304_is_a_success(
    server: FeedServer, fetcher: Fetcher
) -> None:
    def conditional(request: Request) -> Answer:
        same = request.headers.get("if-none-match") == '"1"'
        return Answer(304) if same else Answer(200, {"ETag": '"1"'}, FEED)

    server.set("/feed", answer=conditional)
    first = polled(server, fetcher)
    second = poll(outlet_at(server), first.state, fetcher, LATER)
    assert (second.ok, second.entries) == (True, ())
    assert second.state.outcome is PollOutcome.NOT_MODIFIED
    assert (second.state.etag, second.state.last_success) == ('"1"', LATER)
    assert second.state.last_new == first.state.last_new


def test_once_a_day_everything_is_asked_for(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/feed", 200, {"ETag": '"1"'}, FEED)
    first = polled(server, fetcher)
    poll(outlet_at(server), first.state, fetcher, NOW + timedelta(days=1))
    assert "if-none-match" not in server.requests[1].headers


def test_a_304_to_a_request_for_everything_is_a_failure(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 304)
    assert polled(server, fetcher).state.outcome is PollOutcome.SERVER_ERROR


def test_a_304_without_anything_to_compare_with_is_a_failure(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", body=FEED)
    first = polled(server, fetcher)  # no validators came with it
    server.set("/feed", 304)
    second = poll(outlet_at(server), first.state, fetcher, LATER)
    assert second.state.outcome is PollOutcome.SERVER_ERROR


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, "", PollOutcome.EMPTY_FEED),
        (200, {}, "<rss><channel/></rss>", PollOutcome.EMPTY_FEED),
        (200, {"Content-Type": "text/html"}, "<html>Home</html>", PollOutcome.NOT_A_FEED),
        (200, {}, "<html>DDoS-Guard</html>", PollOutcome.BLOCKED),
        (200, {}, "<rss><channel><it", PollOutcome.BROKEN_FEED),
        (200, {}, "x" * 200_001, PollOutcome.TOO_LARGE),
        (302, {"Location": "/feed"}, "", PollOutcome.TOO_MANY_REDIRECTS),
        (302, {"Location": "http://169.254.169.254/"}, "", PollOutcome.FORBIDDEN_ADDRESS),
        (403, {}, "", PollOutcome.BLOCKED),
        (404, {}, "", PollOutcome.GONE),
        (410, {}, "", PollOutcome.GONE),
        (429, {}, "", PollOutcome.RATE_LIMITED),
        (500, {}, "", PollOutcome.SERVER_ERROR),
        (200, {"Content-Encoding": "gzip"}, "not packed", PollOutcome.BROKEN_FEED),
    ],
)
def test_every_failure_has_its_outcome_and_a_sentence_and_forgets_nothing(
    server: FeedServer,
    fetcher: Fetcher,
    status: int,
    headers: dict[str, str],
    body: Body,
    outcome: PollOutcome,
) -> None:
    server.set("/feed", status, headers, body)
    before = NOW - timedelta(days=1)
    result = polled(server, fetcher, etag='"1"', last_success=before, failures=2)
    state = result.state
    assert (result.ok, result.entries, state.outcome) == (False, (), outcome)
    assert state.sentence.endswith(".")
    assert (state.etag, state.last_success, state.failures) == ('"1"', before, 3)
    assert state.last_attempt == NOW
    assert state.next_poll is not None
    assert state.next_poll >= NOW + timedelta(seconds=900)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_asks_for_patience_is_given_it(
    server: FeedServer, fetcher: Fetcher, status: int
) -> None:
    server.set("/feed", status, {"Retry-After": "7200"})
    state = polled(server, fetcher).state
    assert state.next_poll == NOW + timedelta(hours=2)


def test_a_feed_that_fails_for_months_is_asked_once_a_day(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 404)
    state = polled(server, fetcher, failures=500).state
    assert state.next_poll is not None
    assert timedelta(hours=21) < state.next_poll - NOW <= timedelta(days=1)


def test_a_feed_that_is_gone_is_looked_at_weekly(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/feed", 410)
    state = polled(server, fetcher, failures=5).state
    assert state.next_poll is not None
    assert timedelta(days=6) < state.next_poll - NOW <= timedelta(days=7)


def test_the_first_failure_is_remembered_until_a_success(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 500)
    failed = polled(server, fetcher)
    again = poll(outlet_at(server), failed.state, fetcher, LATER)
    server.set("/feed", body=FEED)
    state = poll(outlet_at(server), again.state, fetcher, LATER).state
    assert (failed.state.failing_since, again.state.failing_since) == (NOW, NOW)
    assert (state.failures, state.failing_since) == (0, None)


def test_the_bounds_are_kept(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/feed", body=FEED)
    bounds = Bounds(60, 120)
    state = poll(outlet_at(server), FeedState("rt"), fetcher, NOW, bounds).state
    assert state.interval == 120
    assert state.next_poll is not None
    assert state.next_poll <= NOW + timedelta(seconds=120)


def test_a_feed_that_breaks_off_is_asked_for_everything_again(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 200, {"ETag": '"1"'}, FEED[: FEED.index("Second") + 3])
    result = polled(server, fetcher)
    assert [entry.title for entry in result.entries] == ["First headline"]
    assert (result.state.outcome, result.state.etag) == (PollOutcome.OK, "")
    assert "broke off" in result.state.sentence


def test_an_outlet_is_asked_in_the_way_its_entry_says(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/feed", body=FEED)
    outlet = outlet_at(server, user_agent="Mozilla/5.0", headers={"Accept": "text/xml"})
    poll(outlet, FeedState("rt"), fetcher, NOW)
    headers = server.requests[0].headers
    assert (headers["user-agent"], headers["accept"]) == ("Mozilla/5.0", "text/xml")


def test_links_are_resolved_against_the_address_after_redirects(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 301, {"Location": "/world/feed"})
    server.set("/world/feed", body=FEED.replace("/1", "one"))
    assert polled(server, fetcher).entries[0].url == server.url("/world/one")


def test_a_validator_that_cannot_be_sent_back_is_not_remembered(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 200, {"ETag": '"' + "x" * 1_000 + '"'}, FEED)
    assert polled(server, fetcher).state.etag == ""


def test_two_feeds_do_not_touch_each_other(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/bad", body="<html>Home</html>")
    server.set("/good", body=FEED)
    bad = poll(outlet_at(server, "/bad"), FeedState("rt"), fetcher, NOW)
    good = poll(outlet_at(server, "/good"), FeedState("tass"), fetcher, NOW)
    assert (bad.ok, good.ok, len(good.entries)) == (False, True, 2)
