"""Through proxies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    Fetcher,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import failure, open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def test_a_proxy_may_be_private_and_is_asked_for_the_whole_address(server: FeedServer) -> None:
    server.set("http://news.example/feed", body=b"through")
    with open_fetcher(allow=(), proxy=server.url().replace("//", "//user:secret@")) as fetcher:
        assert fetcher.get("http://news.example/feed").body == b"through"
    assert server.requests[0].headers["proxy-authorization"].startswith("Basic ")


def test_an_outlets_own_proxy_is_used(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("http://news.example/feed", body=b"through")
    assert fetcher.get("http://news.example/feed", proxy=server.url()).body == b"through"


@pytest.mark.parametrize("host", ["169.254.169.254", "2130706433", "[::1]"])
def test_a_bare_address_is_checked_even_with_a_proxy(server: FeedServer, host: str) -> None:
    with open_fetcher(allow=(), proxy=server.url()) as fetcher:
        error = failure(fetcher, f"http://{host}/feed")
    assert error.outcome is PollOutcome.FORBIDDEN_ADDRESS
    assert server.requests == []


@pytest.mark.parametrize("proxy", ["socks4://127.0.0.1:1", "nonsense", "http://"])
def test_a_proxy_that_is_none_is_a_sentence_without_its_password(proxy: str) -> None:
    with open_fetcher(proxy=proxy.replace("//", "//user:secret@")) as fetcher:
        error = failure(fetcher, "http://news.example/feed")
    assert "proxy" in str(error)
    assert "secret" not in str(error)
