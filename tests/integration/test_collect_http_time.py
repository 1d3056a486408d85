"""Servers that take our time or send without end: every fetch has its bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from services.collect.http.bounds import HEAD_BYTES
from services.collect.http.fetcher import Fetcher, RetryableFetchError
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.fetching import MAX_BYTES, RawServer, failure, open_fetcher

OK = b"HTTP/1.1 200 OK\r\n"
LONG = 10.0
"""Seconds; far over what a hasty fetcher may take, far under what the servers would go on for."""


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def hasty() -> Iterator[Fetcher]:
    with open_fetcher(timeout=0.5) as fetcher:
        yield fetcher


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def ends_in_time(fetcher: Fetcher, url: str) -> None:
    begun = time.monotonic()
    error = failure(fetcher, url)
    assert error.outcome is PollOutcome.TIMEOUT
    assert isinstance(error, RetryableFetchError)
    assert time.monotonic() - begun < LONG


# Slow


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"X-Long: " + b"x" * 9_000,
        b"H" * 9_000,
        OK + b"\r\n" + b"x" * 9_000,
        OK + b"Content-Length: 9000\r\n\r\n" + b"x" * 9_000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 9_000,
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: " + b"x" * 9_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000,
    ],
    ids=["headers", "status", "body", "body with length", "chunks", "trailer", "interim answers"],
)
def test_what_drips_ends_at_the_deadline(hasty: Fetcher, answer: bytes) -> None:
    with RawServer(answer, pause=0.02) as url:
        ends_in_time(hasty, url)


def test_a_server_that_says_nothing_ends_at_the_deadline(hasty: Fetcher) -> None:
    with RawServer(b"x", pause=LONG) as url:
        ends_in_time(hasty, url)


def test_a_handshake_that_is_never_answered_ends_at_the_deadline(hasty: Fetcher) -> None:
    with RawServer(b"\x16\x03\x03\x40\x00" + b"x" * 9_000, pause=0.02) as url:
        ends_in_time(hasty, url.replace("http:", "https:"))


def test_redirects_share_one_deadline(server: FeedServer, hasty: Fetcher) -> None:
    def later(request: Request) -> Answer:
        time.sleep(0.2)
        return Answer(302, {"Location": f"/feed?{len(server.requests)}"})

    ends_in_time(hasty, server.set("/feed", answer=later))


def test_a_name_that_is_looked_up_for_ever_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch, hasty: Fetcher
) -> None:
    stop = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *args, **more: stop.wait(LONG * 2) and [])
    try:
        ends_in_time(hasty, "http://news.example/feed")
    finally:
        stop.set()


# Without end


def test_headers_without_end_are_cut_off(fetcher: Fetcher) -> None:
    with RawServer(OK, repeat=b"X-More: " + b"x" * 1_000 + b"\r\n") as url:
        assert failure(fetcher, url).outcome is PollOutcome.UNREACHABLE


def test_one_header_without_end_is_cut_off(fetcher: Fetcher) -> None:
    with RawServer(OK + b"X-Long: ", repeat=b"x" * 10_000) as url:
        assert failure(fetcher, url).outcome is PollOutcome.UNREACHABLE


def test_interim_answers_without_end_are_cut_off(fetcher: Fetcher) -> None:
    flood = RawServer(b"", repeat=b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
    with flood as url:
        assert failure(fetcher, url).outcome is PollOutcome.TOO_LARGE
    assert flood.sent < 20 * HEAD_BYTES


def test_an_interim_answer_before_the_answer_is_passed_over(fetcher: Fetcher) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    with RawServer(interim + OK + b"Content-Length: 5\r\n\r\nhello") as url:
        assert fetcher.get(url).body == b"hello"


def test_a_change_of_protocol_that_was_not_asked_for_is_a_sentence(fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"
    with RawServer(head) as url:
        assert "not proper HTTP" in str(failure(fetcher, url))


def test_chunks_that_are_nearly_all_frame_are_cut_off(fetcher: Fetcher) -> None:
    chunk = b"1;" + b"x" * 4_000 + b"\r\nx\r\n"
    with RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\n", repeat=chunk) as url:
        assert failure(fetcher, url).outcome in (PollOutcome.TOO_LARGE, PollOutcome.UNREACHABLE)


def test_trailers_without_end_are_cut_off(fetcher: Fetcher) -> None:
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    with RawServer(head, repeat=b"X-More: x\r\n") as url:
        assert failure(fetcher, url).outcome is PollOutcome.UNREACHABLE


def test_a_body_of_the_largest_size_in_small_chunks_is_read(fetcher: Fetcher) -> None:
    piece = b"64\r\n" + b"x" * 100 + b"\r\n"
    body = piece * (MAX_BYTES // 100) + b"0\r\n\r\n"
    with RawServer(OK + b"Transfer-Encoding: chunked\r\n\r\n" + body) as url:
        assert len(fetcher.get(url).body) == MAX_BYTES


def test_many_headers_are_read_in_no_time(fetcher: Fetcher) -> None:
    lines = b"A: b\r\n" * 8_000 + b"Set-Cookie: a=b\r\n" * 1_500
    with RawServer(OK + b"Content-Length: 5\r\n" + lines + b"\r\nhello") as url:
        begun = time.monotonic()
        assert fetcher.get(url).body == b"hello"
    assert time.monotonic() - begun < LONG
