"""Where the demo's alerts arrive: a real SMTP server and a real webhook receiver, both local.

Both check what they get the way a stranger would (the mail is parsed, the signature is
verified per the Standard Webhooks specification, version 1) and keep it for the page and
the report.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One mail as its reader's program would take it apart; `when` is simulated time.

    `images` maps a Content-ID (without angle brackets) to (media type, bytes).
    """

    when: datetime
    to: tuple[str, ...]
    subject: str
    html: str
    text: str
    message_id: str = ""
    images: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)

    def standalone_html(self) -> str:
        """The HTML part with its inline pictures as data addresses, for a browser."""
        html = self.html
        for cid, (kind, data) in self.images.items():
            inline = f"data:{kind};base64,{base64.b64encode(data).decode()}"
            html = html.replace(f"cid:{cid}", inline)
        return html


@dataclass(frozen=True, slots=True)
class ReceivedWebhook:
    """One accepted webhook; `id` is the `webhook-id` header, `payload` the parsed body."""

    when: datetime
    url: str
    id: str
    payload: dict[str, Any]


class MailSink:
    """An SMTP server on 127.0.0.1 that accepts everything and keeps it in `mails`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.mails: list[ReceivedMail] = []
        self.host, self.port = "127.0.0.1", 0
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def start(self) -> None:
        """Begin to accept mail; `port` is known afterwards."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Stop accepting mail; safe to call when it was never started."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Called by the server for every mail."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        self.mails.append(read_mail(raw, tuple(envelope.rcpt_tos), self._clock()))
        return "250 OK"

    async def _listen(self) -> asyncio.Server:
        return await self._loop.create_server(
            lambda: SMTP(self, loop=self._loop, hostname="demo.invalid", enable_SMTPUTF8=True),
            self.host,
            0,
        )

    async def _close(self) -> None:
        if self._server:
            self._server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def read_mail(raw: bytes, recipients: tuple[str, ...], when: datetime) -> ReceivedMail:
    """Take a mail apart into its subject, its two texts and its inline pictures."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - what policy.default builds
    images: dict[str, tuple[str, bytes]] = {}
    for part in message.walk():
        if part.get_content_maintype() == "image":
            data = part.get_payload(decode=True)
            if isinstance(data, bytes):
                cid = str(part.get("Content-ID", "")).strip("<> ")
                images[cid] = (part.get_content_type(), data)
    return ReceivedMail(
        when=when,
        to=recipients,
        subject=str(message.get("Subject", "")),
        html=_body(message, "html"),
        text=_body(message, "plain"),
        message_id=str(message.get("Message-ID", "")),
        images=images,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""


class WebhookReceiver:
    """A receiver on 127.0.0.1 that accepts only what is correctly signed.

    The first `refuse_first` well-signed calls are answered with 503, as by a receiver that is
    being restarted, so that the sender has to try again; they count in `refused`.
    """

    def __init__(
        self, secret: str, clock: Callable[[], datetime], *, refuse_first: int = 0
    ) -> None:
        self.webhooks: list[ReceivedWebhook] = []
        self.refused = 0
        self.bad_signatures = 0
        self._secret = secret
        self._clock = clock
        self._refuse = refuse_first
        handler = type("Handler", (_HookHandler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def url(self) -> str:
        """The address that rules name as their webhook."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hooks/framewatch"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; safe to call when it was never started."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def receive(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Judge one call and return the status of the answer."""
        if not signature_holds(self._secret, headers, body):
            self.bad_signatures += 1
            return 401
        if self.refused < self._refuse:
            self.refused += 1
            return 503
        hook = ReceivedWebhook(self._clock(), path, headers["webhook-id"], json.loads(body))
        self.webhooks.append(hook)
        return 204


class _HookHandler(BaseHTTPRequestHandler):
    receiver: WebhookReceiver
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.send_response(self.receiver.receive(self.path, headers, body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - inherited name
        """Stay silent: the demo shows its own progress."""


def signature_holds(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Verify a Standard Webhooks signature: HMAC-SHA256 over "id.timestamp.body".

    The age of the timestamp is not judged: the sender may live in simulated time.
    """
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not stamp.isdecimal():
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{stamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(f"v1,{expected}".encode(), one.encode()) for one in given)
