"""Posting, as webhooks do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    POST_BODY_BYTES,
    Fetcher,
    PermanentFetchError,
    RetryableFetchError,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer
from tests.support.fetching import open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def test_a_post_arrives_as_it_was_made(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/hook", 204)
    fetched = fetcher.post(url, body=b'{"a":1}', headers={"Content-Type": "application/json"})
    assert fetched.status == 204
    (request,) = server.requests
    assert (request.method, request.body) == ("POST", b'{"a":1}')
    assert request.headers["content-type"] == "application/json"


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500])
def test_a_post_returns_every_status_and_follows_nothing(
    server: FeedServer, fetcher: Fetcher, status: int
) -> None:
    url = server.set("/hook", status, {"Location": "/elsewhere", "Retry-After": "7"})
    fetched = fetcher.post(url, body=b"", headers={})
    assert (fetched.status, fetched.headers["retry-after"]) == (status, "7")
    assert server.paths() == ["/hook"]


def test_the_answer_to_a_post_is_cut(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/hook", body=b"x" * 500_000)
    assert len(fetcher.post(url, body=b"", headers={}).body) == POST_BODY_BYTES


def test_a_post_to_a_private_address_is_refused(server: FeedServer) -> None:
    with open_fetcher(allow=()) as fetcher, pytest.raises(PermanentFetchError) as caught:
        fetcher.post(server.set("/hook"), body=b"", headers={})
    assert caught.value.outcome is PollOutcome.FORBIDDEN_ADDRESS
    assert server.requests == []


def test_a_post_never_goes_where_a_redirect_points(server: FeedServer, fetcher: Fetcher) -> None:
    there = server.set("/there")
    url = server.set("/hook", 307, {"Location": there})
    assert fetcher.post(url, body=b"{}", headers={"X-Key": "secret"}).status == 307
    assert server.paths() == ["/hook"]


def test_a_receiver_that_takes_nothing_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as idle, open_fetcher() as fetcher:
        url = f"http://127.0.0.1:{idle.getsockname()[1]}/hook"
        with pytest.raises(RetryableFetchError) as caught:
            fetcher.post(url, body=b"x" * 50_000_000, headers={}, timeout=0.3)
    assert caught.value.outcome is PollOutcome.TIMEOUT


def test_a_post_ends_at_its_own_deadline(server: FeedServer, fetcher: Fetcher) -> None:
    stop = threading.Event()
    url = server.set("/hook", answer=lambda request: Answer(204 if stop.wait(5) else 200))
    with pytest.raises(RetryableFetchError) as caught:
        fetcher.post(url, body=b"", headers={}, timeout=0.3)
    stop.set()
    assert caught.value.outcome is PollOutcome.TIMEOUT
