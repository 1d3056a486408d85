"""What tests of the guarded client share: fetchers, their failures, and a server of raw bytes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

import pytest

from services.collect.http.connection import Resolver, resolve
from services.collect.http.fetcher import Fetcher, FetchError

NOW: Final = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
MAX_BYTES: Final = 100_000
LOOPBACK: Final = ("127.0.0.0/8", "::1/128")


def open_fetcher(
    *,
    timeout: float = 20,
    allow: Sequence[str] = LOOPBACK,
    proxy: str = "",
    resolver: Resolver = resolve,
    max_bytes: int = MAX_BYTES,
    on_redirect: Callable[[str], None] = lambda _url: None,
) -> Fetcher:
    return Fetcher(
        user_agent="Framewatch/test",
        timeout=timeout,
        max_bytes=max_bytes,
        allow_networks=allow,
        proxy=proxy,
        resolver=resolver,
        clock=lambda: NOW,
        on_redirect=on_redirect,
    )


def failure(fetcher: Fetcher, url: str, *, proxy: str = "") -> FetchError:
    """The error of fetching `url`, which has to be one, and a sentence."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, proxy=proxy)
    assert str(caught.value).endswith(".")
    return caught.value


class RawServer:
    """Answers one connection with given bytes.

    With `pause`, byte by byte with so many seconds between; with `repeat`, over and over until
    nobody listens.
    """

    def __init__(self, answer: bytes, pause: float = 0.0, *, repeat: bytes = b"") -> None:
        self._answer = answer
        self._pause = pause
        self._repeat = repeat
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(20)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.sent = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/feed"

    def __enter__(self) -> str:
        self._thread.start()
        return self.url

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
                self._send(connection)
            except OSError:
                return

    def _send(self, connection: socket.socket) -> None:
        if not self._pause:
            connection.sendall(self._answer)
        else:
            for byte in self._answer:
                if self._stop.wait(self._pause):
                    return
                connection.sendall(bytes([byte]))
        while self._repeat and not self._stop.is_set():
            connection.sendall(self._repeat)
            self.sent += len(self._repeat)
