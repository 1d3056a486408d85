"""Redirects, hop by hop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import MAX_REDIRECTS, Fetcher
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.fetching import RawServer, failure, open_fetcher
from tests.support.tls import trusted_tls


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(server: FeedServer, fetcher: Fetcher, status: int) -> None:
    server.set("/old/feed", status, {"Location": "../new?a=1#x"})
    server.set("/new?a=1", body=b"hello")
    fetched = fetcher.get(server.url("/old/feed"))
    assert (fetched.url, fetched.body) == (server.url("/new?a=1"), b"hello")


def chain(server: FeedServer, *statuses: int) -> str:
    """The first of a chain of redirects with these statuses, that ends at /end."""
    for n, status in enumerate(statuses):
        end = n + 1 == len(statuses)
        server.set(f"/{n}", status, {"Location": "/end" if end else f"/{n + 1}"})
    server.set("/end", body=b"hello")
    return server.url("/0")


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ((301,), True),
        ((308,), True),
        ((301, 308, 301), True),
        ((302,), False),
        ((303,), False),
        ((307,), False),
        ((301, 302), False),
        ((302, 301), False),
    ],
)
def test_it_has_moved_when_every_hop_is_permanent(
    server: FeedServer, fetcher: Fetcher, statuses: tuple[int, ...], *, moved: bool
) -> None:
    fetched = fetcher.get(chain(server, *statuses))
    assert fetched.moved == (server.url("/end") if moved else "")


def test_what_is_where_it_was_has_not_moved(server: FeedServer, fetcher: Fetcher) -> None:
    assert fetcher.get(server.set("/feed")).moved == ""


def test_a_move_is_told_also_when_nothing_is_new(server: FeedServer, fetcher: Fetcher) -> None:
    url = chain(server, 301)
    server.set("/end", 304)
    assert fetcher.get(url, etag='"1"').moved == server.url("/end")


def test_a_permanent_door_that_leads_back_is_no_move(server: FeedServer, fetcher: Fetcher) -> None:
    def door(request: Request) -> Answer:
        if "cookie" in request.headers:
            return Answer(200, {}, b"hello")
        return Answer(301, {"Location": "/feed", "Set-Cookie": "seen=1"})

    assert fetcher.get(server.set("/feed", answer=door)).moved == ""


def test_every_address_that_redirects_lead_to_is_told(server: FeedServer) -> None:
    told: list[str] = []
    url = chain(server, 301, 302)
    with open_fetcher(on_redirect=told.append) as fetcher:
        fetcher.get(url)
    assert told == [server.url("/1"), server.url("/end")]


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
    "location", ["", "javascript:alert(1)", "file:///etc/passwd", "http://[x", "//", "http://xn--/"]
)
def test_a_redirect_to_nowhere_is_a_sentence(
    server: FeedServer, fetcher: Fetcher, location: str
) -> None:
    url = server.set("/feed", 302, {"Location": location})
    assert failure(fetcher, url).outcome is PollOutcome.TOO_MANY_REDIRECTS


def test_of_two_places_the_first_counts(server: FeedServer, fetcher: Fetcher) -> None:
    first, second = server.set("/one", body=b"one"), server.set("/two", body=b"two")
    lines = f"HTTP/1.1 302 X\r\nLocation: {first}\r\nLocation: {second}\r\nContent-Length: 0\r\n"
    with RawServer(f"{lines}\r\n".encode()) as url:
        assert fetcher.get(url).body == b"one"


def test_the_body_of_a_redirect_is_not_read(server: FeedServer, fetcher: Fetcher) -> None:
    end = server.set("/end", body=b"hello")
    head = f"HTTP/1.1 302 X\r\nLocation: {end}\r\n\r\n".encode()
    with RawServer(head, repeat=b"x" * 10_000) as url:
        assert fetcher.get(url).body == b"hello"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "nonsense"])
def test_an_encoding_of_the_redirect_itself_does_not_matter(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    url = server.set("/feed", 302, {"Location": "/end", "Content-Encoding": encoding})
    server.set("/end", body=b"hello")
    assert fetcher.get(url).body == b"hello"


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


def test_a_cookie_does_not_follow_to_another_host(server: FeedServer, fetcher: Fetcher) -> None:
    there = server.url("/new", host="localhost")
    server.set("/feed", 302, {"Location": there, "Set-Cookie": "session=1"})
    server.set("/new", body=b"hello")
    fetcher.get(server.url("/feed"))
    assert "cookie" not in server.requests[1].headers


# From https to http, and back


def test_a_redirect_from_https_to_http_is_followed_and_told(server: FeedServer) -> None:
    server.set("/feed", body=b"hello")
    with trusted_tls("localhost") as tls, FeedServer(tls=tls) as secure, open_fetcher() as fetcher:
        secure.set("/feed", 301, {"Location": server.url("/feed")})
        fetched = fetcher.get(secure.url("/feed", host="localhost"))
    assert (fetched.body, fetched.downgraded) == (b"hello", True)


def test_no_move_to_http_is_for_good(server: FeedServer) -> None:
    server.set("/feed", body=b"hello")
    with trusted_tls("localhost") as tls, FeedServer(tls=tls) as secure, open_fetcher() as fetcher:
        secure.set("/feed", 301, {"Location": server.url("/feed")})
        assert fetcher.get(secure.url("/feed", host="localhost")).moved == ""


def test_a_key_does_not_follow_from_https_to_http(server: FeedServer) -> None:
    server.set("/feed", body=b"hello")
    with trusted_tls("localhost") as tls, FeedServer(tls=tls) as secure, open_fetcher() as fetcher:
        secure.set("/feed", 302, {"Location": server.url("/feed", host="localhost")})
        fetcher.get(secure.url("/feed", host="localhost"), headers={"X-Key": "secret"})
    assert "x-key" not in server.requests[0].headers


def test_a_move_from_http_to_https_is_a_move(server: FeedServer) -> None:
    with trusted_tls("localhost") as tls, FeedServer(tls=tls) as secure, open_fetcher() as fetcher:
        there = secure.url("/feed", host="localhost")
        secure.set("/feed", body=b"hello")
        fetched = fetcher.get(server.set("/feed", 301, {"Location": there}))
    assert (fetched.moved, fetched.downgraded) == (there, False)


@pytest.mark.parametrize("name", ["other.example", "127.0.0.1"])
def test_a_certificate_for_another_name_is_a_sentence(name: str) -> None:
    resolve = {"resolver": lambda host, port: ["127.0.0.1"]}
    with trusted_tls(name) as tls, FeedServer(tls=tls) as secure, open_fetcher(**resolve) as client:
        error = failure(client, secure.url("/feed", host="news.example"))
    assert error.outcome is PollOutcome.UNREACHABLE
    assert "The certificate of news.example is not valid" in str(error)
