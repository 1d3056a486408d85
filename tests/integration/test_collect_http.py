"""What the guarded client asks, and what comes back, against a real server on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    Fetcher,
    PermanentFetchError,
    RetryableFetchError,
)
from services.domain.outlet import PollOutcome
from services.errors import PermanentError, RetryableError
from tests.support.feed_server import FeedServer
from tests.support.fetching import RawServer, failure, open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


# What is asked and what comes back


def test_an_answer_comes_back_with_its_headers(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/feed", 200, {"ETag": '"1"', "X-Two": "a"}, b"hello")
    fetched = fetcher.get(url)
    assert (fetched.status, fetched.url, fetched.body) == (200, url, b"hello")
    assert fetched.headers["etag"] == '"1"'


def test_the_request_says_honestly_who_asks(server: FeedServer, fetcher: Fetcher) -> None:
    fetcher.get(server.set("/feed"))
    assert server.requests[0].headers["user-agent"] == "Framewatch/test"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate, br, zstd"


def test_an_outlet_may_ask_in_its_own_way(server: FeedServer, fetcher: Fetcher) -> None:
    fetcher.get(
        server.set("/feed"), user_agent="Mozilla/5.0", headers={"Accept": "text/xml"}, accept="*/*"
    )
    headers = server.requests[0].headers
    assert (headers["user-agent"], headers["accept"]) == ("Mozilla/5.0", "text/xml")


def test_validators_are_sent_and_304_is_an_answer(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/feed", 304)
    fetched = fetcher.get(url, etag='W/"é1"', last_modified="Sat, 01 Mar 2025 10:00:00 GMT")
    assert (fetched.status, fetched.body) == (304, b"")
    headers = server.requests[0].headers
    assert headers["if-modified-since"] == "Sat, 01 Mar 2025 10:00:00 GMT"
    assert "if-none-match" in headers


def test_cookies_are_not_kept_between_fetches(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/feed", 200, {"Set-Cookie": "track=1"})
    fetcher.get(url)
    fetcher.get(url)
    assert "cookie" not in server.requests[1].headers


def test_a_name_and_password_in_a_url_are_not_sent(server: FeedServer, fetcher: Fetcher) -> None:
    fetched = fetcher.get(server.set("/feed").replace("http://", "http://user:secret@"))
    assert "authorization" not in server.requests[0].headers
    assert "secret" not in fetched.url


# Statuses


@pytest.mark.parametrize(
    ("status", "outcome", "kind"),
    [
        (400, PollOutcome.BLOCKED, PermanentError),
        (401, PollOutcome.BLOCKED, PermanentError),
        (403, PollOutcome.BLOCKED, PermanentError),
        (404, PollOutcome.GONE, PermanentError),
        (410, PollOutcome.GONE, PermanentError),
        (429, PollOutcome.RATE_LIMITED, RetryableError),
        (451, PollOutcome.BLOCKED, PermanentError),
        (408, PollOutcome.SERVER_ERROR, RetryableError),
        (500, PollOutcome.SERVER_ERROR, RetryableError),
        (503, PollOutcome.SERVER_ERROR, RetryableError),
        (599, PollOutcome.SERVER_ERROR, RetryableError),
        (300, PollOutcome.SERVER_ERROR, RetryableError),
    ],
)
def test_every_status_has_its_outcome(
    server: FeedServer, fetcher: Fetcher, status: int, outcome: PollOutcome, kind: type[Exception]
) -> None:
    error = failure(fetcher, server.set("/feed", status))
    assert (error.outcome, error.status) == (outcome, status)
    assert isinstance(error, kind)
    assert f"127.0.0.1 answered {status}" in str(error)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120.0),
        ({"Retry-After": "Sat, 01 Mar 2025 12:10:00 GMT"}, 600.0),
        ({"Retry-After": "Sat, 01 Mar 2025 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_a_server_asks_for_is_passed_on(
    fetcher: Fetcher, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    # Written by hand, since a ready-made server adds a Date, and the wait is measured from it.
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with RawServer(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{lines}\r\n".encode()) as url:
        error = failure(fetcher, url)
    assert isinstance(error, RetryableFetchError)
    assert error.retry_after == seconds


def test_the_wait_until_a_date_is_measured_on_the_servers_clock(fetcher: Fetcher) -> None:
    head = "HTTP/1.1 503 X\r\nContent-Length: 0\r\nDate: Mon, 05 May 2025 10:00:00 GMT\r\n"
    answer = f"{head}Retry-After: Mon, 05 May 2025 10:01:00 GMT\r\n\r\n".encode()
    with RawServer(answer) as url:
        error = failure(fetcher, url)
    assert isinstance(error, RetryableFetchError)
    assert error.retry_after == 60


# No answer


def test_a_closed_port_is_unreachable(server: FeedServer, fetcher: Fetcher) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        error = failure(fetcher, f"http://127.0.0.1:{unused.getsockname()[1]}/feed")
    assert error.outcome is PollOutcome.UNREACHABLE
    assert "refuses connections" in str(error)


def test_what_speaks_no_tls_is_a_sentence(server: FeedServer, fetcher: Fetcher) -> None:
    error = failure(fetcher, server.url("/feed").replace("http:", "https:"))
    assert error.outcome is PollOutcome.UNREACHABLE
    assert "No secure connection" in str(error)


@pytest.mark.parametrize(
    "answer", [b"", b"hello there\r\n\r\n", b"HTTP/1.1 200 OK\r\nBad\x00: x\r\n\r\n"]
)
def test_what_speaks_no_http_is_a_sentence(fetcher: Fetcher, answer: bytes) -> None:
    with RawServer(answer) as url:
        assert failure(fetcher, url).outcome is PollOutcome.UNREACHABLE


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news.example",
        "ftp://news.example/",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://a:b/",
    ],
)
def test_what_is_no_web_address_is_a_sentence(fetcher: Fetcher, url: str) -> None:
    error = failure(fetcher, url)
    assert isinstance(error, PermanentFetchError)
    assert "not a web address" in str(error)


def test_a_fetcher_is_shared_by_threads(server: FeedServer, fetcher: Fetcher) -> None:
    for n in range(20):
        server.set(f"/{n}", body=str(n).encode())
    bodies: dict[int, bytes] = {}

    def get(n: int) -> None:
        bodies[n] = fetcher.get(server.url(f"/{n}")).body

    threads = [threading.Thread(target=get, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == {n: str(n).encode() for n in range(20)}
