"""Connections that are kept between requests, and servers that hang up on them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from services.collect.http.fetcher import Fetcher, FetchError
from services.domain.outlet import PollOutcome
from tests.support.fetching import open_fetcher

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class HangsUp:
    """Answers the first request of a connection, and closes it once the second has come.

    With `silent`, the first one of every connection is left without an answer too.
    """

    def __init__(self, *, silent: bool = False) -> None:
        self.requests = 0
        self._silent = silent
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/feed"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> HangsUp:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                for answer in (b"" if self._silent else ANSWER, b""):
                    if not connection.recv(65_536):
                        break
                    self.requests += 1
                    if not answer:
                        break
                    connection.sendall(answer)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    with open_fetcher() as fetcher:
        yield fetcher


def test_a_get_on_a_connection_that_was_hung_up_is_sent_again(fetcher: Fetcher) -> None:
    with HangsUp() as server:
        assert [fetcher.get(server.url).body for _ in range(3)] == [b"hello"] * 3
    assert server.requests == 5


def test_a_post_is_never_sent_twice(fetcher: Fetcher) -> None:
    with HangsUp() as server:
        fetcher.post(server.url, body=b"", headers={})
        with pytest.raises(FetchError) as caught:
            fetcher.post(server.url, body=b"", headers={})
        assert caught.value.outcome is PollOutcome.UNREACHABLE
    assert server.requests == 2


def test_a_get_on_a_new_connection_is_not_sent_again(fetcher: Fetcher) -> None:
    with HangsUp(silent=True) as server:
        with pytest.raises(FetchError) as caught:
            fetcher.get(server.url)
        assert caught.value.outcome is PollOutcome.UNREACHABLE
    assert server.requests == 1
