"""robots.txt against a real server on loopback."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from services.collect.http.fetcher import Fetcher
from services.collect.http.gate import HostGate, NoTurnError
from services.collect.http.robots import KEPT, MOST_BYTES, UNREACHABLE_KEPT, Robots
from services.domain.outlet import Certainty, Group, Outlet
from tests.support.feed_server import Answer, FeedServer, Request

CLOSED = b"User-agent: Framewatch\nDisallow: /closed\nCrawl-delay: 3\nSitemap: /news.xml\n"
OUTLET = Outlet("one", "One", Group.CONTROL, "en", "http://a.example/", "r", "s", Certainty.A)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate() -> HostGate:
    return HostGate(0)


@pytest.fixture
def robots(clock: Clock, gate: HostGate) -> Iterator[Robots]:
    with Fetcher(
        user_agent="Framewatch/test", timeout=5, max_bytes=100_000, allow_networks=["127.0.0.0/8"]
    ) as fetcher:
        yield Robots(fetcher, "Framewatch/test", gate, clock)


def serve(server: FeedServer, status: int = 200, body: bytes = CLOSED) -> None:
    server.set("/robots.txt", status, {"Content-Type": "text/plain"}, body)


def test_a_page_is_fetched_only_where_the_site_lets_us(server: FeedServer, robots: Robots) -> None:
    serve(server)
    assert robots.allows(server.url("/open"))
    assert not robots.allows(server.url("/closed/page"))


def test_a_refusal_says_who_refuses(server: FeedServer, robots: Robots) -> None:
    serve(server)
    answer = robots.ask(server.url("/closed/page"))
    assert answer.sentence == "The robots.txt of 127.0.0.1 keeps this page from Framewatch."
    assert answer.again == 0


def test_a_site_is_asked_once(server: FeedServer, robots: Robots) -> None:
    serve(server)
    for path in ("/a", "/b", "/closed"):
        robots.allows(server.url(path))
    assert server.paths() == ["/robots.txt"]


def test_a_site_is_asked_again_after_a_day(
    server: FeedServer, robots: Robots, clock: Clock
) -> None:
    serve(server)
    robots.allows(server.url("/closed"))
    serve(server, 404)
    clock.now += KEPT - 1
    assert not robots.allows(server.url("/closed"))
    clock.now += 2
    assert robots.allows(server.url("/closed"))


def test_hosts_and_ports_have_rules_of_their_own(server: FeedServer, robots: Robots) -> None:
    serve(server)
    with FeedServer() as other:
        assert not robots.allows(server.url("/closed"))
        assert robots.allows(other.url("/closed"))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_site_without_one_allows_everything(
    server: FeedServer, robots: Robots, status: int
) -> None:
    serve(server, status)
    assert robots.allows(server.url("/closed"))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_whose_own_cannot_be_read_is_left_alone_for_an_hour(
    server: FeedServer, robots: Robots, clock: Clock, status: int
) -> None:
    serve(server, status)
    answer = robots.ask(server.url("/open"))
    assert (answer.allowed, answer.again) == (False, UNREACHABLE_KEPT)
    assert f"answered {status}" in answer.sentence
    serve(server)
    clock.now += UNREACHABLE_KEPT + 1
    assert robots.allows(server.url("/open"))


def test_a_site_that_cannot_be_reached_is_left_alone(server: FeedServer, robots: Robots) -> None:
    def silent() -> Iterator[bytes]:
        raise ConnectionError
        yield b""

    server.set("/robots.txt", 200, {"Content-Length": "100"}, body=silent)
    assert not robots.allows(server.url("/open"))


def test_a_damaged_one_is_one_that_cannot_be_read(server: FeedServer, robots: Robots) -> None:
    server.set("/robots.txt", 200, {"Content-Encoding": "gzip"}, b"\xff" * 50)
    assert not robots.allows(server.url("/open"))


def test_redirects_are_followed_to_another_host(server: FeedServer, robots: Robots) -> None:
    serve(server)
    with FeedServer() as first:
        first.set("/robots.txt", 301, {"Location": server.url("/robots.txt")})
        assert not robots.allows(first.url("/closed"))


def test_redirects_without_end_count_as_none(server: FeedServer, robots: Robots) -> None:
    server.set("/robots.txt", answer=lambda r: Answer(302, {"Location": f"{r.path}?"}))
    assert robots.allows(server.url("/closed"))


def test_of_a_long_one_the_beginning_counts(server: FeedServer, robots: Robots) -> None:
    late = b"#" * 79 + b"\n"
    serve(server, body=CLOSED + late * (MOST_BYTES // 80) + b"Disallow: /open\n")
    assert not robots.allows(server.url("/closed"))
    assert robots.allows(server.url("/open"))


def test_the_wish_for_a_pause_is_told(server: FeedServer, robots: Robots) -> None:
    serve(server)
    assert robots.pause(server.url("/open")) == 3.0


def test_the_sitemaps_are_told(server: FeedServer, robots: Robots) -> None:
    serve(server)
    assert robots.sitemaps(server.url("/open")) == (server.url("/news.xml"),)


def test_it_is_asked_for_as_the_outlets_pages_are(server: FeedServer, robots: Robots) -> None:
    serve(server)
    robots.allows(
        server.url("/open"), replace(OUTLET, user_agent="Mozilla/5.0", headers={"X-Key": "k"})
    )
    headers = server.requests[0].headers
    assert (headers["user-agent"], headers["x-key"]) == ("Mozilla/5.0", "k")


def test_it_is_asked_for_through_the_outlets_proxy(server: FeedServer, robots: Robots) -> None:
    server.set("http://news.example/robots.txt", body=CLOSED)
    outlet = replace(OUTLET, proxy=server.url())
    assert not robots.allows("http://news.example/closed", outlet)


def together(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_threads_that_ask_at_once_fetch_it_once(server: FeedServer, robots: Robots) -> None:
    everybody = threading.Barrier(8)
    serve(server)

    def ask() -> None:
        everybody.wait()
        robots.allows(server.url("/open"))

    together(8, ask)
    assert server.paths() == ["/robots.txt"]


def test_threads_that_hold_every_turn_of_the_host_are_not_stuck(
    server: FeedServer, robots: Robots, gate: HostGate
) -> None:
    both = threading.Barrier(2)
    answers: list[bool] = []
    serve(server)

    def visit() -> None:
        with gate.turn(server.url("/open")):
            both.wait()
            answers.append(robots.allows(server.url("/open")))

    together(2, visit)
    assert answers == [True, True]


def test_fetching_it_takes_a_turn(server: FeedServer, robots: Robots, gate: HostGate) -> None:
    waits: list[float] = []

    def look(request: Request) -> Answer:
        waits.append(gate.try_enter(server.url()))
        waits.append(gate.try_enter(server.url()))
        return Answer(200, {}, CLOSED)

    server.set("/robots.txt", answer=look)
    robots.allows(server.url("/open"))
    assert waits[0] == 0.0
    assert waits[1] > 0.0


def test_a_stop_is_no_answer_about_the_site(server: FeedServer, robots: Robots) -> None:
    serve(server)
    with pytest.raises(NoTurnError):
        robots.allows(server.url("/open"), stop=lambda: True)
    assert robots.allows(server.url("/open"))
