"""The check sits on the connection: what is connected to is what was checked, and nothing else.

Here 127.0.0.1 is allowed and stands for a public address; all else on loopback is private.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from services.collect.http.connection import Resolver
from services.collect.http.fetcher import Fetcher, FetchError
from services.collect.http.gate import HostGate
from services.collect.http.robots import Robots
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import failure, open_fetcher
from tests.support.sockets import watching_sockets

PUBLIC, PRIVATE = "127.0.0.1", "127.0.0.2"
ALLOW = [f"{PUBLIC}/32"]
FORBIDDEN = PollOutcome.FORBIDDEN_ADDRESS
Way = Callable[[Fetcher, str], object]


def get(fetcher: Fetcher, url: str) -> None:
    fetcher.get(url)


def post(fetcher: Fetcher, url: str) -> None:
    fetcher.post(url, body=b"{}", headers={})


def ask_robots(fetcher: Fetcher, url: str) -> None:
    Robots(fetcher, "Framewatch", HostGate(0)).ask(url)


every_way = pytest.mark.parametrize("way", [get, post, ask_robots])


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer("0.0.0.0") as server:  # on the private address as well as the public one
        for path in ("/feed", "/robots.txt"):
            server.set(path, body=b"hello")
        yield server


def answering(*answers: str) -> tuple[Resolver, list[str]]:
    """A resolver whose answer changes with every look-up, and the names it was asked for."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return [answers[min(len(asked), len(answers)) - 1]]

    return resolver, asked


@every_way
def test_the_socket_gets_the_address_that_was_checked(server: FeedServer, way: Way) -> None:
    resolver, asked = answering(PUBLIC, PRIVATE)
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher, watching_sockets() as seen:
        way(fetcher, server.url("/feed", host="news.example"))
    assert asked == ["news.example"]
    assert seen.connected == [(PUBLIC, server.port)]
    assert seen.looked_up == []


@every_way
def test_the_system_is_asked_for_a_name_once(server: FeedServer, way: Way) -> None:
    with open_fetcher() as fetcher, watching_sockets() as seen:
        way(fetcher, server.url("/feed", host="localhost"))
    assert seen.looked_up == ["localhost"]


@every_way
def test_an_answer_that_turns_private_is_refused_at_the_next_connection(
    server: FeedServer, way: Way
) -> None:
    for path in ("/feed", "/robots.txt"):
        server.set(path, 200, {"Connection": "close"})
    resolver, _ = answering(PUBLIC, PRIVATE)
    url = server.url("/feed", host="news.example")
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher:
        way(fetcher, url)
        count = len(server.requests)
        with watching_sockets() as seen, pytest.raises(FetchError) as caught:
            fetcher.get(url)
    assert caught.value.outcome is FORBIDDEN
    assert seen.connected == []
    assert len(server.requests) == count


def test_a_redirect_to_the_same_name_is_looked_up_and_checked_anew(server: FeedServer) -> None:
    resolver, asked = answering(PUBLIC, PRIVATE)
    again = server.url("/new", host="news.example")
    server.set("/feed", 302, {"Location": again, "Connection": "close"})
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher:
        error = failure(fetcher, server.url("/feed", host="news.example"))
    assert error.outcome is FORBIDDEN
    assert asked == ["news.example", "news.example"]
    assert server.paths() == ["/feed"]


def test_a_connection_kept_alive_stays_with_the_address_that_was_checked(
    server: FeedServer,
) -> None:
    resolver, asked = answering(PUBLIC, PRIVATE)
    url = server.url("/feed", host="news.example")
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher, watching_sockets() as seen:
        assert [fetcher.get(url).body, fetcher.get(url).body] == [b"hello", b"hello"]
    assert seen.connected == [(PUBLIC, server.port)]
    assert asked == ["news.example"]


def test_a_connection_is_never_lent_to_another_name(server: FeedServer) -> None:
    resolver, _ = answering(PUBLIC, PRIVATE)
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher:
        fetcher.get(server.url("/feed", host="news.example"))
        error = failure(fetcher, server.url("/feed", host="other.example"))
    assert error.outcome is FORBIDDEN


@pytest.mark.allow_hosts(["0.0.0.0"])
def test_the_other_end_is_checked_once_it_is_there(server: FeedServer) -> None:
    # 0.0.0.0 is let through here, and this machine turns it into a loopback address.
    with open_fetcher(allow=["0.0.0.0/32"], resolver=lambda host, port: ["0.0.0.0"]) as fetcher:
        error = failure(fetcher, server.url("/feed", host="news.example"))
    assert error.outcome is FORBIDDEN
    assert server.requests == []


@pytest.mark.allow_hosts(["127.0.0.3", "127.0.0.4"])
def test_the_next_address_is_tried_when_one_does_not_answer(server: FeedServer) -> None:
    with FeedServer("127.0.0.3") as only_there:
        only_there.set("/feed", body=b"found")
        with open_fetcher(resolver=lambda host, port: ["127.0.0.4", "127.0.0.3"]) as fetcher:
            assert fetcher.get(only_there.url("/feed", host="news.example")).body == b"found"


@pytest.mark.allow_hosts(["127.0.0.3", "127.0.0.4"])
def test_an_address_that_leads_nowhere_does_not_use_up_the_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.collect.http.connection.EARLY_CONNECT_SECONDS", 0.2)
    resolver = {"resolver": lambda host, port: ["127.0.0.4", "127.0.0.3"]}
    with (
        FeedServer("127.0.0.3") as server,
        swallowing("127.0.0.4", server.port),
        open_fetcher(timeout=5, **resolver) as fetcher,
    ):
        server.set("/feed", body=b"found")
        assert fetcher.get(server.url("/feed", host="news.example")).body == b"found"


@contextmanager
def swallowing(host: str, port: int) -> Iterator[None]:
    """A place where connections are neither taken nor refused: its queue is full."""
    with socket.socket() as full, ExitStack() as waiting:
        full.bind((host, port))
        full.listen(0)
        for _ in range(4):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex((host, port))
        yield


def test_a_name_without_an_address_is_a_sentence() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with open_fetcher(resolver=resolver) as fetcher:
        error = failure(fetcher, "http://news.example/feed")
    assert error.outcome is PollOutcome.UNREACHABLE
    assert "has no address" in str(error)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_of_the_environment_is_no_way_around(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, server.url())
    resolver, _ = answering(PRIVATE)
    with open_fetcher(allow=ALLOW, resolver=resolver) as fetcher:
        error = failure(fetcher, "http://news.example/feed")
    assert error.outcome is FORBIDDEN
    assert server.requests == []
