"""Servers that take their time, and ours."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    Fetcher,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.fetching import RawServer, failure, open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def test_a_body_that_drips_ends_at_the_deadline(server: FeedServer) -> None:
    stop = threading.Event()

    def drip() -> Iterator[bytes]:
        while not stop.wait(0.05):
            yield b"x"

    url = server.set("/feed", body=drip)
    begun = time.monotonic()
    try:
        with open_fetcher(timeout=0.5) as fetcher:
            error = failure(fetcher, url)
    finally:
        stop.set()
    assert error.outcome is PollOutcome.TIMEOUT
    assert time.monotonic() - begun < 10


def test_headers_that_drip_end_at_the_deadline() -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1_000, pause=0.05) as url:
        begun = time.monotonic()
        with open_fetcher(timeout=0.5) as fetcher:
            error = failure(fetcher, url)
    assert error.outcome is PollOutcome.TIMEOUT
    assert time.monotonic() - begun < 10


def test_redirects_share_one_deadline(server: FeedServer) -> None:
    def later(request: Request) -> Answer:
        time.sleep(0.3)
        return Answer(302, {"Location": f"/feed?{len(server.requests)}"})

    url = server.set("/feed", answer=later)
    with open_fetcher(timeout=0.8) as fetcher:
        assert failure(fetcher, url).outcome is PollOutcome.TIMEOUT
