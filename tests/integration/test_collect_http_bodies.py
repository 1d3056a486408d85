"""Bodies, in every encoding and of every size."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli
import pytest

from services.collect.http.decoders import zstd
from services.collect.http.fetcher import Fetcher, PermanentFetchError
from services.domain.outlet import PollOutcome
from tests.support.feed_server import FeedServer
from tests.support.fetching import MAX_BYTES, RawServer, failure, open_fetcher

HELLO = b"hello"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstd.compress,
}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def packed(encoding: str, data: bytes) -> bytes:
    """`data`, encoded step by step as the header says."""
    for name in encoding.split(", "):
        data = PACKERS[name](data)
    return data


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(HELLO)),
        ("x-gzip", gzip.compress(b"hel") + gzip.compress(b"lo")),
        ("GZIP", gzip.compress(HELLO) + b"\x00" * 8),
        ("deflate", zlib.compress(HELLO)),
        ("deflate", zlib.compress(HELLO)[2:-4]),
        ("br", brotli.compress(HELLO)),
        ("BR", brotli.compress(HELLO)),
        ("zstd", zstd.compress(HELLO)),
        ("zstd", zstd.compress(b"hel") + zstd.compress(b"lo")),
        ("gzip, br", packed("gzip, br", HELLO)),
        ("zstd, gzip, br", packed("zstd, gzip, br", HELLO)),
        ("gzip, gzip", packed("gzip, gzip", HELLO)),
        ("identity", HELLO),
        ("identity, gzip", gzip.compress(HELLO)),
        ("utf-8", HELLO),
        ("none", HELLO),
        ("", gzip.compress(HELLO)),
        ("gzip", packed("gzip, gzip", HELLO)),
    ],
)
def test_encodings_are_undone(
    server: FeedServer, fetcher: Fetcher, encoding: str, body: bytes
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, body)
    assert fetcher.get(url).body == HELLO


def test_encodings_in_two_headers_are_stacked(fetcher: Fetcher) -> None:
    body = packed("gzip, br", HELLO)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: br\r\n"
    with RawServer(head + b"Content-Length: %d\r\n\r\n" % len(body) + body) as url:
        assert fetcher.get(url).body == HELLO


@pytest.mark.parametrize("encoding", ["", *PACKERS])
def test_a_body_of_exactly_the_cap_is_read(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    body = packed(encoding, b"x" * MAX_BYTES) if encoding else b"x" * MAX_BYTES
    url = server.set("/feed", 200, {"Content-Encoding": encoding} if encoding else {}, body)
    assert len(fetcher.get(url).body) == MAX_BYTES


@pytest.mark.parametrize("encoding", ["", *PACKERS, "gzip, br", "br, gzip"])
def test_a_body_of_one_byte_more_is_refused(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    body = b"x" * (MAX_BYTES + 1)
    url = server.set(
        "/feed",
        200,
        {"Content-Encoding": encoding} if encoding else {},
        packed(encoding, body) if encoding else body,
    )
    error = failure(fetcher, url)
    assert error.outcome is PollOutcome.TOO_LARGE
    assert isinstance(error, PermanentFetchError)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_parts_that_are_too_much_only_together_are_refused(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    body = PACKERS[encoding](b"x" * MAX_BYTES) + PACKERS[encoding](b"y")
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, body)
    assert failure(fetcher, url).outcome is PollOutcome.TOO_LARGE


def test_a_step_of_decoding_that_is_too_much_is_refused(
    server: FeedServer, fetcher: Fetcher
) -> None:
    # In between it is large, at the end it is nothing: gzip members that hold nothing at all.
    inner = gzip.compress(b"") * 9_000
    url = server.set("/feed", 200, {"Content-Encoding": "gzip, br"}, PACKERS["br"](inner))
    assert failure(fetcher, url).outcome is PollOutcome.TOO_LARGE


def test_a_body_that_is_too_long_may_be_cut(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.set("/feed", body=b"x" * 5_000)
    assert fetcher.get(url, max_bytes=1_000, cut=True).body == b"x" * 1_000


def test_an_endless_body_is_cut_off(server: FeedServer, fetcher: Fetcher) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 10_000

    assert failure(fetcher, server.set("/feed", body=endless)).outcome is PollOutcome.TOO_LARGE


def test_a_body_that_says_it_is_too_large_is_not_read(fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (200 * 2**20)
    with RawServer(head) as url:  # which never sends the body: reading it would break off
        assert failure(fetcher, url).outcome is PollOutcome.TOO_LARGE


@pytest.mark.parametrize("length", ["-5", "1e3", "0x10", "5, 6", "9" * 40, "9" * 5_000, "٣"])
def test_a_length_that_is_none_is_a_sentence(fetcher: Fetcher, length: str) -> None:
    with RawServer(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nhello".encode()) as url:
        assert failure(fetcher, url).outcome in (PollOutcome.UNREACHABLE, PollOutcome.TOO_LARGE)


@pytest.mark.parametrize("encoding", PACKERS)
def test_an_encoded_body_that_breaks_off_is_no_answer(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    body = packed(encoding, HELLO * 1_000)[:-10]
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, body)
    assert failure(fetcher, url).outcome is PollOutcome.BROKEN_FEED


def test_a_plain_body_that_breaks_off_is_no_answer(fetcher: Fetcher) -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello") as short:
        assert failure(fetcher, short).outcome is PollOutcome.UNREACHABLE


@pytest.mark.parametrize("encoding", [*PACKERS, "gzip, br"])
def test_a_body_that_is_not_encoded_as_it_says_is_damaged(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, b"\xffnot packed at all")
    assert failure(fetcher, url).outcome is PollOutcome.BROKEN_FEED


@pytest.mark.parametrize("encoding", ["compress", "exi", "x" * 1_000, "gzip, gzip, gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_a_sentence(
    server: FeedServer, fetcher: Fetcher, encoding: str
) -> None:
    url = server.set("/feed", 200, {"Content-Encoding": encoding}, b"body")
    error = failure(fetcher, url)
    assert error.outcome is PollOutcome.NOT_A_FEED
    assert "not asked for" in str(error)
    assert len(str(error)) < 200


def test_the_deadline_holds_inside_a_decoder(fetcher: Fetcher) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\n\r\n"
    with (
        open_fetcher(timeout=0.5) as hasty,
        RawServer(head + zstd.compress(HELLO), pause=0.02) as url,
    ):
        assert failure(hasty, url).outcome is PollOutcome.TIMEOUT
