"""A real HTTP receiver on loopback that keeps every request and answers as told."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from services.errors import RetryableError


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire; header names in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answer:
    """What the receiver answers."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)


class WebhookReceiver:
    """Use as a context manager. `answers` are given in turn, then 204 for ever."""

    def __init__(self, *answers: Answer | int, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.answers = [Answer(item) if isinstance(item, int) else item for item in answers]
        self._arrived = threading.Condition()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks/secret-path"

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
        self._thread.join(10)
        self._server.server_close()

    def wait_for(self, number: int, seconds: float = 60) -> None:
        """Return as soon as this many requests have arrived."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= number, seconds)

    def take(self, request: Request) -> Answer:
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
            return self.answers.pop(0) if self.answers else Answer()


class _Handler(BaseHTTPRequestHandler):
    receiver: WebhookReceiver
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Request(self.path, headers, body))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def do_GET(self) -> None:
        """A redirect that was followed would come as GET, and must not go unseen."""
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  inherited name
        """Stay silent."""


@dataclass(frozen=True)
class PostAnswer:
    """What `post` returns."""

    status: int
    headers: Mapping[str, str]


def post(url: str, *, body: bytes, headers: Mapping[str, str], timeout: float) -> PostAnswer:
    """Post to a receiver on loopback, which the product's own guarded client refuses to do."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request("POST", parts.path, body, dict(headers))
        answer = connection.getresponse()
        answer.read()
        return PostAnswer(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}
        )
    except OSError as error:
        raise RetryableError(f"{parts.hostname} cannot be reached ({error}).") from error
    finally:
        connection.close()
