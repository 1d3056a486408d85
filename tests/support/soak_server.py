"""The server of a soak: answers as the plan says, and knows what it showed whole.

with SoakServer() as server:
    server.begin(round_)
    …
    server.shown        # (feed, entries) of every answer that was sent whole, in order
"""

from __future__ import annotations

import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.support.soak_plan import FEEDS, Answer, Entry, Fault, Round, document

HOSTS = 5  # ports, which the feeds share
_PAGE = b"<!doctype html><html><title>Sorry</title><p>We will be back soon.</p></html>"
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


class SoakServer:
    """Serves the feeds of the current round. `on_answer` is called after every answer."""

    def __init__(self, on_answer: Callable[[int], None] = lambda _: None) -> None:
        self.shown: list[tuple[int, tuple[Entry, ...]]] = []
        self.answered: Counter[Fault | str] = Counter()
        self._on_answer = on_answer
        self._lock = threading.Lock()
        self._round: Round | None = None
        self._in_round = 0
        self._stopped = threading.Event()
        self._servers = [_Server(self) for _ in range(HOSTS)]
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            for server in self._servers
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()

    def urls(self) -> list[str]:
        """The addresses of the feeds, by number."""
        ports = [server.server_address[1] for server in self._servers]
        return [f"http://127.0.0.1:{ports[feed % HOSTS]}/{feed}" for feed in range(FEEDS)]

    def begin(self, round_: Round) -> None:
        """Let every feed answer as it does in this round."""
        with self._lock:
            self._round, self._in_round = round_, 0

    def answer_for(self, feed: int) -> Answer:
        with self._lock:
            assert self._round is not None
            return self._round.answers[feed]

    def sent(self, feed: int, how: Fault | str, shown: Sequence[Entry] = ()) -> None:
        """Note an answer and what it showed."""
        with self._lock:
            self.answered[how] += 1
            if shown:
                self.shown.append((feed, tuple(shown)))
            self._in_round += 1
            number = self._in_round
        self._on_answer(number)

    def wait_until_left(self, connection: socket.socket) -> None:
        """Say nothing until the client has gone."""
        connection.settimeout(0.05)
        while not self._stopped.is_set():
            try:
                if not connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, owner: SoakServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients are killed here; what they leave behind is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        owner, feed = self.server.owner, int(self.path.lstrip("/"))
        answer = owner.answer_for(feed)
        body = document(answer.entries)
        etag = f'"{sha256(body).hexdigest()[:16]}"'
        asked = self.headers.get("If-None-Match", "")
        how: Fault | str = answer.fault
        shown: Sequence[Entry] = ()
        match answer.fault:
            case Fault.ERROR:
                status = 500 + 3 * (feed % 2)
                self._send(status, b"Sorry.", {"Retry-After": "120"})
            case Fault.TIMEOUT:
                owner.wait_until_left(self.connection)
                self.close_connection = True
            case Fault.SHORT:
                self._send(200, body[: len(body) // 2], {"ETag": etag}, announced=len(body))
            case Fault.BROKEN_OFF:
                end = body.index(answer.entries[answer.cut].title.encode()) + 5
                self._send(200, body[:end], {"ETag": etag}, announced=None)
                shown = answer.entries[: answer.cut]
            case Fault.PAGE:
                self._send(200, _PAGE, {"Content-Type": "text/html"})
            case Fault.RESET:
                self._reset()
            case Fault.RESET_INSIDE:
                self._send(200, body[: len(body) // 2], {"ETag": etag}, announced=len(body))
                self._reset()
            case Fault.WRONG_304 if asked:
                self._send(304, b"", {"ETag": asked})
            case _ if asked == etag:
                self._send(304, b"", {"ETag": etag})
                how = "unchanged"
            case _:
                self._send(200, body, {"ETag": etag})
                how, shown = Fault.NONE, answer.entries
        owner.sent(feed, how, shown)

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], announced: int | None = -1
    ) -> None:
        """Send an answer that announces its length, another length, or (None) none at all."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if announced is None or announced > len(body):
            self.close_connection = True
            self.send_header("Connection", "close")
        if announced is not None:
            self.send_header("Content-Length", str(max(announced, len(body))))
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.connection.close()

    def finish(self) -> None:
        """Write nothing more on a connection that was reset."""
        try:
            super().finish()
        except (OSError, ValueError):
            return

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""
