"""Redirects, hop by hop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    MAX_REDIRECTS,
    Fetcher,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import Answer, FeedServer, Request
from tests.support.fetching import failure, open_fetcher


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
