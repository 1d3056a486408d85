"""Bodies, in every encoding and of every size."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import (
    Fetcher,
    PermanentFetchError,
)
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import MAX_BYTES, RawServer, failure, open_fetcher


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


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


@pytest.mark.parametrize(
    "encoding", ["gzip", "deflate", "br", "zstd", "gzip, br", "gzip, gzip", "compress"]
)
def test_a_body_that_is_not_encoded_as_it_says_is_a_sentence(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, b"\xffnot packed at all")
    assert failure(fetcher, url).outcome in (PollOutcome.BROKEN_FEED, PollOutcome.NOT_A_FEED)
