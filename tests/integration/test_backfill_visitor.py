"""How a back-fill asks: in turn, after the pauses, and again only where that may help."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.collect.backfill.visitor import (
    LONGEST_WAIT,
    DisallowedError,
    LaterError,
    StoppedError,
    Visitor,
)
from services.collect.http.errors import FetchError
from services.collect.http.fetcher import Fetcher
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer
from tests.support.records import make_outlet


class Time:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as running:
        running.set("/robots.txt", 404)
        running.set("/a", 200, {}, b"a")
        running.set("/b", 200, {}, b"b")
        yield running


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def visitor(server: FeedServer, time: Time) -> Iterator[Visitor]:
    with Fetcher(
        user_agent="Framewatch-Test/1",
        timeout=10,
        max_bytes=2**20,
        allow_networks=("127.0.0.0/8",),
    ) as fetcher:
        gate = HostGate(5.0, clock=time.clock, sleep=time.sleep)
        robots = Robots(fetcher, "Framewatch-Test/1", gate, time.clock)
        outlet = make_outlet("paper", feed=server.url("/feed"), headers={"X-Key": "k"})
        yield Visitor(outlet, fetcher, gate, robots, 5.0, sleep=time.sleep)


def failing(times: int, status: int, headers: dict[str, str]) -> list[Answer]:
    return [Answer(status, headers, b"no")] * times


def answering(server: FeedServer, path: str, answers: list[Answer]) -> str:
    """Let `path` give these answers one after another, and then a good one."""
    left = list(answers)
    return server.set(
        path, answer=lambda _: left.pop(0) if left else Answer(200, {}, b"good at last")
    )


def test_requests_to_the_site_start_the_gates_pause_apart(
    visitor: Visitor, server: FeedServer, time: Time
) -> None:
    before = time.now
    visitor.get(server.url("/a"))
    visitor.get(server.url("/b"))
    assert time.now - before >= 10  # robots.txt, a and b
    assert visitor.requests == 2


def test_a_longer_crawl_delay_holds(visitor: Visitor, server: FeedServer, time: Time) -> None:
    server.set("/robots.txt", 200, {}, "User-agent: *\nCrawl-delay: 20\n")
    visitor.get(server.url("/a"))
    before = time.now
    visitor.get(server.url("/b"))
    assert time.now - before >= 19.9


def test_copies_of_an_archive_have_a_pause_of_their_own(
    visitor: Visitor, server: FeedServer, time: Time
) -> None:
    visitor.get_copy(server.url("/a"), 30.0)
    before = time.now
    visitor.get_copy(server.url("/b"), 30.0)
    assert time.now - before >= 29.9
    assert "/robots.txt" not in server.paths()


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_names_a_time_is_given_it(
    visitor: Visitor, server: FeedServer, time: Time, status: int
) -> None:
    url = answering(server, "/busy", failing(2, status, {"Retry-After": "40"}))
    before = time.now
    assert visitor.get(url).body == b"good at last"
    assert time.now - before >= 80


def test_a_server_that_names_hours_is_left_alone(
    visitor: Visitor, server: FeedServer, time: Time
) -> None:
    url = answering(server, "/busy", failing(1, 429, {"Retry-After": str(LONGEST_WAIT * 2)[:-2]}))
    with pytest.raises(LaterError, match="10 minutes"):
        visitor.get(url)


def test_waits_grow_and_end(visitor: Visitor, server: FeedServer, time: Time) -> None:
    url = answering(server, "/down", failing(9, 500, {}))
    before = time.now
    with pytest.raises(FetchError):
        visitor.get(url)
    assert server.paths().count("/down") == 3
    assert time.now - before >= 20 + 40


def test_what_is_gone_is_asked_for_once(visitor: Visitor, server: FeedServer) -> None:
    with pytest.raises(FetchError) as caught:
        visitor.get(server.url("/gone"))
    assert caught.value.outcome is PollOutcome.GONE
    assert server.paths().count("/gone") == 1


def test_stopping_ends_a_wait(visitor: Visitor, server: FeedServer, time: Time) -> None:
    url = answering(server, "/busy", failing(5, 503, {"Retry-After": "200"}))
    end = time.now + 30
    visitor.stop = lambda: time.now > end
    with pytest.raises(StoppedError):
        visitor.get(url)
    assert time.now < end + 5


def test_pages_that_robots_txt_closes_are_not_asked_for(
    visitor: Visitor, server: FeedServer
) -> None:
    server.set("/robots.txt", 200, {}, "User-agent: *\nDisallow: /a\n")
    with pytest.raises(DisallowedError):
        visitor.get(server.url("/a"))
    assert "/a" not in server.paths()


def test_a_site_whose_robots_txt_fails_is_left_alone(visitor: Visitor, server: FeedServer) -> None:
    server.set("/robots.txt", 500)
    with pytest.raises(LaterError, match=r"robots\.txt"):
        visitor.get(server.url("/a"))
    assert "/a" not in server.paths()


def test_an_outlets_headers_go_to_its_own_site_only(visitor: Visitor, server: FeedServer) -> None:
    with FeedServer() as other:
        other.set("/a", 200, {}, b"a")
        visitor.get(server.url("/a"))
        visitor.get(other.url("/a"))
        visitor.get_copy(other.url("/a"), 0.0)
    assert server.requests[-1].headers["x-key"] == "k"
    assert {request.headers.get("x-key") for request in other.requests} == {None}
