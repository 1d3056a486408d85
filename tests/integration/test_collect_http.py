"""The guarded client against a real server on loopback."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from services.collect.http.fetcher import (
    MAX_REDIRECTS,
    POST_BODY_BYTES,
    Fetcher,
    FetchError,
    PermanentFetchError,
    RetryableFetchError,
)
from services.domain.outlet import PollOutcome
from services.errors import PermanentError, RetryableError
from tests.support.feed_server import Answer, FeedServer, Request

NOW = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
MAX_BYTES = 100_000
LOOPBACK = ("127.0.0.0/8", "::1/128")


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def open_fetcher(
    *, timeout: float = 20, allow: Sequence[str] = LOOPBACK, proxy: str = ""
) -> Fetcher:
    return Fetcher(
        user_agent="Framewatch/test",
        timeout=timeout,
        max_bytes=MAX_BYTES,
        allow_networks=allow,
        proxy=proxy,
        clock=lambda: NOW,
    )


def failure(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url)
    assert str(caught.value).endswith(".")
    return caught.value


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
    assert error.outcome is outcome
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


# Bodies


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"hello")),
        ("x-gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("GZIP", gzip.compress(b"hello") + b"\x00" * 8),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello")[2:-4]),
        ("identity", b"hello"),
    ],
)
def test_encodings_are_undone(
    server: FeedServer, fetcher: Fetcher, encoding: str, body: bytes
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, body)
    assert fetcher.get(url).body == b"hello"


def test_a_body_of_exactly_the_cap_is_read(server: FeedServer, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"x" * MAX_BYTES)
    assert len(fetcher.get(server.set("/plain", body=b"x" * MAX_BYTES)).body) == MAX_BYTES
    url = server.set("/packed", 200, {"Content-Encoding": "gzip"}, packed)
    assert len(fetcher.get(url).body) == MAX_BYTES


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"x" * (MAX_BYTES + 1)),
        ("gzip", gzip.compress(b"x" * (MAX_BYTES + 1))),
        ("gzip", gzip.compress(b"\x00" * 60_000_000)),
        ("gzip", gzip.compress(b"x" * MAX_BYTES) + gzip.compress(b"y")),
        ("deflate", zlib.compress(b"\x00" * 60_000_000)),
    ],
    ids=["plain", "gzip", "bomb", "second member", "deflate bomb"],
)
def test_a_body_over_the_cap_is_cut_off(
    server: FeedServer, fetcher: Fetcher, encoding: str, body: bytes
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding} if encoding else {}, body)
    error = failure(fetcher, url)
    assert error.outcome is PollOutcome.TOO_LARGE
    assert isinstance(error, PermanentFetchError)


def test_an_endless_body_is_cut_off(server: FeedServer, fetcher: Fetcher) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 10_000

    assert failure(fetcher, server.set("/feed", body=endless)).outcome is PollOutcome.TOO_LARGE


def test_a_body_that_breaks_off_is_no_answer(server: FeedServer, fetcher: Fetcher) -> None:
    packed = gzip.compress(b"hello" * 1_000)[:-20]
    url = server.set("/feed", 200, {"Content-Encoding": "gzip"}, packed)
    assert failure(fetcher, url).outcome is PollOutcome.BROKEN_FEED
    with RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello") as short:
        assert failure(fetcher, short).outcome is PollOutcome.UNREACHABLE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br", "gzip, gzip", "compress"])
def test_a_body_that_is_not_encoded_as_it_says_is_a_sentence(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, b"\xffnot packed at all")
    assert failure(fetcher, url).outcome in (PollOutcome.BROKEN_FEED, PollOutcome.NOT_A_FEED)


# Time


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


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: FeedServer, fetcher: Fetcher, status: int) -> None:
    server.set("/old/feed", status, {"Location": "../new?a=1#x"})
    server.set("/new?a=1", body=b"hello")
    fetched = fetcher.get(server.url("/old/feed"))
    assert (fetched.url, fetched.body) == (server.url("/new?a=1"), b"hello")


def test_redirects_in_a_circle_are_found(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/a", 302, {"Location": "/b"})
    server.set("/b", 302, {"Location": "/a"})
    error = failure(fetcher, server.url("/a"))
    assert error.outcome is PollOutcome.TOO_MANY_REDIRECTS
    assert "in a circle" in str(error)
    assert len(server.requests) == 2


def test_redirects_without_end_are_given_up(server: FeedServer, fetcher: Fetcher) -> None:
    server.set("/a", answer=lambda r: Answer(302, {"Location": f"/a?{len(server.requests)}"}))
    assert failure(fetcher, server.url("/a")).outcome is PollOutcome.TOO_MANY_REDIRECTS
    assert len(server.requests) == MAX_REDIRECTS + 1


def test_a_door_that_sets_a_cookie_and_sends_back_is_no_circle(
    server: FeedServer, fetcher: Fetcher
) -> None:
    def door(request: Request) -> Answer:
        if "seen=1" in request.headers.get("cookie", ""):
            return Answer(200, {}, b"hello")
        return Answer(302, {"Location": "/feed", "Set-Cookie": "seen=1; Path=/"})

    assert fetcher.get(server.set("/feed", answer=door)).body == b"hello"


@pytest.mark.parametrize(
    "location", ["", "javascript:alert(1)", "file:///etc/passwd", "http://[x", "//"]
)
def test_a_redirect_to_nowhere_is_a_sentence(
    server: FeedServer, fetcher: Fetcher, location: str
) -> None:
    url = server.set("/feed", 302, {"Location": location})
    assert failure(fetcher, url).outcome is PollOutcome.TOO_MANY_REDIRECTS


def test_a_key_in_a_header_does_not_follow_to_another_host(
    server: FeedServer, fetcher: Fetcher
) -> None:
    server.set("/feed", 302, {"Location": server.url("/new", host="localhost")})
    server.set("/new", body=b"hello")
    fetcher.get(server.url("/feed"), headers={"X-Key": "secret", "Accept-Language": "en"})
    first, second = server.requests
    assert first.headers["x-key"] == "secret"
    assert "x-key" not in second.headers
    assert second.headers["accept-language"] == "en"


# Addresses


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


# Proxy


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


# Posting


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


def test_a_post_ends_at_its_own_deadline(server: FeedServer, fetcher: Fetcher) -> None:
    stop = threading.Event()
    url = server.set("/hook", answer=lambda request: Answer(204 if stop.wait(5) else 200))
    with pytest.raises(RetryableFetchError) as caught:
        fetcher.post(url, body=b"", headers={}, timeout=0.3)
    stop.set()
    assert caught.value.outcome is PollOutcome.TIMEOUT


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


class RawServer:
    """Answers one connection with given bytes, one by one with pauses if asked."""

    def __init__(self, answer: bytes, pause: float = 0.0) -> None:
        self._answer = answer
        self._pause = pause
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(20)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/feed"

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._socket.accept()
        except TimeoutError:
            return
        with connection:
            connection.settimeout(20)
            try:
                connection.recv(65_536)
                if not self._pause:
                    connection.sendall(self._answer)
                    return
                for byte in self._answer:
                    if self._stop.wait(self._pause):
                        return
                    connection.sendall(bytes([byte]))
            except OSError:
                return
