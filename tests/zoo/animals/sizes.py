"""Bodies that are too large, before or after decompression. The cap here is 2 MiB."""

from __future__ import annotations

import functools
import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli

from services.collect.http.decoders import zstd
from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal, Visit
from tests.zoo.documents import GOOD
from tests.zoo.wire import XML, forever, head

TOO_LARGE = PollOutcome.TOO_LARGE
_FEED_START = GOOD.partition("<item>")[0].encode()
_MIB = 2**20


def _two_hundred_mib(_visit: Visit) -> Iterator[bytes]:
    yield head(Content_Type=XML, Content_Length=str(200 * _MIB))
    for _ in range(200):
        yield b" " * _MIB


def _bomb(coding: str, pack: Callable[[bytes], bytes]) -> Callable[[Visit], Iterator[bytes]]:
    @functools.cache
    def packed() -> bytes:
        return pack(b" " * (64 * _MIB))

    def pieces(_visit: Visit) -> Iterator[bytes]:
        yield head(Content_Encoding=coding, Content_Length=str(len(packed())))
        yield packed()

    return pieces


def _gzip_in_gzip(data: bytes) -> bytes:
    return gzip.compress(gzip.compress(data))


ANIMALS = (
    Animal("body-of-200-mib", _two_hundred_mib, TOO_LARGE, says="more than"),
    Animal("body-without-end", forever(b" " * 65_536), TOO_LARGE),
    Animal("entries-without-end", forever(
        b"<item><title>One more</title><link>https://news.example/m</link></item>" * 500,
        head(Content_Type=XML) + _FEED_START), TOO_LARGE),
    Animal("bomb-gzip", _bomb("gzip", gzip.compress), TOO_LARGE),
    Animal("bomb-deflate", _bomb("deflate", zlib.compress), TOO_LARGE),
    Animal("bomb-brotli", _bomb("br", functools.partial(brotli.compress, quality=5)), TOO_LARGE),
    Animal("bomb-zstandard", _bomb("zstd", zstd.compress), TOO_LARGE),
    Animal("bomb-gzip-in-gzip", _bomb("gzip, gzip", _gzip_in_gzip), TOO_LARGE),
)  # fmt: skip
