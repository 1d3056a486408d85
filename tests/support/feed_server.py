"""A real HTTP server on loopback, for feeds, pages and anything else that answers HTTP.

with FeedServer() as server:
    server.set("/feed", 200, {"Content-Type": "application/rss+xml"}, b"<rss>…")
    server.set("/slow", body=drip)             # an iterable of chunks, sent one by one
    server.set("/echo", answer=lambda request: Answer(200, {}, request.body))
    fetch(server.url("/feed"))
    assert server.requests[0].path == "/feed"
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Body = bytes | str | Iterable[bytes] | Callable[[], Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """A request as it arrived; header names are lower case, `path` includes the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What to send. A body that is no bytes is sent chunk by chunk, and then closed."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = b""


class FeedServer:
    """Serves what `set` was told; every other path is 404. Records every request."""

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._answers: dict[str, Callable[[Request], Answer]] = {}
        self._server = _Server((host, 0), _Handler)
        self._server.owner = self
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def set(
        self,
        path: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        body: Body = b"",
        *,
        answer: Callable[[Request], Answer] | None = None,
    ) -> str:
        """Let `path` answer so from now on; returns its URL."""
        fixed = Answer(status, headers or {}, body)
        self._answers[path] = answer or (lambda request: fixed)
        return self.url(path)

    def answer_at(self, path: str) -> Callable[[Request], Answer]:
        """What `path` was told to answer."""
        return self._answers[path]

    def paths(self) -> list[str]:
        """The paths asked for so far, in order."""
        return [request.path for request in self.requests]

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        bare = request.path.partition("?")[0]
        found = self._answers.get(request.path) or self._answers.get(bare)
        return found(request) if found else Answer(404, {}, b"not here")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    owner: FeedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_HEAD(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Stay quiet."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        answer = self.server.owner.answer(request)  # type: ignore[attr-defined]
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        whole = isinstance(body, bytes)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if whole and answer.status != 304:
            self.send_header("Content-Length", str(len(body)))
        elif not whole:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command == "HEAD" or answer.status == 304:
            return
        for chunk in (body,) if whole else body() if callable(body) else body:
            self.wfile.write(chunk)
            self.wfile.flush()
