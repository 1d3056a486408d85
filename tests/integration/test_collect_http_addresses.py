"""No address that is not public is reached, however it is written or looked up."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    Fetcher,
    PermanentFetchError,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import MAX_BYTES, failure, open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "10.0.0.1",
        "192.168.0.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.64.0.1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_not_contacted(server: FeedServer, host: str) -> None:
    server.set("/feed", body=b"secret")
    with open_fetcher(allow=()) as fetcher:
        error = failure(fetcher, f"http://{host}:{server.port}/feed")
    assert error.outcome is PollOutcome.FORBIDDEN_ADDRESS
    assert isinstance(error, PermanentFetchError)
    assert server.requests == []


@pytest.mark.parametrize("location", ["http://169.254.169.254/latest", "http://[::ffff:10.0.0.1]/"])
def test_a_redirect_to_such_an_address_is_refused(
    server: FeedServer, fetcher: Fetcher, location: str
) -> None:
    url = server.set("/feed", 302, {"Location": location})
    assert failure(fetcher, url).outcome is PollOutcome.FORBIDDEN_ADDRESS


def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to(
    server: FeedServer,
) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    server.set("/feed", body=b"hello")
    with Fetcher(
        user_agent="t", timeout=20, max_bytes=MAX_BYTES,
        allow_networks=["127.0.0.1/32"], resolver=resolver,
    ) as fetcher:  # fmt: skip
        assert fetcher.get(server.url("/feed", host="news.example")).body == b"hello"
    assert asked == ["news.example"]


def test_a_name_whose_answer_changes_is_checked_at_every_connection(server: FeedServer) -> None:
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    server.set(
        "/feed", 302, {"Location": f"http://news.example:{server.port}/new", "Connection": "close"}
    )
    with Fetcher(
        user_agent="t", timeout=20, max_bytes=MAX_BYTES,
        allow_networks=["127.0.0.1/32"], resolver=lambda host, port: next(answers),
    ) as fetcher:  # fmt: skip
        error = failure(fetcher, server.url("/feed", host="news.example"))
    assert error.outcome is PollOutcome.FORBIDDEN_ADDRESS


def test_one_forbidden_address_among_several_is_enough(server: FeedServer) -> None:
    with Fetcher(
        user_agent="t", timeout=20, max_bytes=MAX_BYTES, allow_networks=["127.0.0.1/32"],
        resolver=lambda host, port: ["127.0.0.1", "10.0.0.1"],
    ) as fetcher:  # fmt: skip
        error = failure(fetcher, server.url("/feed", host="news.example"))
    assert error.outcome is PollOutcome.FORBIDDEN_ADDRESS
    assert server.requests == []


def test_a_name_without_an_address_is_a_sentence() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with Fetcher(user_agent="t", timeout=20, max_bytes=MAX_BYTES, resolver=resolver) as fetcher:
        error = failure(fetcher, "http://news.example/feed")
    assert error.outcome is PollOutcome.UNREACHABLE
    assert "has no address" in str(error)
