"""Reading a body: decompressed by us, so that its size is capped while it grows.

A decompressor is never asked for more than the cap allows, so a bomb of a few kilobytes costs
a few kilobytes. Only the encodings that `ACCEPT_ENCODING` asks for are understood.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, Final

from services.collect.http.errors import PermanentFetchError, RetryableFetchError
from services.domain.outlet import PollOutcome

ACCEPT_ENCODING: Final = "gzip, deflate"
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


def read_body(chunks: Iterable[bytes], encoding: str, max_bytes: int, host: str) -> bytes:
    """Return the decoded body.

    Raises PermanentFetchError when it grows over `max_bytes` (before or after decoding) or is
    encoded in a way that was not asked for, RetryableFetchError when it is damaged.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _capped(chunks, max_bytes, host)
    if name not in ("gzip", "x-gzip", "deflate"):
        raise PermanentFetchError(
            f"{host} sent its answer encoded as {name[:40]!r}, which was not asked for.",
            PollOutcome.NOT_A_FEED,
        )
    body = _Inflated(max_bytes, host, gzip=name != "deflate")
    try:
        for chunk in chunks:
            body.feed(chunk)
    except zlib.error as error:
        raise RetryableFetchError(
            f"{host} sent a damaged answer ({name}: {error}).", PollOutcome.BROKEN_FEED
        ) from None
    return body.finish()


def _capped(chunks: Iterable[bytes], max_bytes: int, host: str) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > max_bytes:
            raise too_large(host, max_bytes)
    return bytes(data)


def too_large(host: str, max_bytes: int) -> PermanentFetchError:
    """The error for a body over the cap."""
    return PermanentFetchError(
        f"{host} sent more than {max_bytes:,} bytes; the rest was not read "
        "(FRAMEWATCH_FETCH_MAX_BYTES).",
        PollOutcome.TOO_LARGE,
    )


class _Inflated:
    """A growing body behind gzip (several members allowed) or deflate (with or without head)."""

    def __init__(self, max_bytes: int, host: str, *, gzip: bool) -> None:
        self._max = max_bytes
        self._host = host
        self._gzip = gzip
        self._read = 0
        self._data = bytearray()
        self._inflater: Any = None

    def feed(self, chunk: bytes) -> None:
        self._read += len(chunk)
        if self._read > self._max:
            raise too_large(self._host, self._max)
        while chunk:
            if self._inflater is None:
                self._inflater = self._start(chunk)
            # One byte more than allowed is asked for: it tells "full" from "too large".
            self._data += self._inflater.decompress(chunk, self._max - len(self._data) + 1)
            if len(self._data) > self._max:
                raise too_large(self._host, self._max)
            chunk = self._inflater.unconsumed_tail
            if self._inflater.eof:
                chunk = self._next_member()

    def finish(self) -> bytes:
        if self._inflater is not None and not self._inflater.eof:
            raise RetryableFetchError(
                f"The answer of {self._host} broke off in the middle.", PollOutcome.BROKEN_FEED
            )
        return bytes(self._data)

    def _start(self, chunk: bytes) -> Any:
        if self._gzip:
            return zlib.decompressobj(_GZIP)
        # RFC 9110 means zlib by "deflate"; some servers send the bare stream.
        return zlib.decompressobj(_ZLIB if chunk[0] & 0x0F == 8 else _RAW)

    def _next_member(self) -> bytes:
        rest: bytes = self._inflater.unused_data
        if self._gzip and rest[:1] == b"\x1f":
            self._inflater = None
            return rest
        return b""  # padding after the end is common and harmless
