"""What one fetch may cost: a deadline for all of it, and a number of bytes from the network.

The bounds belong to the thread that fetches, and hold for every stream that it reads from or
writes to, however a server stretches its answer: slow headers, slow bodies, interim answers
without end, or chunks that are nearly all frame.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

import httpcore

HEAD_BYTES: Final = 256 * 2**10
"""Bytes that may arrive before the answer's own status and headers do."""
_SOON: Final = 1e-3  # a timeout of 0 would mean "do not block", which is another error
_WRITTEN: Final = 2**14


class TooMuchError(httpcore.NetworkError):
    """More bytes came than any answer of the allowed size needs."""


@dataclass(slots=True)
class _Bounds:
    deadline: float
    bytes_left: int
    opened: list[httpcore.NetworkStream] = field(default_factory=list)


_bounds: ContextVar[_Bounds | None] = ContextVar("fetch_bounds", default=None)


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Let every network operation of this thread end within `seconds` from now, all together."""
    token = _bounds.set(_Bounds(time.monotonic() + seconds, HEAD_BYTES))
    try:
        yield
    finally:
        _bounds.reset(token)


def remaining() -> float | None:
    """Seconds left to the deadline; None without one; httpcore.ReadTimeout when it has passed."""
    bounds = _bounds.get()
    if bounds is None:
        return None
    left = bounds.deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for the whole fetch is used up")
    return max(left, _SOON)


def shorter(timeout: float | None) -> float | None:
    """`timeout`, or the time left to the deadline if that is less."""
    left = remaining()
    if left is None:
        return timeout
    return left if timeout is None else min(timeout, left)


def allow_bytes(count: int) -> None:
    """Let this thread's fetch receive `count` bytes from now on, and no more."""
    bounds = _bounds.get()
    if bounds is not None:
        bounds.bytes_left = count


@contextmanager
def closing_on_failure() -> Iterator[list[httpcore.NetworkStream]]:
    """Give the list of streams opened in the body, and close them when it fails.

    The HTTP library leaves them open when what stands in front of the server (a SOCKS proxy)
    fails before the connection is one of its own.
    """
    opened: list[httpcore.NetworkStream] = []
    bounds = _bounds.get()
    if bounds is not None:
        bounds.opened = opened
    try:
        yield opened
    except BaseException:
        for stream in opened:
            stream.close()
        raise


class BoundStream(httpcore.NetworkStream):
    """A stream whose every operation keeps to the bounds of the fetch it is used in."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        bounds = _bounds.get()
        if bounds is not None:
            bounds.opened.append(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, shorter(timeout))
        bounds = _bounds.get()
        if bounds is not None:
            bounds.bytes_left -= len(data)
            if bounds.bytes_left < 0:
                raise TooMuchError("more bytes came than any answer needs")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The stream's own timeout starts afresh with every part that the other side takes.
        for start in range(0, len(buffer), _WRITTEN):
            self._stream.write(buffer[start : start + _WRITTEN], shorter(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, shorter(timeout))
        return BoundStream(stream)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
