"""Bytes of HTTP answers, proper ones and others."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator

from tests.zoo.animal import Visit

XML = "application/rss+xml"


def answer(body: bytes | str, kind: str = XML, status: str = "200 OK", **headers: str) -> bytes:
    """A proper answer. Header names are written with underscores for hyphens."""
    data = body.encode() if isinstance(body, str) else body
    return head(status, Content_Type=kind, Content_Length=str(len(data)), **headers) + data


def head(status: str = "200 OK", **headers: str) -> bytes:
    """Status line and headers, with the empty line after them."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "Connection: close", "", ""]).encode()


def zipped(body: str, times: int = 1) -> bytes:
    """The body behind gzip, as many times as asked."""
    data = body.encode()
    for _ in range(times):
        data = gzip.compress(data)
    return data


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer in chunks."""
    body = b"".join(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n" for chunk in chunks)
    return head(Content_Type=XML, Transfer_Encoding="chunked") + body + end


def forever(piece: bytes, start: bytes = b"") -> Callable[[Visit], Iterator[bytes]]:
    """Never stops sending; the client has to."""

    def pieces(_visit: Visit) -> Iterator[bytes]:
        yield start or head(Content_Type=XML)
        while True:
            yield piece

    return pieces


def dripping(body: bytes, pause: float = 0.3) -> Callable[[Visit], Iterator[bytes]]:
    """Sends a byte now and then, so that no single read ever takes long."""

    def pieces(_visit: Visit) -> Iterator[bytes]:
        for at in range(len(body)):
            yield body[at : at + 1]
            time.sleep(pause)  # the slowness is what is served here

    return pieces


def redirect(to: str, status: str = "302 Found") -> bytes:
    """A redirect to `to`."""
    return head(status, Location=to, Content_Length="0")
